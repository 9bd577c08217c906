import type { Progress } from "../rehearsal/progress";
import { timesBetter, type Measured } from "./figure";
import { onLoadBalancers, showCost } from "./loadBalancers";
import { inTurns } from "./rounds";

/** A rehearsal's first `up` of 1,000 load balancers, against the default way: every promise traced, every step written down. */
export async function up(progress: Progress): Promise<Measured[]> {
    const { ours, usual } = await inTurns(
        {
            ours: { title: "up of 1,000, a rehearsal", runs: 3, measure: () => onLoadBalancers("up", 1_000, "lean") },
            usual: {
                title: "up of 1,000, the default way",
                runs: 1,
                measure: () => onLoadBalancers("up", 1_000, "default", { checkpoints: true }),
            },
        },
        progress,
        showCost,
    );
    const seconds = { ours: ours.map((cost) => cost.seconds), baseline: usual.map((cost) => cost.seconds) };
    return [timesBetter({ name: "up-1000", unit: "s", ...seconds }, 12)];
}

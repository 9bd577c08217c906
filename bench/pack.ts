import { join } from "node:path";
import { root } from "../rehearsal/engine";
import type { Progress } from "../rehearsal/progress";
import { timesAsMuch, type Measured } from "./figure";
import { onLoadBalancers, showCost } from "./loadBalancers";
import { inTurns } from "./rounds";

/** What the policy pack adds to a preview of 1,000 load balancers. */
export async function pack(progress: Progress): Promise<Measured[]> {
    const policyPacks = [join(root, "policy")];
    const { ours, plain } = await inTurns(
        {
            plain: {
                title: "preview of 1,000 without the pack",
                runs: 3,
                measure: () => onLoadBalancers("preview", 1_000, "lean"),
            },
            ours: {
                title: "preview of 1,000 with the pack",
                runs: 3,
                measure: () => onLoadBalancers("preview", 1_000, "lean", { policyPacks }),
            },
        },
        progress,
        showCost,
    );
    const cpu = { ours: ours.map((cost) => cost.cpuSeconds), baseline: plain.map((cost) => cost.cpuSeconds) };
    const wall = { ours: ours.map((cost) => cost.seconds), baseline: plain.map((cost) => cost.seconds) };
    return [
        timesAsMuch({ name: "pack-cpu", unit: "s", ...cpu }, 1.2),
        timesAsMuch({ name: "pack-wall", unit: "s", ...wall }, 1.5),
    ];
}

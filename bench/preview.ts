import type { Progress } from "../rehearsal/progress";
import { median, timesAsMuch, timesBetter, type Measured } from "./figure";
import { onLoadBalancers, showCost } from "./loadBalancers";
import { inTurns } from "./rounds";

/** A preview of 1,000 load balancers, ours against the default way. */
export async function preview(progress: Progress): Promise<Measured[]> {
    const side = (way: "lean" | "default", runs: number) => ({
        title: `preview of 1,000, ${way === "lean" ? "ours" : "the default way"}`,
        runs,
        measure: () => onLoadBalancers("preview", 1_000, way),
    });
    const { ours, usual } = await inTurns({ ours: side("lean", 3), usual: side("default", 1) }, progress, showCost);
    const seconds = { ours: ours.map((cost) => cost.seconds), baseline: usual.map((cost) => cost.seconds) };
    return [timesBetter({ name: "preview-1000", unit: "s", ...seconds }, 6)];
}

/**
 * What one more load balancer costs near 5,000 against near 1,000. The start of engine, program and provider is taken out,
 * or a dear start would make the few look as dear as the many.
 */
export async function previewLinear(progress: Progress): Promise<Measured[]> {
    const side = (count: number, runs: number) => ({
        title: `preview of ${count.toLocaleString("en")}`,
        runs,
        measure: () => onLoadBalancers("preview", count, "lean"),
    });
    const sides = { few: side(100, 3), some: side(1_000, 3), many: side(5_000, 2) };
    const costs = await inTurns(sides, progress, showCost);
    const [few, some, many] = [costs.few, costs.some, costs.many].map((runs) =>
        median(runs.map(({ seconds }) => seconds)),
    );
    const figure = timesAsMuch(
        {
            name: "preview-one-resource-at-5000",
            unit: "ms",
            ours: [((many - some) / 4_000) * 1_000],
            baseline: [((some - few) / 900) * 1_000],
        },
        1.2,
    );
    return [{ ...figure, runs: "2 of 5,000; 3 of 1,000 and of 100" }];
}

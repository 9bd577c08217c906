import type { compute } from "@pulumi/azure-native/types/input";
import type { UpgradeArgs } from "../../pools";
import type { WorkerPool } from "./pools";

/** Azure takes shares of 5 to 100 %. */
const SMALLEST_BATCH_PERCENT = 5;

/**
 * How a changed model (another Kubernetes, another image) goes through a scale set: new machines first, and as many old
 * ones go when the new ones are healthy. Nothing of a worker is kept, its disk neither.
 */
export function rollingUpgrade(pool: Pick<WorkerPool, "maxNodes">, upgrades: UpgradeArgs): compute.UpgradePolicyArgs {
    const batch = surgePercent(pool.maxNodes, upgrades.maxSurge);
    return {
        mode: "Rolling",
        rollingUpgradePolicy: {
            maxSurge: true,
            maxBatchInstancePercent: batch,
            // Azure wants at least the batch here. A batch that does not get healthy ends the upgrade.
            maxUnhealthyInstancePercent: Math.max(batch, 20),
            maxUnhealthyUpgradedInstancePercent: 0,
            pauseTimeBetweenBatches: `PT${upgrades.nodeSoakMinutes}M`,
            prioritizeUnhealthyInstances: true,
            rollbackFailedInstancesOnPolicyBreach: false,
        },
    };
}

/** The surge as a share of the scale set: a number of machines is one of the pool's maximum. */
export function surgePercent(maxNodes: number, maxSurge: string): number {
    const percent = maxSurge.endsWith("%")
        ? Number(maxSurge.slice(0, -1))
        : Math.ceil((Number(maxSurge) * 100) / maxNodes);
    return Math.min(100, Math.max(SMALLEST_BATCH_PERCENT, percent));
}

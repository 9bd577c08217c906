import type { PreflightArgs } from "../../preflight";
import type { Environment } from "../../site";
import { clusterNames } from "./names";
import type { SystemPoolArgs, UpgradeArgs, UserPoolArgs } from "../pools";
import { withSurge } from "../surge";

/** What a managed cluster may ask of the subscription at the most: every pool at its maximum and in an upgrade. */
export function aksNeeds(
    environment: Environment,
    {
        systemPool,
        userPools,
        upgrades,
    }: { systemPool: SystemPoolArgs; userPools: UserPoolArgs[]; upgrades: UpgradeArgs },
): PreflightArgs {
    const names = clusterNames(environment);
    return {
        location: environment.location,
        needs: [
            {
                setting: "cluster.systemPool",
                size: systemPool.size,
                zones: environment.zones,
                machines: withSurge(systemPool.maxNodes, upgrades.maxSurge),
                osDiskGiB: systemPool.osDiskGiB,
            },
            ...userPools.map((pool, index) => ({
                setting: `cluster.userPools[${index}]`,
                size: pool.size,
                zones: environment.zones,
                machines: withSurge(pool.maxNodesPerZone, upgrades.maxSurge) * environment.zones.length,
                osDiskGiB: pool.osDiskGiB,
            })),
        ],
        namespaces: ["Microsoft.ContainerService"],
        existing: [
            {
                path: `/resourceGroups/${names.resourceGroup}/providers/Microsoft.ContainerService/managedClusters/${names.cluster}?api-version=2025-09-01`,
                read: ({ properties }) => properties?.agentPoolProfiles ?? [],
            },
        ],
        questions: [],
    };
}

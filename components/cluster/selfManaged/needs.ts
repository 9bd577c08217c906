import { controlPlaneGroup } from "../../controlPlane";
import type { PreflightArgs } from "../../preflight";
import type { Environment } from "../../site";
import type { SystemPoolArgs, UpgradeArgs, UserPoolArgs } from "../pools";
import { withSurge } from "../surge";
import { nodeGroup } from "./names";
import { replacedMachines } from "./replacedMachines";

/** What a self-managed cluster may ask of the subscription at the most: its machines, every pool at its maximum and in an upgrade. */
export function selfManagedNeeds(
    environment: Environment,
    {
        systemPool,
        userPools,
        upgrades,
    }: { systemPool: SystemPoolArgs; userPools: UserPoolArgs[]; upgrades: UpgradeArgs },
    controlPlane: { machines: number; size: string; generations: Record<string, number> },
): PreflightArgs {
    const { prefix, location, zones } = environment;
    const inEachZone = (nodes: number) => withSurge(nodes, upgrades.maxSurge) * zones.length;
    return {
        location,
        needs: [
            // They are replaced one after another, and each goes before it comes.
            {
                setting: "controlPlane",
                size: controlPlane.size,
                zones,
                machines: controlPlane.machines,
                trustedLaunch: true,
            },
            {
                setting: "cluster.systemPool",
                size: systemPool.size,
                zones,
                machines: inEachZone(Math.ceil(systemPool.maxNodes / zones.length)),
                osDiskGiB: systemPool.osDiskGiB,
                trustedLaunch: true,
            },
            ...userPools.map((pool, index) => ({
                setting: `cluster.userPools[${index}]`,
                size: pool.size,
                zones,
                machines: inEachZone(pool.maxNodesPerZone),
                osDiskGiB: pool.osDiskGiB,
                trustedLaunch: true,
            })),
        ],
        namespaces: ["Microsoft.KeyVault", "Microsoft.Storage"],
        existing: [
            {
                path: machinesIn(controlPlaneGroup(environment), "virtualMachines"),
                read: ({ value = [] }) =>
                    value.map((machine: any) => ({ vmSize: machine.properties?.hardwareProfile?.vmSize, count: 1 })),
            },
            {
                path: machinesIn(nodeGroup(environment), "virtualMachineScaleSets"),
                read: ({ value = [] }) => value.map(({ sku }: any) => ({ vmSize: sku?.name, count: sku?.capacity })),
            },
        ],
        questions: [replacedMachines(prefix, controlPlane)],
    };
}

function machinesIn(resourceGroupName: string, type: string): string {
    return `/resourceGroups/${resourceGroupName}/providers/Microsoft.Compute/${type}?api-version=2024-11-01`;
}

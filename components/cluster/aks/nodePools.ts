import { AgentPool } from "@pulumi/azure-native/containerservice/agentPool";
import type { containerservice } from "@pulumi/azure-native/types/input";
import type * as pulumi from "@pulumi/pulumi";
import type { NodePool } from "../cluster";
import {
    SPOT_TAINT,
    SYSTEM_POOL,
    SYSTEM_TAINT,
    type SystemPoolArgs,
    type UpgradeArgs,
    type UserPoolArgs,
} from "../pools";

/** Where the autoscaler's number of nodes stands, which is not ours to set after the first time. */
export const SYSTEM_COUNT = `agentPoolProfiles[0].count`;
const POOL_COUNT = "count";

interface Common {
    kubernetesVersion: string;
    upgrades: UpgradeArgs;
    tags: Record<string, string>;
}

/** The inline system pool: over all zones, tainted. */
export function systemPoolProfile(
    pool: SystemPoolArgs,
    common: Common & { zones: string[]; subnetId: pulumi.Input<string> },
) {
    return {
        name: SYSTEM_POOL,
        mode: "System",
        availabilityZones: common.zones,
        vnetSubnetID: common.subnetId,
        count: pool.minNodes,
        minCount: pool.minNodes,
        maxCount: pool.maxNodes,
        nodeTaints: [SYSTEM_TAINT],
        ...machine(pool, common),
    } satisfies containerservice.ManagedClusterAgentPoolProfileArgs;
}

/**
 * User pools, each a resource of its own in one zone, so that the autoscaler can add a node in the very zone where a pod's
 * disk is, and one can be changed without touching the cluster.
 */
export function createUserPools(
    name: string,
    pools: UserPoolArgs[],
    common: Common & {
        zones: string[];
        zoneSubnetIds: Record<string, pulumi.Input<string>>;
        resourceGroupName: pulumi.Input<string>;
        clusterName: pulumi.Input<string>;
    },
    opts: pulumi.CustomResourceOptions,
): AgentPool[] {
    return pools.flatMap((pool) =>
        common.zones.map(
            (zone) =>
                new AgentPool(
                    `${name}-${pool.name}-${zone}`,
                    {
                        agentPoolName: poolName(pool, zone),
                        resourceName: common.clusterName,
                        resourceGroupName: common.resourceGroupName,
                        mode: "User",
                        availabilityZones: [zone],
                        vnetSubnetID: common.zoneSubnetIds[zone],
                        count: pool.minNodesPerZone,
                        minCount: pool.minNodesPerZone,
                        maxCount: pool.maxNodesPerZone,
                        nodeLabels: pool.labels,
                        nodeTaints: pool.taints,
                        ...(pool.spot ? spot : {}),
                        ...machine(pool, common),
                    },
                    { ...opts, ignoreChanges: [POOL_COUNT] },
                ),
        ),
    );
}

/** At most the usual price; a machine that is taken back is gone, and the autoscaler asks for another. */
const spot = { scaleSetPriority: "Spot", scaleSetEvictionPolicy: "Delete", spotMaxPrice: -1 };

/** What the face tells of the pools. */
export function describePools(systemPool: SystemPoolArgs, userPools: UserPoolArgs[], zones: string[]): NodePool[] {
    return [
        {
            name: SYSTEM_POOL,
            mode: "system",
            zones,
            size: systemPool.size,
            minNodes: systemPool.minNodes,
            maxNodes: systemPool.maxNodes,
            labels: {},
            taints: [SYSTEM_TAINT],
        },
        ...userPools.flatMap((pool) =>
            zones.map((zone) => ({
                name: poolName(pool, zone),
                mode: "user" as const,
                zones: [zone],
                size: pool.size,
                minNodes: pool.minNodesPerZone,
                maxNodes: pool.maxNodesPerZone,
                labels: pool.labels,
                taints: pool.spot ? [...pool.taints, SPOT_TAINT] : pool.taints,
            })),
        ),
    ];
}

function poolName(pool: UserPoolArgs, zone: string): string {
    return `${pool.name}${zone}`;
}

/** What a node is, in either kind of pool. */
function machine(pool: { size: string; osDiskGiB: number; maxPods: number; spot?: boolean }, common: Common) {
    return {
        type: "VirtualMachineScaleSets",
        vmSize: pool.size,
        osType: "Linux",
        osSKU: "AzureLinux",
        osDiskType: "Ephemeral",
        osDiskSizeGB: pool.osDiskGiB,
        enableEncryptionAtHost: true,
        enableNodePublicIP: false,
        enableAutoScaling: true,
        maxPods: pool.maxPods,
        // The minor version only: which patch, Azure decides and moves, and asking for the same minor again changes nothing.
        orchestratorVersion: common.kubernetesVersion,
        upgradeSettings: {
            // AKS adds no spot nodes for an upgrade: a pool of them takes one node down after another.
            ...(pool.spot ? {} : { maxSurge: common.upgrades.maxSurge }),
            drainTimeoutInMinutes: common.upgrades.drainTimeoutMinutes,
            nodeSoakDurationInMinutes: common.upgrades.nodeSoakMinutes,
        },
        tags: common.tags,
    };
}

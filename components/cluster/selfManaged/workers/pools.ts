import type { NodePool } from "../../cluster";
import { SPOT_TAINT, SYSTEM_POOL, SYSTEM_TAINT, type SystemPoolArgs, type UserPoolArgs } from "../../pools";

/** Label that tells the system pool's nodes from the others, and its values, as on AKS. */
export const MODE_LABEL = "kubernetes.azure.com/mode";

const SPOT_LABEL = { "kubernetes.azure.com/scalesetpriority": "spot" };

/** Machines of one pool in one zone: a scale set. */
export interface WorkerPool {
    /** Pool and zone, such as `general1`: label `agentpool` of its nodes. */
    name: string;
    mode: "system" | "user";
    zone: string;
    size: string;
    minNodes: number;
    maxNodes: number;
    osDiskGiB: number;
    maxPods: number;
    /** Labels that its kubelets start with. */
    labels: Record<string, string>;
    /** `key=value:effect` */
    taints: string[];
    /** Machines that Azure may take back. */
    spot: boolean;
}

/**
 * Pools by zone: each a scale set of its own, so that the autoscaler can add a node in the very zone where a pod's disk is.
 * The system pool's numbers are for all zones and divided, rounding up: a zone that is left alone is not short of a node.
 */
export function planPools(systemPool: SystemPoolArgs, userPools: UserPoolArgs[], zones: string[]): WorkerPool[] {
    const share = (nodes: number) => Math.ceil(nodes / zones.length);
    const system = zones.map((zone): WorkerPool => ({
        name: `${SYSTEM_POOL}${zone}`,
        mode: "system",
        zone,
        size: systemPool.size,
        minNodes: share(systemPool.minNodes),
        maxNodes: share(systemPool.maxNodes),
        osDiskGiB: systemPool.osDiskGiB,
        maxPods: systemPool.maxPods,
        labels: { [MODE_LABEL]: "system" },
        taints: [SYSTEM_TAINT],
        spot: false,
    }));
    const user = userPools.flatMap((pool) =>
        zones.map((zone): WorkerPool => {
            const spot = pool.spot ?? false;
            return {
                name: `${pool.name}${zone}`,
                mode: "user",
                zone,
                size: pool.size,
                minNodes: pool.minNodesPerZone,
                maxNodes: pool.maxNodesPerZone,
                osDiskGiB: pool.osDiskGiB,
                maxPods: pool.maxPods,
                labels: { ...pool.labels, [MODE_LABEL]: "user", ...(spot ? SPOT_LABEL : {}) },
                taints: spot && !pool.taints.includes(SPOT_TAINT) ? [...pool.taints, SPOT_TAINT] : pool.taints,
                spot,
            };
        }),
    );
    return [...system, ...user];
}

/** What the face tells of the pools. */
export function describePools(pools: WorkerPool[]): NodePool[] {
    return pools.map(({ name, mode, zone, size, minNodes, maxNodes, labels, taints }) => {
        return { name, mode, zones: [zone], size, minNodes, maxNodes, labels, taints };
    });
}

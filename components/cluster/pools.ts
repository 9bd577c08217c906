/** The pool for the cluster's own pods. */
export interface SystemPoolArgs {
    /** Virtual machine size, such as `Standard_D4ds_v5`. */
    size: string;
    /** Over all zones. */
    minNodes: number;
    maxNodes: number;
    osDiskGiB: number;
    maxPods: number;
}

/** A kind of node for workloads; becomes one pool in each zone. */
export interface UserPoolArgs {
    /** Up to 11 lower-case letters and digits: the zone's digit is added. */
    name: string;
    size: string;
    minNodesPerZone: number;
    maxNodesPerZone: number;
    osDiskGiB: number;
    maxPods: number;
    labels: Record<string, string>;
    /** `key=value:effect` */
    taints: string[];
    /** Machines that Azure may take back at 30 seconds' notice. */
    spot: boolean;
}

/** How an upgrade goes through a pool. */
export interface UpgradeArgs {
    /** Nodes added meanwhile: a number or a percentage, such as `33%`. */
    maxSurge: string;
    drainTimeoutMinutes: number;
    nodeSoakMinutes: number;
}

/** Name of the pool for the cluster's own pods. On AKS it is the inline one, which cannot be renamed or done without: it never changes. */
export const SYSTEM_POOL = "system";

/** Keeps everything but the cluster's own pods off. */
export const SYSTEM_TAINT = "CriticalAddonsOnly=true:NoSchedule";

/** AKS puts it on spot nodes by itself; on machines of our own so do we. */
export const SPOT_TAINT = "kubernetes.azure.com/scalesetpriority=spot:NoSchedule";

import type { Unwrap } from "@pulumi/pulumi";
import type { AgentPoolArgs } from "@pulumi/azure-native/containerservice/agentPool";
import type { Judged } from "./kinds";
import type { Judge } from "./rule";
import { each, some } from "./reading";

/** A pool of nodes has two shapes: a line of the cluster, or a resource of its own. Rules on pools judge both. */
export const poolKinds: ("azure-native:containerservice:AgentPool" | "azure-native:containerservice:ManagedCluster")[] =
    ["azure-native:containerservice:ManagedCluster", "azure-native:containerservice:AgentPool"];

type PoolHolder = Judged<(typeof poolKinds)[number]>;

export type NodePool = Omit<Unwrap<AgentPoolArgs>, "agentPoolName" | "resourceGroupName" | "resourceName">;

/** Visits every pool with the path of its properties. */
export function eachPool(holder: PoolHolder, visit: (pool: NodePool, path: string) => void): void {
    if (holder.kind === "azure-native:containerservice:AgentPool") return visit(holder.props, "");
    each(holder.props.agentPoolProfiles, (pool, index) => visit(pool, `agentPoolProfiles[${index}].`));
}

/** Visits the pools of one mode; a holder that has none is left out of the evidence. */
export function eachPoolOf(
    mode: "System" | "User",
    holder: PoolHolder,
    judge: Judge,
    visit: (pool: NodePool, path: string) => void,
): void {
    if (!holdsPoolOf(mode, holder)) judge.notConcerned(`It has no ${mode.toLowerCase()} pool`);
    eachPool(holder, (pool, path) => {
        if (modeOf(pool) === mode) visit(pool, path);
    });
}

function holdsPoolOf(mode: string, holder: PoolHolder): boolean {
    if (holder.kind === "azure-native:containerservice:AgentPool") return modeOf(holder.props) === mode;
    return some(holder.props.agentPoolProfiles, (pool) => modeOf(pool) === mode);
}

/** A pool that states no mode is a user pool. */
export function modeOf(pool: NodePool): string {
    return pool.mode ?? "User";
}

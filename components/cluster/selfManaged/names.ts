import type { Site } from "../../site";

/** Names that people look for in Azure. */
export function selfManagedNames({ prefix, subscriptionId }: Pick<Site, "prefix" | "subscriptionId">) {
    const group = (name: string) => `/subscriptions/${subscriptionId}/resourceGroups/${name}`;
    const nodeResourceGroup = `${prefix}-nodes`;
    return {
        /** Scale sets, disks of pods, load balancers of Services: it goes with the cluster. */
        nodeResourceGroup,
        nodeResourceGroupId: group(nodeResourceGroup),
        /** The control plane's: what its component makes. */
        controlPlaneGroupId: group(`${prefix}-cluster`),
    };
}

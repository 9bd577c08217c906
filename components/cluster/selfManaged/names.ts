import { controlPlaneGroup } from "../../controlPlane";
import type { Environment, Site } from "../../site";

/** Group of scale sets, disks of pods, load balancers of Services: it goes with the cluster. */
export function nodeGroup({ prefix }: Pick<Environment, "prefix">): string {
    return `${prefix}-nodes`;
}

/** Names that people look for in Azure. */
export function selfManagedNames({ prefix, subscriptionId }: Pick<Site, "prefix" | "subscriptionId">) {
    const group = (name: string) => `/subscriptions/${subscriptionId}/resourceGroups/${name}`;
    const nodeResourceGroup = nodeGroup({ prefix });
    return {
        nodeResourceGroup,
        nodeResourceGroupId: group(nodeResourceGroup),
        /** The control plane's: what its component makes. */
        controlPlaneGroupId: group(controlPlaneGroup({ prefix })),
    };
}

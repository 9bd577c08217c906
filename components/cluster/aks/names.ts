import type { Environment } from "../../site";

/** Names that people look for in Azure. */
export function clusterNames({ prefix }: Pick<Environment, "prefix">) {
    return {
        cluster: prefix,
        resourceGroup: `${prefix}-cluster`,
        /** AKS makes it and takes it away again with the cluster. */
        nodeResourceGroup: `${prefix}-nodes`,
    };
}

import type { WorkerPool } from "./pools";

const LABEL = "k8s.io_cluster-autoscaler_node-template_label_";
const TAINT = "k8s.io_cluster-autoscaler_node-template_taint_";

/**
 * Tags by which the cluster autoscaler finds a scale set and its limits, and, for a scale set that has no machine to look
 * at, what labels and taints its nodes would have (cluster-autoscaler/cloudprovider/azure in kubernetes/autoscaler).
 */
export function autoscalerTags(cluster: string, pool: WorkerPool): Record<string, string> {
    const labels = Object.entries({ ...pool.labels, agentpool: pool.name });
    return {
        "cluster-autoscaler-enabled": "true",
        "cluster-autoscaler-name": cluster,
        min: String(pool.minNodes),
        max: String(pool.maxNodes),
        ...Object.fromEntries(labels.map(([key, value]) => [LABEL + tagName(key), value])),
        ...Object.fromEntries(
            pool.taints.map((taint) => {
                const [, key, value, effect] = /^([^=:]+)(?:=([^:]*))?:(.+)$/.exec(taint) ?? [];
                return [TAINT + tagName(key), `${value ?? ""}:${effect}`];
            }),
        ),
    };
}

/** A tag's name has no slash in it: the autoscaler reads `_` as one, and `~2` as an underscore. */
function tagName(key: string): string {
    return key.replaceAll("_", "~2").replaceAll("/", "_");
}

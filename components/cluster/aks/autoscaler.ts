/** AKS's cluster autoscaler: one profile for all pools, every value a string. */
export const autoScalerProfile = {
    // One pool a zone: grow them alike.
    balanceSimilarNodeGroups: "true",
    expander: "random",
    scanInterval: "10s",
    scaleDownUnneededTime: "10m",
    scaleDownUtilizationThreshold: "0.5",
    scaleDownDelayAfterAdd: "10m",
    maxGracefulTerminationSec: "600",
    // A node with an emptyDir on it would otherwise stay for ever; pods of kube-system keep theirs.
    skipNodesWithLocalStorage: "false",
    skipNodesWithSystemPods: "true",
} as const;

/** Namespaces that Kubernetes makes and that have no pods. */
export const emptyNamespaces = ["default", "kube-public", "kube-node-lease"];

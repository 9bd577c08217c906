/**
 * Namespaces with pods that the cluster makes for itself: Kubernetes, AKS, or an add-on of the self-managed cluster's.
 * Nobody labels them, and their pods are not ours to judge.
 */
export const clusterNamespaces = [
    "kube-system",
    // AKS: Azure Policy, Calico, application routing, `az aks command invoke`, the Istio add-on, Backup, Arc's extensions.
    "gatekeeper-system",
    "calico-system",
    "calico-apiserver",
    "tigera-operator",
    "app-routing-system",
    "aks-command",
    "aks-istio-system",
    "aks-istio-ingress",
    "aks-istio-egress",
    "dataprotection-microsoft",
    "azure-arc",
    // Self-managed: the chart's own.
    "azure-workload-identity-system",
];

/** Namespaces that Kubernetes makes and that have no pods. */
export const emptyNamespaces = ["default", "kube-public", "kube-node-lease"];

/**
 * Namespaces that AKS makes for parts of its own: whole names, because anybody could take a beginning. Not all are there in
 * every cluster; AKS makes some when a feature is switched on.
 */
export const SYSTEM_NAMESPACES = [
    "kube-system",
    // `az aks command invoke`
    "aks-command",
    // Azure Policy
    "gatekeeper-system",
    // application routing
    "app-routing-system",
    // the Istio add-on
    "aks-istio-system",
    "aks-istio-ingress",
    "aks-istio-egress",
    // Backup
    "dataprotection-microsoft",
    // extensions, Defender's and Flux's among them
    "azure-arc",
];

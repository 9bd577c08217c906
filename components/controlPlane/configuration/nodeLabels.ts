/** Under kubernetes.io and k8s.io a kubelet may give itself these labels, and no others (NodeRestriction). */
const OWN = [
    "kubernetes.io/hostname",
    "kubernetes.io/arch",
    "kubernetes.io/os",
    "beta.kubernetes.io/arch",
    "beta.kubernetes.io/os",
    "beta.kubernetes.io/instance-type",
    "node.kubernetes.io/instance-type",
    "failure-domain.beta.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/zone",
    "topology.kubernetes.io/region",
    "topology.kubernetes.io/zone",
];
const OWN_SPACES = ["kubelet.kubernetes.io", "node.kubernetes.io"];

/** Labels that a kubelet does not start with: only somebody with rights on nodes may set them. */
export function forbiddenNodeLabels(labels: Record<string, string>): string[] {
    return Object.keys(labels).filter((label) => {
        const space = label.includes("/") ? label.split("/")[0] : "";
        const within = (domain: string) => space === domain || space.endsWith(`.${domain}`);
        return (within("kubernetes.io") || within("k8s.io")) && !OWN.includes(label) && !OWN_SPACES.some(within);
    });
}

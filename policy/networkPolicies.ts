import { checklist } from "./checklist";
import { controlPlaneReads, controlPlanesOf } from "./controlPlanes";
import { shown } from "./finding";
import { resourceRule, stackRule } from "./rule";

const networkPolicyEngine = resourceRule({
    name: "network-policy-engine",
    item: checklist.networkPolicies,
    title: "A cluster has an engine that enforces network policies",
    severity: "critical",
    why: "Without one the API server accepts every NetworkPolicy and nothing enforces it.",
    mend: 'Set networkProfile: { networkDataplane: "cilium", networkPolicy: "cilium" }.',
    kinds: ["azure-native:containerservice:ManagedCluster"],
    check({ props }, judge) {
        const allowed = ["cilium", "calico", "azure"];
        const network = props.networkProfile;
        if (allowed.includes(network?.networkPolicy ?? "") || network?.networkDataplane === "cilium") return;
        judge.refuse({
            at: "networkProfile.networkPolicy",
            given: shown(network?.networkPolicy),
            allowed: `${allowed.join(", ")}, or networkDataplane cilium`,
        });
    },
});

const networkPolicyChart = stackRule({
    name: "network-policy-chart",
    item: checklist.networkPolicies,
    title: "A self-managed cluster gets a network that enforces network policies",
    severity: "critical",
    why: "Without one the API server accepts every NetworkPolicy and nothing enforces it.",
    mend: "Install Cilium, or Calico, as a Release in the same program.",
    kind: "azure-native:compute:VirtualMachine",
    reads: [...controlPlaneReads, "kubernetes:helm.sh/v3:Release"],
    check(stack) {
        const planes = controlPlanesOf(stack);
        const charts = stack.all("kubernetes:helm.sh/v3:Release").map(({ props }) => props.chart ?? "");
        if (charts.some((chart) => /(^|\/)(cilium|tigera-operator|calico|antrea)(-[\w.]+\.tgz)?$/.test(chart))) return;
        for (const [machine] of planes) {
            stack.refuse(machine, {
                at: "the charts of its cluster",
                given: "none that enforces network policies",
                allowed: "cilium, tigera-operator, calico or antrea",
            });
        }
    },
});

export const networkPolicies = [networkPolicyEngine, networkPolicyChart];

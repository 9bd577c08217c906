import { networkPolicyChart } from "./charts";
import { checklist } from "./checklist";
import { shown } from "./finding";
import { resourceRule } from "./rule";

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

export const networkPolicies = [networkPolicyEngine, networkPolicyChart];

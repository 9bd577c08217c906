import { checklist } from "./checklist";
import { shown } from "./finding";
import { resourceRule } from "./rule";

const standardLoadBalancer = resourceRule({
    name: "standard-load-balancer",
    item: checklist.loadBalancer,
    title: "Load balancers are of the Standard kind",
    severity: "high",
    why: "A Basic load balancer knows no zones, and Azure has retired it; behind it one zone's loss takes everything.",
    mend: "Choose the Standard kind, which for a cluster is the default.",
    kinds: ["azure-native:containerservice:ManagedCluster", "azure-native:network:LoadBalancer"],
    check(resource, judge) {
        if (resource.kind === "azure-native:containerservice:ManagedCluster") {
            const given = resource.props.networkProfile?.loadBalancerSku;
            if ((given ?? "standard").toLowerCase() !== "standard") {
                judge.refuse({ at: "networkProfile.loadBalancerSku", given: shown(given), allowed: "standard" });
            }
            return;
        }
        const given = resource.props.sku?.name;
        if (!["Standard", "Gateway"].includes(given ?? "")) {
            judge.refuse({ at: "sku.name", given: shown(given), allowed: "Standard, or Gateway" });
        }
    },
});

export const loadBalancer = [standardLoadBalancer];

import { checklist } from "./checklist";
import { shown } from "./finding";
import { resourceRule } from "./rule";

const standardTier = resourceRule({
    name: "standard-tier",
    item: checklist.controlPlane,
    title: "A cluster's control plane is of the Standard or Premium tier",
    severity: "high",
    why: "The Free tier has no agreed availability and few replicas of the API server; Standard spreads them over the zones.",
    mend: 'Set sku: { name: "Base", tier: "Standard" }.',
    kinds: ["azure-native:containerservice:ManagedCluster"],
    check({ props }, judge) {
        const allowed = ["Standard", "Premium"];
        const tier = props.sku?.tier;
        if (allowed.includes(tier ?? "")) return;
        judge.refuse({ at: "sku.tier", given: shown(tier), allowed: allowed.join(" or ") });
    },
});

export const controlPlane = [standardTier];

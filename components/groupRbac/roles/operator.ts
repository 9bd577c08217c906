import { READ, type Role } from "../role";
import { auditor } from "./auditor";

export const operator: Role = {
    name: "mainstay:operator",
    binding: "mainstay:operators",
    describes: "Looks after nodes, in the whole cluster; reads what an auditor reads.",
    rules: [
        ...auditor.rules,
        {
            why: "Cordon and uncordon. RBAC knows no part of an object: labels and taints can be changed, too.",
            resources: ["nodes"],
            verbs: ["patch"],
        },
        {
            why: "Drain: evictions keep to the pods' disruption budgets, which deleting would not.",
            resources: ["pods/eviction"],
            verbs: ["create"],
        },
        {
            why: "Who leads, and what the network's agents made of nodes and pods.",
            resources: [
                "leases.coordination.k8s.io",
                "ciliumnodes.cilium.io",
                "ciliumendpoints.cilium.io",
                "ciliumidentities.cilium.io",
            ],
            verbs: READ,
        },
    ],
};

import { READ, type Role, type RoleRule } from "../role";

/** State and configuration of a team's work, of every namespace alike. */
export const stateOfWork: RoleRule[] = [
    {
        why: "What runs, and what it belongs to.",
        resources: [
            "pods",
            "deployments.apps",
            "statefulsets.apps",
            "daemonsets.apps",
            "replicasets.apps",
            "controllerrevisions.apps",
            "jobs.batch",
            "cronjobs.batch",
        ],
        verbs: READ,
    },
    {
        why: "How it is configured. A ConfigMap is configuration: what is confidential belongs into a Secret.",
        resources: [
            "configmaps",
            "serviceaccounts",
            "persistentvolumeclaims",
            "volumesnapshots.snapshot.storage.k8s.io",
        ],
        verbs: READ,
    },
    {
        why: "How it is reached.",
        resources: [
            "services",
            "endpoints",
            "endpointslices.discovery.k8s.io",
            "ingresses.networking.k8s.io",
            "httproutes.gateway.networking.k8s.io",
            "grpcroutes.gateway.networking.k8s.io",
            "certificates.cert-manager.io",
            "certificaterequests.cert-manager.io",
            "issuers.cert-manager.io",
            "orders.acme.cert-manager.io",
            "challenges.acme.cert-manager.io",
        ],
        verbs: READ,
    },
    {
        why: "How it grows and shrinks, and how many of its pods may be away.",
        resources: [
            "horizontalpodautoscalers.autoscaling",
            "verticalpodautoscalers.autoscaling.k8s.io",
            "poddisruptionbudgets.policy",
        ],
        verbs: READ,
    },
    {
        why: "How it is watched, and how it does: events, and what pods use.",
        resources: [
            "servicemonitors.monitoring.coreos.com",
            "podmonitors.monitoring.coreos.com",
            "prometheusrules.monitoring.coreos.com",
            "events",
            "events.events.k8s.io",
            "pods.metrics.k8s.io",
        ],
        verbs: READ,
    },
    {
        why: "What limits it: seen, so that a refusal can be understood; changed by the stack's settings alone.",
        resources: [
            "resourcequotas",
            "limitranges",
            "networkpolicies.networking.k8s.io",
            "ciliumnetworkpolicies.cilium.io",
            "roles.rbac.authorization.k8s.io",
            "rolebindings.rbac.authorization.k8s.io",
        ],
        verbs: READ,
    },
];

/** Logs are not state: what a program writes there may be anybody's personal data. Nor are Secrets. */
export const viewer: Role = {
    name: "mainstay:viewer",
    binding: "mainstay:viewers",
    describes: "Sees the state and configuration of a team's work; neither Secrets nor logs.",
    rules: [
        ...stateOfWork,
        {
            why: "The namespace itself, with its labels; not the list of all.",
            resources: ["namespaces"],
            verbs: ["get"],
        },
    ],
};

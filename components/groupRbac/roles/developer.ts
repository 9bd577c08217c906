import { type Role, WRITE } from "../role";
import { viewer } from "./viewer";

/**
 * Deploys. No DaemonSets: a pod on every node of everybody is the platform's matter. No Endpoints: they would lead others'
 * requests elsewhere. Nothing that says who may do what, or how much.
 */
export const developer: Role = {
    name: "mainstay:developer",
    binding: "mainstay:developers",
    describes: "Deploys a team's work and reads its logs; sees what a viewer sees.",
    rules: [
        ...viewer.rules,
        { why: "What the programs say.", resources: ["pods/log"], verbs: ["get"] },
        {
            why: "Workloads. A pod runs as any service account of its namespace and mounts any Secret of it.",
            resources: ["pods", "deployments.apps", "statefulsets.apps", "jobs.batch", "cronjobs.batch"],
            verbs: WRITE,
        },
        {
            why: "How many there are of them.",
            resources: ["deployments.apps/scale", "statefulsets.apps/scale"],
            verbs: ["get", "update", "patch"],
        },
        {
            why: "What workloads are configured with and run as. A service account has no rights but those that the platform gives.",
            resources: ["configmaps", "serviceaccounts"],
            verbs: WRITE,
        },
        {
            why: "How they are reached.",
            resources: [
                "services",
                "ingresses.networking.k8s.io",
                "httproutes.gateway.networking.k8s.io",
                "grpcroutes.gateway.networking.k8s.io",
                "certificates.cert-manager.io",
            ],
            verbs: WRITE,
        },
        {
            why: "How they grow and shrink, and how many may be away.",
            resources: [
                "horizontalpodautoscalers.autoscaling",
                "verticalpodautoscalers.autoscaling.k8s.io",
                "poddisruptionbudgets.policy",
            ],
            verbs: WRITE,
        },
        {
            why: "How they are watched.",
            resources: [
                "servicemonitors.monitoring.coreos.com",
                "podmonitors.monitoring.coreos.com",
                "prometheusrules.monitoring.coreos.com",
            ],
            verbs: WRITE,
        },
        {
            why: "Volumes and their snapshots, but not the end of them: data is deleted by an administrator.",
            resources: ["persistentvolumeclaims", "volumesnapshots.snapshot.storage.k8s.io"],
            verbs: ["create", "update", "patch"],
        },
        {
            // The API server answers a PATCH with the whole object, and a DELETE, too, where its propagation policy is
            // Foreground or Orphan, also with dryRun=All: both verbs read.
            why: "Delivers Secrets without reading them: the answers to patch and delete would hold what was there before.",
            resources: ["secrets"],
            verbs: ["create", "update"],
        },
    ],
};

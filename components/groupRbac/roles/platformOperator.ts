import type { Role } from "../role";

/**
 * In the platform's namespaces and kube-system. `kubectl rollout restart` patches a pod template, and whoever may write one
 * there runs as any service account of the cluster's own parts: restarting is deleting pods.
 */
export const platformOperator: Role = {
    name: "mainstay:platform-operator",
    binding: "mainstay:platform-operators",
    describes: "Restarts and scales the platform's own parts and reads their logs, but changes nothing of them.",
    rules: [
        { why: "What the platform's parts say.", resources: ["pods/log"], verbs: ["get"] },
        {
            why: "Restarts: what owns the pod makes a new one, of the same template.",
            resources: ["pods"],
            verbs: ["delete"],
        },
        {
            why: "Switches a part off that runs wild, and on again.",
            resources: ["deployments.apps/scale", "statefulsets.apps/scale"],
            verbs: ["get", "update", "patch"],
        },
    ],
};

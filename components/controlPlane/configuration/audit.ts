import { documents } from "./document";

const WRITES = ["create", "update", "patch", "delete", "deletecollection"];
const READS = ["get", "list", "watch"];

/** Who asks all day long as part of its work. */
const MACHINERY = {
    users: ["system:apiserver", "system:kube-controller-manager", "system:kube-scheduler"],
    groups: ["system:nodes", "system:serviceaccounts:kube-system"],
};

/**
 * Who did what, without what was secret in it. The first rule that fits decides.
 *
 * Bodies are kept only of what says who may do what: roles, policies, webhooks. A body of anything else may hold a
 * password in an environment variable.
 */
export function auditPolicy(): string {
    return documents({
        apiVersion: "audit.k8s.io/v1",
        kind: "Policy",
        omitStages: ["RequestReceived"],
        omitManagedFields: true,
        rules: [
            // Before all else, so that no later rule can keep a body of these.
            {
                level: "Metadata",
                resources: [
                    { group: "", resources: ["secrets", "configmaps", "serviceaccounts/token"] },
                    { group: "authentication.k8s.io" },
                ],
            },
            // Noise
            {
                level: "None",
                nonResourceURLs: ["/healthz*", "/livez*", "/readyz*", "/version", "/openapi*", "/metrics"],
            },
            {
                level: "None",
                resources: [
                    { group: "", resources: ["events"] },
                    { group: "events.k8s.io", resources: ["events"] },
                ],
            },
            ...[{ users: MACHINERY.users }, { userGroups: MACHINERY.groups }].flatMap((who) => [
                { level: "None", ...who, verbs: READS },
                {
                    level: "None",
                    ...who,
                    verbs: ["update", "patch"],
                    resources: [
                        { group: "coordination.k8s.io", resources: ["leases"] },
                        { group: "", resources: ["nodes/status", "pods/status"] },
                    ],
                },
            ]),
            // Reviews are answered by the thousand, and change nothing.
            {
                level: "None",
                userGroups: MACHINERY.groups,
                verbs: ["create"],
                resources: [{ group: "authorization.k8s.io" }],
            },
            // Who may do what
            {
                level: "RequestResponse",
                verbs: WRITES,
                resources: [
                    { group: "rbac.authorization.k8s.io" },
                    { group: "networking.k8s.io" },
                    { group: "cilium.io" },
                    { group: "policy" },
                    { group: "admissionregistration.k8s.io" },
                    { group: "apiregistration.k8s.io" },
                    { group: "certificates.k8s.io" },
                    { group: "", resources: ["namespaces", "serviceaccounts", "resourcequotas", "limitranges"] },
                ],
            },
            { level: "Metadata" },
        ],
    });
}

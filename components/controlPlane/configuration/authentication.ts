import { documents } from "./document";
import type { ClusterPlan } from "./plan";

/**
 * People come with Entra ID's tokens; who has none is answered on the health paths alone.
 *
 * A person's name is the object ID, which stays when an address changes hands. Groups have no prefix: bindings name the
 * same GUIDs as on AKS.
 */
export function authenticationConfiguration({ tenantId, signInClientId }: ClusterPlan): string {
    return documents({
        apiVersion: "apiserver.config.k8s.io/v1",
        kind: "AuthenticationConfiguration",
        anonymous: { enabled: true, conditions: ["/livez", "/readyz", "/healthz"].map((path) => ({ path })) },
        jwt: [
            {
                issuer: {
                    url: `https://login.microsoftonline.com/${tenantId}/v2.0`,
                    audiences: [signInClientId],
                },
                claimValidationRules: [{ claim: "tid", requiredValue: tenantId }],
                claimMappings: {
                    username: { claim: "oid", prefix: "entra:" },
                    groups: { claim: "groups", prefix: "" },
                    // So that the audit log has a name that people can read.
                    extra: [
                        {
                            key: "entra.microsoft.com/name",
                            valueExpression: "has(claims.preferred_username) ? claims.preferred_username : ''",
                        },
                    ],
                },
                userValidationRules: [
                    {
                        expression: "!user.username.startsWith('system:')",
                        message: "the name of a person begins with system:, which is Kubernetes' own",
                    },
                    {
                        expression: "user.groups.all(group, !group.startsWith('system:'))",
                        message: "a group begins with system:, which is Kubernetes' own",
                    },
                    {
                        // kubeadm:cluster-admins among them. Entra's groups are GUIDs, or names where somebody set that.
                        expression: "user.groups.all(group, !group.contains(':'))",
                        message: "a group has a colon in it, as Kubernetes' and kubeadm's own have",
                    },
                ],
            },
        ],
    });
}

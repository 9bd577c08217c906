import { documents } from "./document";
import type { ClusterPlan } from "./plan";

/** What Entra names a group by. In RE2's words, and without a backslash, which CEL would read first. */
const OBJECT_ID = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$";

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
                    // Whoever is in more than 200 groups has no such claim, but the address of a service that would want a
                    // token. Named by `claim`, the API server would ask there, and refuse the person for the answer.
                    groups: { expression: "has(claims.groups) ? claims.groups : []" },
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
                        // So none is taken for system:masters or kubeadm:cluster-admins. Names, which an application can be
                        // set to give out, are for anybody to choose who may make a group.
                        expression: `user.groups.all(group, group.matches('${OBJECT_ID}'))`,
                        message:
                            "a group is not an object ID of Entra's: set the application's groups claim to Group ID",
                    },
                ],
            },
        ],
    });
}

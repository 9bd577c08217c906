import { ClusterRoleBinding } from "@pulumi/kubernetes/rbac/v1/clusterRoleBinding";
import type * as pulumi from "@pulumi/pulumi";

/** Groups of Entra ID that may do everything, and nobody by name: the API server knows a group by its object ID. */
export function createAdministrators(
    name: string,
    groups: string[],
    opts: pulumi.CustomResourceOptions,
): ClusterRoleBinding {
    const apiGroup = "rbac.authorization.k8s.io";
    return new ClusterRoleBinding(
        `${name}-administrators`,
        {
            metadata: { name: "mainstay:administrators" },
            roleRef: { apiGroup, kind: "ClusterRole", name: "cluster-admin" },
            subjects: groups.map((group) => ({ apiGroup, kind: "Group", name: group })),
        },
        opts,
    );
}

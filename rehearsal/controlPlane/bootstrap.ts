import type { KubernetesClient } from "../kubernetes/client";
import { adminGroup } from "./material";

/** What exists before anybody's program runs: the administrators' group may do everything. */
export async function bootstrap(client: KubernetesClient): Promise<void> {
    const path = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/rehearsal-cluster-admins";
    const binding = {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRoleBinding",
        metadata: { name: "rehearsal-cluster-admins" },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
        subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: adminGroup }],
    };
    await client.apply(path, binding, "mainstay-rehearsal", { force: "true" });
}

import type { KubernetesClient } from "../kubernetes/client";

/** Groups of people to whom the cluster's own objects give `cluster-admin`. */
export async function administratorGroups(client: KubernetesClient): Promise<string[]> {
    const { items } = await client.get("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings");
    const groups = (items as any[])
        .filter(({ roleRef }) => roleRef.kind === "ClusterRole" && roleRef.name === "cluster-admin")
        .flatMap(({ subjects = [] }) => subjects as { kind: string; name: string }[])
        // With a colon: Kubernetes' and kubeadm's own, which come by certificate.
        .filter(({ kind, name }) => kind === "Group" && !name.includes(":"))
        .map(({ name }) => name);
    return [...new Set(groups)].sort();
}

import type { KubernetesClient } from "../../kubernetes/client";
import type { Azure } from "./azure";

const manager = "mainstay-rehearsal";

/** What AKS puts into every new cluster and programs lean on: the admin groups' binding, drivers, storage classes. */
export async function putAksDefaults(client: KubernetesClient, azure: Azure): Promise<void> {
    if (!azure.hasManagedCluster) return;
    const objects = [...drivers(), ...storageClasses(), ...adminBinding(azure.adminGroups)];
    await Promise.all(
        objects.map(({ path, ...object }) =>
            client.apply(`${path}/${object.metadata.name}`, object, manager, { force: "true" }),
        ),
    );
}

interface Placed {
    path: string;
    metadata: { name: string };
    [field: string]: unknown;
}

function adminBinding(groups: string[]): Placed[] {
    if (groups.length === 0) return [];
    const apiGroup = "rbac.authorization.k8s.io";
    return [
        {
            path: `/apis/${apiGroup}/v1/clusterrolebindings`,
            apiVersion: `${apiGroup}/v1`,
            kind: "ClusterRoleBinding",
            metadata: { name: "aks-cluster-admin-binding-aad" },
            roleRef: { apiGroup, kind: "ClusterRole", name: "cluster-admin" },
            subjects: [...new Set(groups)].map((name) => ({ apiGroup, kind: "Group", name })),
        },
    ];
}

function drivers(): Placed[] {
    return ["disk.csi.azure.com", "file.csi.azure.com"].map((name) => ({
        path: "/apis/storage.k8s.io/v1/csidrivers",
        apiVersion: "storage.k8s.io/v1",
        kind: "CSIDriver",
        metadata: { name },
        spec: { attachRequired: name.startsWith("disk"), podInfoOnMount: name.startsWith("file") },
    }));
}

function storageClasses(): Placed[] {
    const disk = (name: string, skuname: string, isDefault = false) => ({
        name,
        provisioner: "disk.csi.azure.com",
        parameters: { skuname },
        volumeBindingMode: "WaitForFirstConsumer",
        isDefault,
    });
    const file = (name: string, skuName: string) => ({
        name,
        provisioner: "file.csi.azure.com",
        parameters: { skuName },
        volumeBindingMode: "Immediate",
        isDefault: false,
    });
    return [
        disk("default", "StandardSSD_ZRS", true),
        disk("managed", "StandardSSD_ZRS"),
        disk("managed-csi", "StandardSSD_ZRS"),
        disk("managed-premium", "Premium_ZRS"),
        disk("managed-csi-premium", "Premium_ZRS"),
        file("azurefile", "Standard_LRS"),
        file("azurefile-csi", "Standard_LRS"),
        file("azurefile-premium", "Premium_LRS"),
        file("azurefile-csi-premium", "Premium_LRS"),
    ].map(({ name, isDefault, ...rest }) => ({
        path: "/apis/storage.k8s.io/v1/storageclasses",
        apiVersion: "storage.k8s.io/v1",
        kind: "StorageClass",
        metadata: {
            name,
            ...(isDefault && { annotations: { "storageclass.kubernetes.io/is-default-class": "true" } }),
        },
        reclaimPolicy: "Delete",
        allowVolumeExpansion: true,
        ...rest,
    }));
}

import { ApiError, type KubernetesClient } from "../../kubernetes/client";

const provisioners = ["disk.csi.azure.com", "file.csi.azure.com"];
const simulated = "rehearsal.mainstay/simulated";

/** Stands in for Azure's CSI provisioners: a claim that one of them would serve gets a volume. No data is kept. */
export async function provisionVolumes(client: KubernetesClient): Promise<void> {
    const claims = (await client.get("/api/v1/persistentvolumeclaims", { resourceVersion: "0" })).items as any[];
    for (const claim of claims.filter(waitsForVolume)) {
        const storageClass = await client.find(`/apis/storage.k8s.io/v1/storageclasses/${claim.spec.storageClassName}`);
        if (!storageClass) continue;
        const selected = claim.metadata.annotations["volume.kubernetes.io/selected-node"];
        if (storageClass.volumeBindingMode === "WaitForFirstConsumer" && !selected) continue;
        const node = selected && (await client.find(`/api/v1/nodes/${selected}`));
        await client
            .request("POST", "/api/v1/persistentvolumes", { body: volumeFor(claim, storageClass, node) })
            .catch(unlessItExists);
    }
    const volumes = (await client.get("/api/v1/persistentvolumes", { resourceVersion: "0" })).items as any[];
    for (const { metadata, spec, status } of volumes) {
        const unused = status?.phase === "Released" && spec.persistentVolumeReclaimPolicy === "Delete";
        if (!unused || !metadata.annotations?.[simulated] || metadata.deletionTimestamp) continue;
        await client.request("DELETE", `/api/v1/persistentvolumes/${metadata.name}`).catch(unlessItExists);
    }
}

function waitsForVolume({ metadata, spec, status }: any): boolean {
    const annotations = metadata.annotations ?? {};
    const provisioner =
        annotations["volume.kubernetes.io/storage-provisioner"] ??
        annotations["volume.beta.kubernetes.io/storage-provisioner"];
    return status?.phase === "Pending" && !spec.volumeName && provisioners.includes(provisioner);
}

export function volumeFor(claim: any, storageClass: any, node: any): Record<string, unknown> {
    const sku = String(storageClass.parameters?.skuname ?? storageClass.parameters?.skuName ?? "");
    const zone = node?.metadata.labels?.["topology.disk.csi.azure.com/zone"];
    // A locally redundant disk cannot leave its zone.
    const zonal = storageClass.provisioner.startsWith("disk") && sku.endsWith("LRS") && zone;
    const { name, namespace, uid } = claim.metadata;
    return {
        apiVersion: "v1",
        kind: "PersistentVolume",
        metadata: {
            name: `pvc-${uid}`,
            annotations: { [simulated]: "true", "pv.kubernetes.io/provisioned-by": storageClass.provisioner },
        },
        spec: {
            capacity: { storage: claim.spec.resources.requests.storage },
            accessModes: claim.spec.accessModes,
            volumeMode: claim.spec.volumeMode,
            storageClassName: claim.spec.storageClassName,
            persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? "Delete",
            claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", name, namespace, uid },
            csi: { driver: storageClass.provisioner, volumeHandle: `simulated-pvc-${uid}` },
            ...(zonal && {
                nodeAffinity: {
                    required: {
                        nodeSelectorTerms: [
                            {
                                matchExpressions: [
                                    { key: "topology.disk.csi.azure.com/zone", operator: "In", values: [zone] },
                                ],
                            },
                        ],
                    },
                },
            }),
        },
    };
}

function unlessItExists(error: unknown): void {
    if (!(error instanceof ApiError && [404, 409].includes(error.code))) throw error;
}

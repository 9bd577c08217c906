import { StorageClass } from "@pulumi/kubernetes/storage/v1/storageClass";
import type * as pulumi from "@pulumi/pulumi";

/** Name of the class, for those who ask for it by name. */
export const ZONE_REDUNDANT = "zone-redundant";

/**
 * The default storage class: SSDs that Azure keeps in three zones, so that a pod can go on in another zone with its data.
 *
 * AKS ships a default of its own, `default`, and puts it back when it is changed. Two defaults are allowed, and then the
 * younger one counts (Kubernetes, since 1.26): this one, because AKS makes its own together with the cluster.
 */
export function createDefaultStorageClass(name: string, opts: pulumi.CustomResourceOptions): StorageClass {
    return new StorageClass(
        `${name}-zone-redundant`,
        {
            metadata: {
                name: ZONE_REDUNDANT,
                annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
            },
            provisioner: "disk.csi.azure.com",
            parameters: { skuName: "Premium_ZRS" },
            // A disk is made where its pod is placed. The other way round the pod has to follow the disk.
            volumeBindingMode: "WaitForFirstConsumer",
            reclaimPolicy: "Delete",
            allowVolumeExpansion: true,
        },
        opts,
    );
}

import type { Release } from "@pulumi/kubernetes/helm/v3/release";
import * as pulumi from "@pulumi/pulumi";
import type { Network } from "../../../network";
import type { Site } from "../../../site";
import { createDefaultStorageClass } from "../../storageClass";
import { selfManagedNames } from "../names";
import { MODE_LABEL } from "../workers";
import { charts, createBudget, createRelease } from "./charts";
import { createCloudConfig } from "./cloudConfig";
import { apartFrom, onSystemPool } from "./placement";
import { createWorkloadIdentity } from "./workloadIdentity";

const SECRET = "azure-disk-cloud-provider";
const CONTROLLER = { app: "csi-azuredisk-controller" };

/** Disks of pods, in the group of the nodes, with snapshots; the default class is the one that AKS clusters have here, too. */
export function createDisks(
    name: string,
    site: Site,
    args: { network: Network; resourceGroupName: string; oidcIssuerUrl: pulumi.Input<string>; webhook: Release },
    child: pulumi.CustomResourceOptions,
    onCluster: pulumi.CustomResourceOptions,
): Release {
    const { nodeResourceGroupId } = selfManagedNames(site);
    const identity = createWorkloadIdentity(
        name,
        site,
        {
            ...args,
            role: "disks",
            serviceAccount: "csi-azuredisk-controller-sa",
            describes: "the disk driver",
            grants: [
                // Makes disks, and attaches them to machines of scale sets.
                { role: "Virtual Machine Contributor", scope: nodeResourceGroupId, on: "nodes" },
                { role: "Disk Snapshot Contributor", scope: nodeResourceGroupId, on: "snapshots" },
            ],
        },
        child,
    );
    // Without credentials: the controller's come by its token, and the drivers on nodes need none.
    const config = createCloudConfig(name, site, { network: args.network, secretName: SECRET }, onCluster);
    const release = createRelease(
        name,
        charts.disks,
        {
            controller: {
                replicas: 2,
                cloudConfigSecretName: SECRET,
                vmType: "vmss",
                // Nothing of the machine's own is needed.
                hostNetwork: false,
                tolerations: onSystemPool.tolerations,
                affinity: {
                    // The chart takes an affinity only if there are nodes in it.
                    nodeAffinity: {
                        requiredDuringSchedulingIgnoredDuringExecution: {
                            nodeSelectorTerms: [
                                { matchExpressions: [{ key: MODE_LABEL, operator: "In", values: ["system"] }] },
                            ],
                        },
                    },
                    ...apartFrom(CONTROLLER),
                },
            },
            node: { cloudConfigSecretName: SECRET },
            snapshot: { enabled: true, snapshotController: { replicas: 2 } },
            windows: { enabled: false },
            workloadIdentity: { clientID: identity.clientId, tenantID: site.tenantId },
        },
        pulumi.mergeOptions(onCluster, { dependsOn: [config, args.webhook, ...identity.ready] }),
    );
    createBudget(name, "csi-azuredisk-controller", CONTROLLER, onCluster);
    createBudget(name, "csi-snapshot-controller", { app: "csi-snapshot-controller" }, onCluster);
    createDefaultStorageClass(name, onCluster);
    return release;
}

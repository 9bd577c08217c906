import type { VirtualMachineScaleSet } from "@pulumi/azure-native/compute/virtualMachineScaleSet";
import type { Release } from "@pulumi/kubernetes/helm/v3/release";
import * as pulumi from "@pulumi/pulumi";
import type { KubernetesMinor } from "../../../controlPlane";
import type { Network } from "../../../network";
import type { Site } from "../../../site";
import { autoScalerProfile } from "../../aks/autoscaler";
import { selfManagedNames } from "../names";
import { charts, createRelease } from "./charts";
import { onSystemPool, overZones } from "./placement";
import { createWorkloadIdentity, USES_IDENTITY } from "./workloadIdentity";

const SERVICE_ACCOUNT = "cluster-autoscaler";

/** The autoscaler knows the scheduler of its own minor version. */
const IMAGE_TAGS: Record<KubernetesMinor, string> = { "1.34": "v1.34.0", "1.35": "v1.35.0" };

/** Grows and shrinks the scale sets, which it finds by their tags: a changed limit is a changed tag. */
export function createAutoscaler(
    name: string,
    site: Site,
    args: {
        network: Network;
        resourceGroupName: string;
        oidcIssuerUrl: pulumi.Input<string>;
        webhook: Release;
        kubernetesVersion: KubernetesMinor;
        workerIdentityId: pulumi.Input<string>;
        scaleSets: VirtualMachineScaleSet[];
    },
    child: pulumi.CustomResourceOptions,
    onCluster: pulumi.CustomResourceOptions,
): Release {
    const { nodeResourceGroup, nodeResourceGroupId } = selfManagedNames(site);
    const identity = createWorkloadIdentity(
        name,
        site,
        {
            ...args,
            role: "autoscaler",
            serviceAccount: SERVICE_ACCOUNT,
            describes: "the cluster autoscaler",
            grants: [
                { role: "Virtual Machine Contributor", scope: nodeResourceGroupId, on: "nodes" },
                // It writes a scale set as a whole, and Azure asks whether its writer may use what it refers to: there are
                // no machines in the network, so of this role only joining its subnets is left.
                { role: "Virtual Machine Contributor", scope: args.network.virtualNetworkId, on: "network" },
                { role: "Managed Identity Operator", scope: args.workerIdentityId, on: "worker-identity" },
            ],
        },
        child,
    );
    return createRelease(
        name,
        charts.autoscaler,
        {
            cloudProvider: "azure",
            azureSubscriptionID: site.subscriptionId,
            azureTenantID: site.tenantId,
            azureResourceGroup: nodeResourceGroup,
            azureVMType: "vmss",
            azureUseWorkloadIdentityExtension: true,
            // Its copy of a scale set may be old: Azure refuses it then, and the program's model stays.
            azureEnableVMSSEtag: true,
            autoDiscovery: { clusterName: site.prefix },
            image: { tag: IMAGE_TAGS[args.kubernetesVersion] },
            replicaCount: 2,
            rbac: {
                serviceAccount: {
                    name: SERVICE_ACCOUNT,
                    annotations: { "azure.workload.identity/client-id": identity.clientId },
                },
            },
            podLabels: USES_IDENTITY,
            extraArgs: profile,
            resources: { requests: { cpu: "100m", memory: "300Mi" }, limits: { memory: "1Gi" } },
            ...onSystemPool,
            topologySpreadConstraints: overZones({ "app.kubernetes.io/instance": charts.autoscaler.chart }),
        },
        pulumi.mergeOptions(onCluster, { dependsOn: [args.webhook, ...args.scaleSets, ...identity.ready] }),
    );
}

/** AKS's profile, as flags. */
const profile = {
    ...Object.fromEntries(
        Object.entries(autoScalerProfile).map(([key, value]) => [
            key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
            value,
        ]),
    ),
    // A raised minimum is kept, not only what is left when pods go.
    "enforce-node-group-min-size": "true",
};

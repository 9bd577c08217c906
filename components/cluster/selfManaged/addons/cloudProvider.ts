import type { Release } from "@pulumi/kubernetes/helm/v3/release";
import * as pulumi from "@pulumi/pulumi";
import type { Network } from "../../../network";
import type { Site } from "../../../site";
import { selfManagedNames } from "../names";
import { charts, createBudget, createRelease } from "./charts";
import { createCloudConfig } from "./cloudConfig";
import { onControlPlane } from "./placement";
import { createWorkloadIdentity } from "./workloadIdentity";

const SECRET = "azure-cloud-provider";

/**
 * Azure's part of Kubernetes: nodes get their zones and addresses, nodes whose machines are gone go, Services of type
 * LoadBalancer get one. No routes: the overlay carries pods' packets.
 */
export function createCloudProvider(
    name: string,
    site: Site,
    args: {
        network: Network;
        /** Group of the control plane's machines, of the identities. */
        resourceGroupName: string;
        oidcIssuerUrl: pulumi.Input<string>;
        podCidr: string;
    },
    child: pulumi.CustomResourceOptions,
    onCluster: pulumi.CustomResourceOptions,
): Release {
    const names = selfManagedNames(site);
    const identity = createWorkloadIdentity(
        name,
        site,
        {
            ...args,
            role: "cloud-provider",
            serviceAccount: "cloud-controller-manager",
            describes: "the cloud controller manager",
            grants: [
                // Load balancers, their addresses and the workers' security group.
                { role: "Network Contributor", scope: names.nodeResourceGroupId, on: "node-networking" },
                // Their frontends and backends are in the network.
                { role: "Network Contributor", scope: args.network.virtualNetworkId, on: "network" },
                // Which machines there are.
                { role: "Reader", scope: names.nodeResourceGroupId, on: "nodes" },
                { role: "Reader", scope: names.controlPlaneGroupId, on: "control-plane" },
            ],
        },
        child,
    );
    const config = createCloudConfig(
        name,
        site,
        { network: args.network, secretName: SECRET, clientId: identity.clientId },
        onCluster,
    );
    const release = createRelease(
        name,
        charts.cloudProvider,
        {
            infra: { clusterName: site.prefix },
            cloudControllerManager: {
                replicas: 2,
                // Out of the Secret: there is no file on the machines.
                cloudConfig: "",
                cloudConfigSecretName: SECRET,
                enableDynamicReloading: "true",
                // The controller manager does, as kubeadm sets it up.
                allocateNodeCidrs: "false",
                configureCloudRoutes: "false",
                clusterCIDR: args.podCidr,
                profiling: "false",
                ...onControlPlane,
            },
            cloudNodeManager: { useInstanceMetadata: "true", waitRoutes: "false" },
        },
        pulumi.mergeOptions(onCluster, { dependsOn: [config, ...identity.ready] }),
    );
    createBudget(name, "cloud-controller-manager", { component: "cloud-controller-manager" }, onCluster);
    return release;
}

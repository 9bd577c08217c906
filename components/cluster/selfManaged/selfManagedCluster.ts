import { ResourceGroup } from "@pulumi/azure-native/resources/resourceGroup";
import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { type ControlPlane, type KubernetesMinor, peopleKubeconfig, type Registry } from "../../controlPlane";
import type { Network } from "../../network";
import { type Site, siteOf } from "../../site";
import type { MaintenanceArgs } from "../aks/maintenance";
import type { SystemPoolArgs, UpgradeArgs, UserPoolArgs } from "../pools";
import { Cluster, type NodePool } from "../cluster";
import { createAddons, NAMESPACE, WORKLOAD_IDENTITY_NAMESPACE } from "./addons";
import { selfManagedNames } from "./names";
import { createWorkers, describePools, planPools } from "./workers";

/** Arguments of {@link SelfManagedCluster}. */
export interface SelfManagedClusterArgs extends Site {
    network: Network;
    controlPlane: ControlPlane;
    /** Minor version of the workers, such as `1.35`: the control plane's, or what that had before. */
    kubernetesVersion: KubernetesMinor;
    /** Overlay range of the pods. */
    podCidr: string;
    /** Inside the Services' range. */
    dnsServiceIP: string;
    systemPool: SystemPoolArgs;
    userPools: UserPoolArgs[];
    upgrades: UpgradeArgs;
    maintenance: MaintenanceArgs;
    /** Application ID of the registration that people sign in by. */
    signIn: { clientId: string };
    /** A private container registry that nodes pull from, by their own identity. @default none */
    registry?: Registry;
}

/**
 * A cluster around a control plane of our own: workers in scale sets, and all that AKS would bring.
 *
 * @example
 * const cluster = new SelfManagedCluster("cluster", {
 *     ...site,
 *     ...settings.network,
 *     ...settings.cluster,
 *     ...settings.controlPlane,
 *     network,
 *     controlPlane,
 * });
 */
export class SelfManagedCluster extends Cluster {
    public readonly provider: Provider;
    public readonly endpoint: pulumi.Output<string>;
    public readonly oidcIssuerUrl: pulumi.Output<string>;
    public readonly nodePools: NodePool[];
    public readonly resourceGroupName: pulumi.Output<string>;
    public readonly nodeResourceGroupName: pulumi.Output<string>;
    public readonly kubeconfigForPeople: pulumi.Output<string>;
    /** Whoever has a token of Entra ID gets to the API server, which knows its group or refuses. */
    public readonly entrance = undefined;
    public readonly apiServers = "nodes";
    public readonly systemNamespaces = [NAMESPACE, WORKLOAD_IDENTITY_NAMESPACE];
    public readonly ready: pulumi.Resource[];
    public readonly onCluster: pulumi.CustomResourceOptions;

    constructor(name: string, args: SelfManagedClusterArgs, opts?: pulumi.ComponentResourceOptions) {
        super("mainstay:index:SelfManagedCluster", name, {}, opts);
        const child = { parent: this };
        const site = siteOf(args);
        const { controlPlane } = args;
        const { nodeResourceGroup } = selfManagedNames(site);
        const pools = planPools(args.systemPool, args.userPools, site.zones);

        const group = new ResourceGroup(
            `${name}-nodes-group`,
            { resourceGroupName: nodeResourceGroup, location: site.location, tags: site.tags },
            child,
        );
        const inGroup = { ...child, dependsOn: [group] };
        const scaleSets = createWorkers(
            name,
            site,
            pools,
            {
                ...args,
                resourceGroupName: nodeResourceGroup,
            },
            inGroup,
        );

        this.provider = new Provider(
            `${name}-kubernetes`,
            {
                kubeconfig: controlPlane.administratorKubeconfig,
                // The provider, and with it every object, is replaced when this changes and only then: not with a certificate.
                clusterIdentifier: `${site.subscriptionId}/${site.prefix}`,
                enableServerSideApply: true,
            },
            // Nobody asks the API before every machine has said that it has booted, and its network is in reach.
            { ...child, dependsOn: [...controlPlane.ready, ...args.network.reach] },
        );
        // The nodes' group is there as long as the cluster is, and no longer.
        this.onCluster = { provider: this.provider, deletedWith: group };
        const onCluster = { ...child, ...this.onCluster };
        this.ready = createAddons(
            name,
            site,
            { ...args, pools, scaleSets },
            // Their identities are in the control plane's group, as its own are.
            { ...child, dependsOn: [group, ...controlPlane.workerIdentity.grants] },
            onCluster,
        );

        this.endpoint = pulumi.output(controlPlane.endpoint);
        this.oidcIssuerUrl = controlPlane.oidcIssuerUrl;
        this.nodePools = describePools(pools);
        this.resourceGroupName = pulumi.output(controlPlane.resourceGroupName);
        this.nodeResourceGroupName = group.name;
        const kubeconfig = controlPlane.authorityBundle.apply((authority) =>
            peopleKubeconfig({
                cluster: site.prefix,
                server: controlPlane.endpoint,
                authority,
                clientId: args.signIn.clientId,
                tenantId: site.tenantId,
            }),
        );
        // Not before the cluster can carry workloads.
        this.kubeconfigForPeople = pulumi
            .all([kubeconfig, this.ready.map((addon) => addon.urn)])
            .apply(([config]) => config);
        this.registerOutputs({
            endpoint: this.endpoint,
            oidcIssuerUrl: this.oidcIssuerUrl,
            nodePools: this.nodePools,
            resourceGroupName: this.resourceGroupName,
            nodeResourceGroupName: this.nodeResourceGroupName,
        });
    }
}

import { listManagedClusterUserCredentialsOutput } from "@pulumi/azure-native/containerservice/listManagedClusterUserCredentials";
import { ManagedCluster } from "@pulumi/azure-native/containerservice/managedCluster";
import { ResourceGroup } from "@pulumi/azure-native/resources/resourceGroup";
import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { createGrants, createIdentity, type Grant } from "../../identity";
import type { Network } from "../../network";
import { type Site, siteOf } from "../../site";
import { Cluster, type NodePool } from "../cluster";
import type { SystemPoolArgs, UpgradeArgs, UserPoolArgs } from "../pools";
import { createDefaultStorageClass } from "../storageClass";
import { createAuditLogs } from "./auditLogs";
import { autoScalerProfile } from "./autoscaler";
import { decodeKubeconfig, signInWithoutPrompt } from "./kubeconfig";
import { createMaintenanceWindows, type MaintenanceArgs } from "./maintenance";
import { clusterNames } from "./names";
import { createUserPools, describePools, SYSTEM_COUNT, systemPoolProfile } from "./nodePools";
import { SYSTEM_NAMESPACES } from "./systemNamespaces";

/** Arguments of {@link AksCluster}. */
export interface AksClusterArgs extends Site {
    network: Network;
    /** Minor version, such as `1.34`. */
    kubernetesVersion: string;
    /** A private API, or a public one for these ranges only. */
    api: { private: boolean; authorizedRanges: string[] };
    /** Object IDs of the Entra groups that administer the cluster. */
    adminGroups: string[];
    /** Overlay range of the pods. */
    podCidr: string;
    serviceCidr: string;
    /** Inside `serviceCidr`. */
    dnsServiceIP: string;
    systemPool: SystemPoolArgs;
    userPools: UserPoolArgs[];
    upgrades: UpgradeArgs;
    maintenance: MaintenanceArgs;
    auditLogs: { retentionDays: number };
    /** A private container registry that nodes pull from. @default none */
    registry?: { id: string };
}

/**
 * A managed cluster: Standard tier, three zones, Entra groups only, an API that the internet does not see.
 *
 * @example
 * const cluster = new AksCluster("cluster", { ...site, ...settings.cluster, ...settings.network, network });
 */
export class AksCluster extends Cluster {
    public readonly provider: Provider;
    public readonly endpoint: pulumi.Output<string>;
    public readonly oidcIssuerUrl: pulumi.Output<string>;
    public readonly nodePools: NodePool[];
    public readonly resourceGroupName: pulumi.Output<string>;
    public readonly nodeResourceGroupName: pulumi.Output<string>;
    public readonly kubeconfigForPeople: pulumi.Output<string>;
    public readonly entrance: Grant;
    public readonly apiServers = "outside";
    public readonly systemNamespaces = SYSTEM_NAMESPACES;
    public readonly ready: pulumi.Resource[];
    public readonly onCluster: pulumi.CustomResourceOptions;

    constructor(name: string, args: AksClusterArgs, opts?: pulumi.ComponentResourceOptions) {
        super("mainstay:index:AksCluster", name, {}, opts);
        const child = { parent: this };
        const site = siteOf(args);

        const names = clusterNames(site);

        const resourceGroup = new ResourceGroup(
            `${name}-group`,
            { resourceGroupName: names.resourceGroup, location: site.location, tags: site.tags },
            child,
        );
        const identity = createIdentity(
            name,
            site,
            {
                resourceName: `${site.prefix}-cluster`,
                resourceGroupName: resourceGroup.name,
                grants: grants(args.network),
                describes: "the cluster's control plane",
            },
            child,
        );
        const common = { kubernetesVersion: args.kubernetesVersion, upgrades: args.upgrades, tags: site.tags };

        const cluster = new ManagedCluster(
            `${name}-aks`,
            {
                resourceName: names.cluster,
                resourceGroupName: resourceGroup.name,
                nodeResourceGroup: names.nodeResourceGroup,
                location: site.location,
                tags: site.tags,
                sku: { name: "Base", tier: "Standard" },
                supportPlan: "KubernetesOfficial",
                kubernetesVersion: args.kubernetesVersion,
                ...(args.api.private ? { fqdnSubdomain: site.prefix } : { dnsPrefix: site.prefix }),

                identity: { type: "UserAssigned", userAssignedIdentities: [identity.id] },
                enableRBAC: true,
                disableLocalAccounts: true,
                // Groups and what they may do are Kubernetes' own roles: they can be read, reviewed and tested without Azure.
                aadProfile: { managed: true, enableAzureRBAC: false, adminGroupObjectIDs: args.adminGroups },
                oidcIssuerProfile: { enabled: true },
                apiServerAccessProfile: apiServerAccess(args),

                agentPoolProfiles: [
                    systemPoolProfile(args.systemPool, {
                        ...common,
                        zones: site.zones,
                        subnetId: args.network.systemSubnetId,
                    }),
                ],
                networkProfile: {
                    networkPlugin: "azure",
                    networkPluginMode: "overlay",
                    networkDataplane: "cilium",
                    networkPolicy: "cilium",
                    // Policies by name (FQDN) need Azure's advanced networking.
                    advancedNetworking: {
                        enabled: true,
                        observability: { enabled: true },
                        security: { enabled: true, advancedNetworkPolicies: "FQDN" },
                    },
                    podCidr: args.podCidr,
                    serviceCidr: args.serviceCidr,
                    dnsServiceIP: args.dnsServiceIP,
                    loadBalancerSku: "standard",
                    // The way out of the system pool. A subnet's NAT gateway comes before it: see docs/network.md.
                    outboundType: "loadBalancer",
                    loadBalancerProfile: {
                        outboundIPs: { publicIPs: [{ id: args.network.systemEgress.plannedId }] },
                        backendPoolType: "NodeIPConfiguration",
                    },
                },
                autoScalerProfile,
                autoUpgradeProfile: { upgradeChannel: "patch", nodeOSUpgradeChannel: "NodeImage" },

                addonProfiles: {
                    azureKeyvaultSecretsProvider: {
                        enabled: true,
                        config: { enableSecretRotation: "true", rotationPollInterval: "2m" },
                    },
                },
                securityProfile: {
                    workloadIdentity: { enabled: true },
                    imageCleaner: { enabled: true, intervalHours: 168 },
                },
                storageProfile: {
                    diskCSIDriver: { enabled: true },
                    fileCSIDriver: { enabled: true },
                    snapshotController: { enabled: true },
                },
            },
            {
                ...child,
                dependsOn: [...identity.grants, args.network.systemEgress.publicIp, ...args.network.reach],
                ignoreChanges: [SYSTEM_COUNT],
            },
        );
        const target = { resourceGroupName: resourceGroup.name, clusterName: cluster.name };

        const userPools = createUserPools(
            name,
            args.userPools,
            { ...common, ...target, zones: site.zones, zoneSubnetIds: args.network.zoneSubnetIds },
            child,
        );
        if (args.registry) {
            const kubelets = { principalId: kubeletPrincipalOf(cluster), describes: "nodes" };
            const pull = { role: "AcrPull", scope: args.registry.id, on: "registry" } as const;
            createGrants(`${name}-nodes`, site, { ...kubelets, grants: [pull] }, child);
        }
        createMaintenanceWindows(name, args.maintenance, target, child);
        createAuditLogs(
            name,
            site,
            {
                resourceGroupName: resourceGroup.name,
                clusterId: cluster.id,
                retentionDays: args.auditLogs.retentionDays,
            },
            child,
        );

        const kubeconfig = pulumi.secret(
            listManagedClusterUserCredentialsOutput(
                { resourceGroupName: resourceGroup.name, resourceName: cluster.name, format: "exec" },
                child,
            ).apply(({ kubeconfigs }) => decodeKubeconfig(kubeconfigs)),
        );
        this.provider = new Provider(
            `${name}-kubernetes`,
            {
                kubeconfig: kubeconfig.apply(signInWithoutPrompt),
                // The provider, and with it every object, is replaced when this changes and only then: not with a kubeconfig.
                clusterIdentifier: cluster.id,
                enableServerSideApply: true,
            },
            child,
        );
        this.onCluster = { provider: this.provider, deletedWith: cluster };
        this.ready = [cluster];
        this.entrance = { role: "Azure Kubernetes Service Cluster User Role", scope: cluster.id, on: "cluster" };
        createDefaultStorageClass(name, { ...child, ...this.onCluster });

        this.endpoint = pulumi.interpolate`https://${args.api.private ? cluster.privateFQDN : cluster.fqdn}:443`;
        this.oidcIssuerUrl = cluster.oidcIssuerProfile.apply((issuer) => {
            if (!issuer?.issuerURL) throw new Error(`${name}: Azure gave no OIDC issuer although one was asked for`);
            return issuer.issuerURL;
        });
        this.nodePools = describePools(args.systemPool, args.userPools, site.zones);
        this.resourceGroupName = resourceGroup.name;
        this.nodeResourceGroupName = cluster.nodeResourceGroup.apply((group) => group ?? names.nodeResourceGroup);
        // Not before there is a node for workloads.
        this.kubeconfigForPeople = pulumi
            .all([kubeconfig, userPools.map((pool) => pool.id)])
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

/** Whom AKS's nodes pull images as: an identity that AKS makes. */
function kubeletPrincipalOf(cluster: ManagedCluster): pulumi.Output<string> {
    return cluster.identityProfile.apply((profile) => {
        const principal = profile?.kubeletidentity?.objectId;
        if (!principal) throw new Error("Azure did not say which identity the cluster's kubelets have");
        return principal;
    });
}

/** What the control plane's identity needs: the network, its own way out, and the private API's zone. */
function grants(network: Network): Grant[] {
    return [
        // The whole network: AKS links it to the private zone, which a role on the subnets does not allow.
        { role: "Network Contributor", scope: network.virtualNetworkId, on: "network" },
        { role: "Network Contributor", scope: network.systemEgress.publicIp.id, on: "egress" },
        ...(network.apiZoneId
            ? [{ role: "Private DNS Zone Contributor", scope: network.apiZoneId, on: "api-zone" } as const]
            : []),
    ];
}

/** Private, or public for the given ranges and the cluster's own way out: without it nodes could not reach their API. */
function apiServerAccess({ api, network }: AksClusterArgs) {
    const access = { disableRunCommand: true };
    if (api.private) {
        return {
            ...access,
            enablePrivateCluster: true,
            enablePrivateClusterPublicFQDN: false,
            privateDNSZone: network.apiZoneId,
        };
    }
    const own = network.egressAddresses.apply((addresses) => addresses.map((address) => `${address}/32`));
    return {
        ...access,
        enablePrivateCluster: false,
        authorizedIPRanges: own.apply((ranges) => [...api.authorizedRanges, ...ranges]),
    };
}

import { NetworkSecurityGroup } from "@pulumi/azure-native/network/networkSecurityGroup";
import { Subnet } from "@pulumi/azure-native/network/subnet";
import { VirtualNetwork } from "@pulumi/azure-native/network/virtualNetwork";
import { ResourceGroup } from "@pulumi/azure-native/resources/resourceGroup";
import * as pulumi from "@pulumi/pulumi";
import { type Site, siteOf } from "../site";
import { planAddresses } from "./addressPlan";
import { createSystemEgress, createZonalEgress, type SystemEgress } from "./egress";
import { groupNameOf } from "./names";
import { type ClusterKind, portMatrix } from "./portMatrix";
import { createApiZone, createInternalZone, createPrivateLinkZones, type PrivateZones } from "./privateDns";
import { peerWithRunners, type Runners, runnersNetworkId } from "./runners";
import { type GuardedSubnet, type Opening, securityRules, type Surroundings } from "./securityRules";

/** Arguments of {@link Network}. */
export interface NetworkArgs extends Site {
    /** Kind of the cluster that will live here: it decides over subnets and security rules. */
    clusterKind: ClusterKind;
    /** Address range of the virtual network, as a CIDR. */
    addressSpace: string;
    /** Overlay range of the pods: their addresses are on the wire between nodes. */
    podCidr: string;
    /** Exceptions to the deny-by-default rules of the user pools' subnets. @default none */
    openings?: Opening[];
    /** Whether the cluster's API has an address in this network only. @default true */
    privateApi?: boolean;
    /** Who may reach a public API, as CIDRs. On AKS it is AKS that lets them in, and no rule of this network. @default none */
    authorizedRanges?: string[];
    /** The network that deployments run in: peered with this one where the API is private. @default none */
    runners?: Runners;
}

/** What only an AKS cluster has. */
interface AksParts {
    systemSubnetId: pulumi.Output<string>;
    systemEgress: SystemEgress;
}

/** What only a self-managed cluster has. */
interface SelfManagedParts {
    controlPlaneSubnetIds: Record<string, pulumi.Output<string>>;
    apiSubnetId: pulumi.Output<string>;
    internalZone: pulumi.Output<string>;
    privateZones: PrivateZones;
}

/**
 * The network that a cluster lives in: deny by default, and no zone that depends on another.
 *
 * @example
 * const network = new Network("network", {
 *     ...site,
 *     clusterKind: "selfManaged",
 *     addressSpace: "10.64.0.0/16",
 *     podCidr: "10.244.0.0/16",
 * });
 */
export class Network extends pulumi.ComponentResource {
    /** Resource group of all of it. */
    public readonly resourceGroupName: pulumi.Output<string>;
    public readonly virtualNetworkId: pulumi.Output<string>;
    /** Address range of it all, as a CIDR. */
    public readonly addressSpace: string;
    /** Subnet of the user pools of a zone, by zone. */
    public readonly zoneSubnetIds: Record<string, pulumi.Output<string>>;
    /** Subnet for private endpoints. */
    public readonly endpointsSubnetId: pulumi.Output<string>;
    /** Every public address that traffic of nodes and pods comes from. */
    public readonly egressAddresses: pulumi.Output<string[]>;
    /** What has to be there before a deployment reaches a private API: the peering with its network. */
    public readonly reach: pulumi.Resource[];
    /** AKS: DNS zone for the private API; absent when the API is public. */
    public readonly apiZoneId?: pulumi.Output<string>;

    private readonly aks?: AksParts;
    private readonly selfManaged?: SelfManagedParts;

    constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
        super("mainstay:index:Network", name, {}, opts);
        const child = { parent: this };
        const site = siteOf(args);
        const privateApi = args.privateApi ?? true;
        const plan: Surroundings = {
            ...planAddresses(args.addressSpace, args.zones),
            clusterKind: args.clusterKind,
            podCidr: args.podCidr,
            authorizedRanges: privateApi ? undefined : (args.authorizedRanges ?? []),
        };

        const resourceGroup = new ResourceGroup(
            `${name}-group`,
            { resourceGroupName: groupNameOf(site), location: site.location, tags: site.tags },
            child,
        );
        // By its name and not by its output: so a preview knows where everything will be, and what its IDs will be.
        const resourceGroupName = groupNameOf(site);
        const inGroup = { ...child, dependsOn: [resourceGroup] };

        const virtualNetwork = new VirtualNetwork(
            `${name}-vnet`,
            {
                virtualNetworkName: `${site.prefix}-vnet`,
                resourceGroupName,
                location: site.location,
                addressSpace: { addressPrefixes: [plan.addressSpace] },
                tags: site.tags,
            },
            inGroup,
        );

        const guard = (subnet: GuardedSubnet) =>
            new NetworkSecurityGroup(
                `${name}-${subnet}-nsg`,
                {
                    networkSecurityGroupName: `${site.prefix}-${subnet}`,
                    resourceGroupName,
                    location: site.location,
                    securityRules: securityRules(subnet, plan, portMatrix, args.openings),
                    tags: site.tags,
                },
                inGroup,
            );

        // Azure changes one subnet of a network at a time and refuses the others meanwhile: make them one after another.
        let previous: pulumi.Resource[] = [];
        const subnet = (
            subnetName: string,
            args: { addressPrefix: string; guard: NetworkSecurityGroup; natGatewayId?: pulumi.Input<string> },
        ) => {
            const made = new Subnet(
                `${name}-${subnetName}`,
                {
                    subnetName,
                    virtualNetworkName: virtualNetwork.name,
                    resourceGroupName,
                    addressPrefix: args.addressPrefix,
                    networkSecurityGroup: { id: args.guard.id },
                    natGateway: args.natGatewayId === undefined ? undefined : { id: args.natGatewayId },
                    // No way out that nobody asked for.
                    defaultOutboundAccess: false,
                    privateEndpointNetworkPolicies: "NetworkSecurityGroupEnabled",
                },
                { ...child, dependsOn: previous },
            );
            previous = [made];
            return made.id;
        };

        const zonalEgress = createZonalEgress(name, site, resourceGroupName, inGroup);
        const inZones = (made: (zone: string) => pulumi.Output<string>) =>
            Object.fromEntries(site.zones.map((zone) => [zone, made(zone)]));
        const userGuard = guard("user");

        this.resourceGroupName = resourceGroup.name;
        this.virtualNetworkId = virtualNetwork.id;
        this.addressSpace = plan.addressSpace;
        this.endpointsSubnetId = subnet("endpoints", { addressPrefix: plan.endpoints, guard: guard("endpoints") });
        this.zoneSubnetIds = inZones((zone) =>
            subnet(`zone-${zone}`, {
                addressPrefix: plan.zones[zone],
                guard: userGuard,
                natGatewayId: zonalEgress[zone].natGatewayId,
            }),
        );
        const zonalAddresses = site.zones.map((zone) => zonalEgress[zone].address);
        const inNetwork = { resourceGroupName, virtualNetworkId: virtualNetwork.id };
        const runners = privateApi ? args.runners : undefined;
        const seen = { ...inNetwork, runnersNetworkId: runners && runnersNetworkId(site, runners) };
        this.reach = runners
            ? peerWithRunners(
                  name,
                  site,
                  {
                      runners,
                      virtualNetwork: {
                          resourceGroupName,
                          virtualNetworkName: `${site.prefix}-vnet`,
                          id: virtualNetwork.id,
                      },
                  },
                  // Azure changes one thing of a network at a time, and peering is one.
                  { ...child, dependsOn: previous },
              )
            : [];
        if (this.reach.length > 0) previous = this.reach;

        if (args.clusterKind === "selfManaged") {
            const controlPlaneGuard = guard("control-plane");
            this.selfManaged = {
                controlPlaneSubnetIds: inZones((zone) =>
                    subnet(`control-plane-${zone}`, {
                        addressPrefix: plan.controlPlane[zone],
                        guard: controlPlaneGuard,
                        natGatewayId: zonalEgress[zone].natGatewayId,
                    }),
                ),
                apiSubnetId: subnet("api", { addressPrefix: plan.api, guard: guard("api") }),
                internalZone: createInternalZone(name, site, seen, inGroup),
                privateZones: createPrivateLinkZones(name, site, inNetwork, inGroup),
            };
            this.egressAddresses = pulumi.all(zonalAddresses);
        } else {
            const systemEgress = createSystemEgress(name, site, resourceGroupName, inGroup);
            // The last one: a cluster begins with this subnet, and then nobody changes the network under it.
            const systemSubnetId = subnet("system", { addressPrefix: plan.system, guard: guard("system") });
            this.aks = { systemSubnetId, systemEgress };
            this.egressAddresses = pulumi.all([systemEgress.address, ...zonalAddresses]);
            if (privateApi) this.apiZoneId = createApiZone(name, site, seen, inGroup);
        }
        this.registerOutputs({
            virtualNetworkId: this.virtualNetworkId,
            zoneSubnetIds: this.zoneSubnetIds,
            egressAddresses: this.egressAddresses,
            ...(this.aks
                ? { systemSubnetId: this.aks.systemSubnetId }
                : { controlPlaneSubnetIds: this.selfManaged?.controlPlaneSubnetIds }),
        });
    }

    /** AKS: subnet of the system pool, of all zones. */
    get systemSubnetId(): pulumi.Output<string> {
        return only("aks", this.aks).systemSubnetId;
    }

    /** AKS: public IP, of all zones, by which the system pool goes out. */
    get systemEgress(): SystemEgress {
        return only("aks", this.aks).systemEgress;
    }

    /** Self-managed: subnet of the control plane's machines of a zone, by zone. */
    get controlPlaneSubnetIds(): Record<string, pulumi.Output<string>> {
        return only("selfManaged", this.selfManaged).controlPlaneSubnetIds;
    }

    /** Self-managed: subnet of the API's internal frontend. */
    get apiSubnetId(): pulumi.Output<string> {
        return only("selfManaged", this.selfManaged).apiSubnetId;
    }

    /** Self-managed: name of the environment's own DNS zone, `PREFIX.internal`; known when the network is linked to it. */
    get internalZone(): pulumi.Output<string> {
        return only("selfManaged", this.selfManaged).internalZone;
    }

    /** Self-managed: DNS zones of private endpoints. */
    get privateZones(): PrivateZones {
        return only("selfManaged", this.selfManaged).privateZones;
    }
}

function only<T>(kind: ClusterKind, parts: T | undefined): T {
    if (!parts) throw new Error(`a network has this with clusterKind ${kind} only`);
    return parts;
}

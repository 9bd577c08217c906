import { NetworkSecurityGroup } from "@pulumi/azure-native/network/networkSecurityGroup";
import { Subnet } from "@pulumi/azure-native/network/subnet";
import { VirtualNetwork } from "@pulumi/azure-native/network/virtualNetwork";
import { ResourceGroup } from "@pulumi/azure-native/resources/resourceGroup";
import * as pulumi from "@pulumi/pulumi";
import type { Site } from "../site";
import { planAddresses } from "./addressPlan";
import { createSystemEgress, createZonalEgress, type SystemEgress } from "./egress";
import { groupNameOf } from "./names";
import { portMatrix } from "./portMatrix";
import { createApiZone } from "./privateDns";
import { type GuardedSubnet, type Opening, securityRules } from "./securityRules";

/** Arguments of {@link Network}. */
export interface NetworkArgs extends Site {
    /** Address range of the virtual network, as a CIDR. */
    addressSpace: string;
    /** Overlay range of the pods: their addresses are on the wire between nodes. */
    podCidr: string;
    /** Exceptions to the deny-by-default rules of the user pools' subnets. @default none */
    openings?: Opening[];
    /** Whether the cluster's API has an address in this network, which needs a DNS zone. @default true */
    privateApi?: boolean;
}

/**
 * The network that a cluster lives in: deny by default, and no zone that depends on another.
 *
 * @example
 * const network = new Network("network", { ...site, addressSpace: "10.64.0.0/16", podCidr: "10.244.0.0/16" });
 */
export class Network extends pulumi.ComponentResource {
    /** Resource group of all of it. */
    public readonly resourceGroupName: pulumi.Output<string>;
    public readonly virtualNetworkId: pulumi.Output<string>;
    /** Subnet of the system pool, of all zones. */
    public readonly systemSubnetId: pulumi.Output<string>;
    /** Subnet of the user pools of a zone, by zone. */
    public readonly zoneSubnetIds: Record<string, pulumi.Output<string>>;
    /** Subnet for private endpoints. */
    public readonly endpointsSubnetId: pulumi.Output<string>;
    /** Public IP, of all zones, by which the system pool goes out. */
    public readonly systemEgress: SystemEgress;
    /** Every public address that traffic of nodes and pods comes from. */
    public readonly egressAddresses: pulumi.Output<string[]>;
    /** DNS zone for the private API; absent when the API is public. */
    public readonly apiZoneId?: pulumi.Output<string>;

    constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
        super("mainstay:index:Network", name, {}, opts);
        const child = { parent: this };
        const site: Site = { prefix: args.prefix, location: args.location, zones: args.zones, tags: args.tags };
        const plan = { ...planAddresses(args.addressSpace, args.zones), podCidr: args.podCidr };

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

        const systemEgress = createSystemEgress(name, site, resourceGroupName, inGroup);
        const zonalEgress = createZonalEgress(name, site, resourceGroupName, inGroup);
        const userGuard = guard("user");

        this.resourceGroupName = resourceGroup.name;
        this.virtualNetworkId = virtualNetwork.id;
        this.endpointsSubnetId = subnet("endpoints", { addressPrefix: plan.endpoints, guard: guard("endpoints") });
        this.zoneSubnetIds = Object.fromEntries(
            site.zones.map((zone) => [
                zone,
                subnet(`zone-${zone}`, {
                    addressPrefix: plan.zones[zone],
                    guard: userGuard,
                    natGatewayId: zonalEgress[zone].natGatewayId,
                }),
            ]),
        );
        // The last one: a cluster begins with this subnet, and then nobody changes the network under it.
        this.systemSubnetId = subnet("system", { addressPrefix: plan.system, guard: guard("system") });
        this.systemEgress = systemEgress;
        this.egressAddresses = pulumi.all([
            systemEgress.address,
            ...site.zones.map((zone) => zonalEgress[zone].address),
        ]);
        if (args.privateApi ?? true) {
            this.apiZoneId = createApiZone(
                name,
                site,
                { resourceGroupName, virtualNetworkId: virtualNetwork.id },
                inGroup,
            );
        }
        this.registerOutputs({
            virtualNetworkId: this.virtualNetworkId,
            systemSubnetId: this.systemSubnetId,
            zoneSubnetIds: this.zoneSubnetIds,
            egressAddresses: this.egressAddresses,
        });
    }
}

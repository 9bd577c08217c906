import { NetworkSecurityGroup } from "@pulumi/azure-native/network/networkSecurityGroup";
import { Subnet } from "@pulumi/azure-native/network/subnet";
import { VirtualNetwork } from "@pulumi/azure-native/network/virtualNetwork";
import * as pulumi from "@pulumi/pulumi";
import { formatRange, parseRange } from "../components/network/addressPlan";
import { createZonalEgress } from "../components/network/egress";
import { type Site, siteOf } from "../components/site";

/** Arguments of {@link RunnersNetwork}. */
export interface RunnersNetworkArgs extends Site {
    resourceGroupName: pulumi.Input<string>;
    /** Address range, as a CIDR: a quarter of it is a zone's subnet. */
    addressSpace: string;
}

/**
 * The network that deployments run in, so that private APIs are in reach: environments peer themselves with it.
 *
 * What runs in it is not made here: GitHub's runners with a network of their own, or a scale set of self-hosted ones.
 */
export class RunnersNetwork extends pulumi.ComponentResource {
    public readonly virtualNetworkId: pulumi.Output<string>;
    /** By zone. */
    public readonly subnetIds: Record<string, pulumi.Output<string>>;

    constructor(name: string, args: RunnersNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
        super("mainstay:foundation:RunnersNetwork", name, {}, opts);
        const child = { parent: this };
        const site = siteOf(args);
        const { resourceGroupName } = args;

        const network = new VirtualNetwork(
            `${name}-vnet`,
            {
                virtualNetworkName: `${site.prefix}-runners`,
                resourceGroupName,
                location: site.location,
                addressSpace: { addressPrefixes: [args.addressSpace] },
                tags: site.tags,
            },
            child,
        );
        const guard = new NetworkSecurityGroup(
            `${name}-nsg`,
            {
                networkSecurityGroupName: `${site.prefix}-runners`,
                resourceGroupName,
                location: site.location,
                securityRules: [nobodyComesIn],
                tags: site.tags,
            },
            child,
        );
        const egress = createZonalEgress(name, site, resourceGroupName, child);
        const space = parseRange(args.addressSpace);
        // Azure changes one subnet of a network at a time.
        let previous: pulumi.Resource[] = [];
        this.subnetIds = Object.fromEntries(
            site.zones.map((zone) => {
                const size = space.size / 4;
                const subnet = new Subnet(
                    `${name}-${zone}`,
                    {
                        subnetName: `zone-${zone}`,
                        virtualNetworkName: network.name,
                        resourceGroupName,
                        addressPrefix: formatRange({ first: space.first + Number(zone) * size, size }),
                        networkSecurityGroup: { id: guard.id },
                        natGateway: { id: egress[zone].natGatewayId },
                        defaultOutboundAccess: false,
                    },
                    { ...child, dependsOn: previous },
                );
                previous = [subnet];
                return [zone, subnet.id];
            }),
        );
        this.virtualNetworkId = network.id;
        this.registerOutputs({ virtualNetworkId: this.virtualNetworkId });
    }
}

/** Runners call and are not called, by nobody: not from peered networks either. */
const nobodyComesIn = {
    name: "inbound-deny-all",
    direction: "Inbound",
    access: "Deny",
    priority: 4096,
    protocol: "*",
    sourceAddressPrefix: "*",
    sourcePortRange: "*",
    destinationAddressPrefix: "*",
    destinationPortRange: "*",
    description: "Nothing calls a runner",
};

import { NatGateway } from "@pulumi/azure-native/network/natGateway";
import { PublicIPAddress } from "@pulumi/azure-native/network/publicIPAddress";
import type * as pulumi from "@pulumi/pulumi";
import { resourceId, type Site } from "../site";
import { groupNameOf } from "./names";

/** How one zone's user pools reach the outside, and the machines of a self-managed control plane in that zone. */
export interface ZonalEgress {
    natGatewayId: pulumi.Output<string>;
    address: pulumi.Output<string>;
}

/**
 * One NAT gateway in each zone, each with an address of that zone.
 *
 * A Standard NAT gateway lives in one zone whatever one asks for, so one gateway for all would take every zone's way out
 * along when its zone goes.
 */
export function createZonalEgress(
    name: string,
    site: Site,
    resourceGroupName: pulumi.Input<string>,
    child: pulumi.CustomResourceOptions,
): Record<string, ZonalEgress> {
    const egressOf = (zone: string): ZonalEgress => {
        const address = new PublicIPAddress(
            `${name}-egress-${zone}`,
            {
                publicIpAddressName: `${site.prefix}-egress-${zone}`,
                resourceGroupName,
                location: site.location,
                zones: [zone],
                sku: { name: "Standard", tier: "Regional" },
                publicIPAllocationMethod: "Static",
                publicIPAddressVersion: "IPv4",
                tags: site.tags,
            },
            child,
        );
        const gateway = new NatGateway(
            `${name}-nat-${zone}`,
            {
                natGatewayName: `${site.prefix}-nat-${zone}`,
                resourceGroupName,
                location: site.location,
                zones: [zone],
                sku: { name: "Standard" },
                publicIpAddresses: [{ id: address.id }],
                idleTimeoutInMinutes: 4,
                tags: site.tags,
            },
            child,
        );
        return { natGatewayId: gateway.id, address: address.ipAddress.apply(required(`${name}-egress-${zone}`)) };
    };
    return Object.fromEntries(site.zones.map((zone) => [zone, egressOf(zone)]));
}

/** How the system pool reaches the outside. */
export interface SystemEgress {
    publicIp: PublicIPAddress;
    /**
     * The ID that it has or will have, known in a preview as well. In a cluster's network profile one unknown value hides
     * all others from previews and policies (the SDK fills defaults into the profile as a whole), so it is named there by
     * this one. It makes nothing wait: wait for `publicIp`.
     */
    plannedId: string;
    address: pulumi.Output<string>;
}

/**
 * The address by which the system pool reaches the outside: one that lives in all zones.
 *
 * The inline system pool spans the zones and can have one subnet only, so a zonal gateway would make one zone decide over
 * all of it. It goes out through the cluster's load balancer instead, whose frontend is zone-redundant with this address.
 */
export function createSystemEgress(
    name: string,
    site: Site,
    resourceGroupName: pulumi.Input<string>,
    child: pulumi.CustomResourceOptions,
): SystemEgress {
    const publicIpAddressName = `${site.prefix}-egress-system`;
    const publicIp = new PublicIPAddress(
        `${name}-egress-system`,
        {
            publicIpAddressName,
            resourceGroupName,
            location: site.location,
            zones: site.zones,
            sku: { name: "Standard", tier: "Regional" },
            publicIPAllocationMethod: "Static",
            publicIPAddressVersion: "IPv4",
            tags: site.tags,
        },
        child,
    );
    return {
        publicIp,
        plannedId: resourceId(site, groupNameOf(site), "Microsoft.Network/publicIPAddresses", publicIpAddressName),
        address: publicIp.ipAddress.apply(required(`${name}-egress-system`)),
    };
}

function required(name: string) {
    return (address: string | undefined): string => {
        if (address === undefined)
            throw new Error(`${name}: Azure gave the public IP no address, although it is a static one`);
        return address;
    };
}

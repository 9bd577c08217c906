import { PrivateZone } from "@pulumi/azure-native/privatedns/privateZone";
import { VirtualNetworkLink } from "@pulumi/azure-native/privatedns/virtualNetworkLink";
import * as pulumi from "@pulumi/pulumi";
import type { Site } from "../site";

/**
 * The zone that holds the private API's name, seen from the virtual network.
 *
 * AKS takes `privatelink.REGION.azmk8s.io` or a zone below it. One below it, of this environment's own: a network that is
 * connected to several environments can be linked to all their zones, but to one of each name only.
 */
export function createApiZone(
    name: string,
    site: Site,
    args: { resourceGroupName: pulumi.Input<string>; virtualNetworkId: pulumi.Input<string> },
    child: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
    const zone = new PrivateZone(
        `${name}-api-zone`,
        {
            privateZoneName: `${site.prefix}.privatelink.${site.location}.azmk8s.io`,
            resourceGroupName: args.resourceGroupName,
            location: "global",
            tags: site.tags,
        },
        child,
    );
    const link = new VirtualNetworkLink(
        `${name}-api-zone-link`,
        {
            virtualNetworkLinkName: `${site.prefix}-vnet`,
            privateZoneName: zone.name,
            resourceGroupName: args.resourceGroupName,
            location: "global",
            virtualNetwork: { id: args.virtualNetworkId },
            registrationEnabled: false,
            tags: site.tags,
        },
        child,
    );
    // Whoever has the zone's ID may rely on the link: nodes that cannot resolve the API's name never become ready.
    return pulumi.all([zone.id, link.id]).apply(([id]) => id);
}

import { PrivateDnsZoneGroup } from "@pulumi/azure-native/network/privateDnsZoneGroup";
import { PrivateEndpoint } from "@pulumi/azure-native/network/privateEndpoint";
import type * as pulumi from "@pulumi/pulumi";
import type { Site } from "../site";
import type { Network } from "./network";
import type { PrivateZones } from "./privateDns";

/** Arguments of {@link createPrivateEndpoint}. */
export interface PrivateEndpointArgs {
    network: Network;
    /** What the endpoint leads to, and what of it. */
    target: { id: pulumi.Input<string>; groupId: keyof PrivateZones };
    resourceGroupName: pulumi.Input<string>;
    /** Name of the endpoint. */
    nameInAzure: string;
}

/**
 * An address inside the network for a vault or a storage account, and its name in the network's DNS.
 *
 * @returns wait for it: then the name leads to the address
 */
export function createPrivateEndpoint(
    name: string,
    site: Site,
    { network, target, resourceGroupName, nameInAzure }: PrivateEndpointArgs,
    child: pulumi.CustomResourceOptions,
): pulumi.Resource {
    const endpoint = new PrivateEndpoint(
        name,
        {
            privateEndpointName: nameInAzure,
            customNetworkInterfaceName: nameInAzure,
            resourceGroupName,
            location: site.location,
            subnet: { id: network.endpointsSubnetId },
            privateLinkServiceConnections: [
                { name: nameInAzure, privateLinkServiceId: target.id, groupIds: [target.groupId] },
            ],
            tags: site.tags,
        },
        child,
    );
    // Azure keeps the record in the zone itself, and takes it away with the endpoint.
    return new PrivateDnsZoneGroup(
        `${name}-dns`,
        {
            privateDnsZoneGroupName: "default",
            privateEndpointName: nameInAzure,
            resourceGroupName,
            privateDnsZoneConfigs: [{ name: target.groupId, privateDnsZoneId: network.privateZones[target.groupId] }],
        },
        { ...child, dependsOn: [endpoint] },
    );
}

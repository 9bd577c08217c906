import { VirtualNetworkPeering } from "@pulumi/azure-native/network/virtualNetworkPeering";
import type * as pulumi from "@pulumi/pulumi";
import { resourceId, type Site } from "../site";

/** The network that deployments run in. */
export interface Runners {
    resourceGroupName: string;
    virtualNetworkName: string;
}

/** ID of the runners' network, in this subscription. */
export function runnersNetworkId(site: Pick<Site, "subscriptionId">, runners: Runners): string {
    return resourceId(site, runners.resourceGroupName, "Microsoft.Network/virtualNetworks", runners.virtualNetworkName);
}

/**
 * Peers the cluster's network with the runners': what deploys has to reach a private API.
 *
 * A peering is two resources, one in each network, and works when both are there.
 */
export function peerWithRunners(
    name: string,
    site: Site,
    { runners, virtualNetwork }: { runners: Runners; virtualNetwork: Runners & { id: pulumi.Input<string> } },
    child: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
    const peer = (side: string, from: Runners, remoteId: pulumi.Input<string>, after: pulumi.CustomResourceOptions) =>
        new VirtualNetworkPeering(
            `${name}-peering-${side}`,
            {
                virtualNetworkPeeringName: side === "to-runners" ? "runners" : site.prefix,
                resourceGroupName: from.resourceGroupName,
                virtualNetworkName: from.virtualNetworkName,
                remoteVirtualNetwork: { id: remoteId },
                allowVirtualNetworkAccess: true,
                // Traffic of the two networks alone, and nobody's gateway.
                allowForwardedTraffic: false,
                allowGatewayTransit: false,
                useRemoteGateways: false,
            },
            after,
        );
    const to = peer("to-runners", virtualNetwork, runnersNetworkId(site, runners), child);
    return [to, peer("from-runners", runners, virtualNetwork.id, { ...child, dependsOn: [to] })];
}

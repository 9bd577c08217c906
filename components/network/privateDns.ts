import { PrivateZone } from "@pulumi/azure-native/privatedns/privateZone";
import { VirtualNetworkLink } from "@pulumi/azure-native/privatedns/virtualNetworkLink";
import * as pulumi from "@pulumi/pulumi";
import type { Site } from "../site";
import { internalZoneOf } from "./names";

/** IDs of the zones that hold the names of private endpoints, by what the endpoints lead to. */
export interface PrivateZones {
    vault: pulumi.Output<string>;
    blob: pulumi.Output<string>;
}

/** Where a zone is made, and which networks see it. */
interface Seen {
    resourceGroupName: pulumi.Input<string>;
    virtualNetworkId: pulumi.Input<string>;
    /** The network that deployments run in, where it has to see the zone. */
    runnersNetworkId?: pulumi.Input<string>;
}

/**
 * The zone that holds the private API's name of an AKS cluster, seen from the virtual network.
 *
 * AKS takes `privatelink.REGION.azmk8s.io` or a zone below it. One below it, of this environment's own: a network that is
 * connected to several environments can be linked to all their zones, but to one of each name only.
 */
export function createApiZone(
    name: string,
    site: Site,
    seen: Seen,
    child: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
    const zoneName = `${site.prefix}.privatelink.${site.location}.azmk8s.io`;
    return createZone(`${name}-api-zone`, zoneName, site, seen, child).id;
}

/** The zone that holds the API's name of a self-managed cluster: one of the environment's own, for the same reason. */
export function createInternalZone(
    name: string,
    site: Site,
    seen: Seen,
    child: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
    return createZone(`${name}-internal-zone`, internalZoneOf(site), site, seen, child).name;
}

/** The zones that turn the names of vaults and storage accounts into addresses of their private endpoints. */
export function createPrivateLinkZones(
    name: string,
    site: Site,
    seen: Omit<Seen, "runnersNetworkId">,
    child: pulumi.CustomResourceOptions,
): PrivateZones {
    // Seen by this network alone: another one can be linked to one zone of a name only, and these names are everybody's.
    // Other people's accounts have private endpoints too, whose names lead into these zones and are not in there: those
    // are to be asked outside and not to be missing, else an image in such an account could not be pulled.
    const resolutionPolicy = "NxDomainRedirect";
    const zone = (of: keyof PrivateZones, zoneName: string) =>
        createZone(`${name}-${of}-zone`, zoneName, site, { ...seen, resolutionPolicy }, child).id;
    return {
        vault: zone("vault", "privatelink.vaultcore.azure.net"),
        blob: zone("blob", "privatelink.blob.core.windows.net"),
    };
}

function createZone(
    name: string,
    privateZoneName: string,
    site: Site,
    { resourceGroupName, virtualNetworkId, runnersNetworkId, ...link }: Seen & { resolutionPolicy?: string },
    child: pulumi.CustomResourceOptions,
): { id: pulumi.Output<string>; name: pulumi.Output<string> } {
    const zone = new PrivateZone(
        name,
        { privateZoneName, resourceGroupName, location: "global", tags: site.tags },
        child,
    );
    const linkTo = (linkName: string, networkId: pulumi.Input<string>, suffix: string) =>
        new VirtualNetworkLink(
            `${name}-${suffix}`,
            {
                virtualNetworkLinkName: linkName,
                privateZoneName: zone.name,
                resourceGroupName,
                location: "global",
                virtualNetwork: { id: networkId },
                registrationEnabled: false,
                ...link,
                tags: site.tags,
            },
            child,
        );
    const links = [
        linkTo(`${site.prefix}-vnet`, virtualNetworkId, "link"),
        ...(runnersNetworkId === undefined ? [] : [linkTo("runners", runnersNetworkId, "link-runners")]),
    ];
    // Whoever has the zone's ID or name may rely on the links: nodes that cannot resolve the API's name never become ready.
    const relied = pulumi.all([zone.id, zone.name, links.map(({ id }) => id)]);
    return { id: relied.apply(([id]) => id), name: relied.apply(([, zoneName]) => zoneName) };
}

import { parse } from "ipaddr.js";
import { sameId } from "../../../../rehearsal/azure/arm/id";
import { objectsAt, textAt } from "../../../../rehearsal/azure/rules/rule";
import type { Cloud, CloudResource } from "../../../../rehearsal/azure/state/cloud";

/** A service that machines reach by name. */
export interface Endpoint {
    kind: "vault" | "blob";
    /** The vault or the storage account. */
    service: CloudResource;
    /** As clients say it: `<account>.blob.core.windows.net`. */
    host: string;
    /** It has no private endpoint. */
    isPublic: boolean;
    /** The name in a private zone that `host` leads to; a private endpoint without one is not found by name. */
    privateName?: string;
    address: string;
}

export interface NameRecord {
    name: string;
    address: string;
}

/** Azure keeps a subnet's first four addresses. */
const firstAddress = 4;

/** Every vault and storage account of the program, by name; in public ones' place stand addresses that RFC 5737 keeps for documents. */
export function endpointsOf(cloud: Cloud): Endpoint[] {
    const vaults = cloud.list("Microsoft.KeyVault/vaults").map((service) => ({
        kind: "vault" as const,
        service,
        host: `${service.name}.vault.azure.net`,
    }));
    const accounts = cloud.list("Microsoft.Storage/storageAccounts").map((service) => ({
        kind: "blob" as const,
        service,
        host: new URL(textAt(service.outputs, "primaryEndpoints", "blob")!).hostname,
    }));
    const taken = new Map<string, number>();
    return [...vaults, ...accounts]
        .sort((one, other) => (one.host < other.host ? -1 : 1))
        .map((endpoint) => {
            const door = privateEndpointOf(cloud, endpoint.service);
            const network = door ? subnetOf(cloud, door) : "203.0.113.0/24";
            const place = taken.get(network) ?? firstAddress;
            taken.set(network, place + 1);
            const address = addressesOf(door)[0] ?? addressIn(network, place);
            const privateName = door && privateNameOf(cloud, door, endpoint.service.name);
            return { ...endpoint, address, isPublic: !door, privateName };
        });
}

/** What the program wrote into private zones that a network sees. */
export function recordsOf(cloud: Cloud): NameRecord[] {
    return cloud.list("Microsoft.Network/privateDnsZones/A").flatMap(({ id, name, inputs }) => {
        const zoneId = id.split("/").slice(0, -2).join("/");
        if (!isLinked(cloud, zoneId)) return [];
        const zone = zoneId.split("/").at(-1)!;
        return objectsAt(inputs, "aRecords").map((record) => ({
            name: name === "@" ? zone : `${name}.${zone}`,
            address: textAt(record, "ipv4Address")!,
        }));
    });
}

function privateEndpointOf(cloud: Cloud, service: CloudResource): CloudResource | undefined {
    return cloud
        .list("Microsoft.Network/privateEndpoints")
        .find(({ inputs }) =>
            objectsAt(inputs, "privateLinkServiceConnections").some((connection) =>
                sameId(textAt(connection, "privateLinkServiceId") ?? "", service.id),
            ),
        );
}

/** In the zone that the endpoint's group writes its record into, which has to be there and linked. */
function privateNameOf(cloud: Cloud, door: CloudResource, service: string): string | undefined {
    const group = cloud
        .list("Microsoft.Network/privateEndpoints/privateDnsZoneGroups")
        .find(({ id }) => id.toLowerCase().startsWith(`${door.id.toLowerCase()}/`));
    const [zone] = objectsAt(group?.inputs, "privateDnsZoneConfigs").map((config) =>
        cloud.get(textAt(config, "privateDnsZoneId") ?? ""),
    );
    return zone && isLinked(cloud, zone.id) ? `${service}.${zone.name}` : undefined;
}

/** A private zone is seen from networks that it is linked to. */
function isLinked(cloud: Cloud, zoneId: string): boolean {
    return cloud
        .list("Microsoft.Network/privateDnsZones/virtualNetworkLinks")
        .some(({ id }) => id.toLowerCase().startsWith(`${zoneId.toLowerCase()}/`));
}

/** Addresses that the program chose itself. */
function addressesOf(door: CloudResource | undefined): string[] {
    return objectsAt(door?.inputs, "ipConfigurations").flatMap((one) => textAt(one, "privateIPAddress") ?? []);
}

function subnetOf(cloud: Cloud, door: CloudResource): string {
    const id = textAt(door.inputs, "subnet", "id") ?? "";
    const range = textAt(cloud.get(id)?.inputs, "addressPrefix");
    if (range === undefined) throw new Error(`private endpoint ${door.id}: its subnet ${id} has no address range`);
    return range;
}

function addressIn(network: string, place: number): string {
    const bytes = parse(network.split("/")[0]).toByteArray();
    bytes[3] += place;
    return bytes.join(".");
}

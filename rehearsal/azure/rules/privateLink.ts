import { parseArmId, sameId } from "../arm/id";
import { sameRegion } from "./privateAddress";
import { objectsAt, refuse, type Rule, textAt, textsAt } from "./rule";

/** What of a resource can be had by a private endpoint (Microsoft Learn, "Private-link resource"). */
const GROUPS: Record<string, readonly string[]> = {
    "microsoft.keyvault/vaults": ["vault"],
    "microsoft.storage/storageaccounts": ["blob", "dfs", "file", "queue", "table", "web"].flatMap((service) => [
        service,
        `${service}_secondary`,
    ]),
    "microsoft.containerregistry/registries": ["registry"],
    "microsoft.containerservice/managedclusters": ["management"],
    "microsoft.monitor/accounts": ["prometheusMetrics"],
    "microsoft.dashboard/grafana": ["grafana"],
    "microsoft.insights/privatelinkscopes": ["azuremonitor"],
    "microsoft.dataprotection/backupvaults": ["AzureBackup"],
};

/** A private endpoint: in its network's region, to one part of a resource that has such a part. Codes are plausible. */
export const privateEndpoint: Rule = function* (candidate) {
    const { inputs } = candidate;
    const subnet = textAt(inputs, "subnet", "id");
    if (subnet) yield* sameRegion(candidate, subnet, "subnet.id");
    if (inputs.subnet === undefined)
        yield refuse("subnet", "`subnet` is missing: a private endpoint is in a subnet.", "InvalidRequestFormat");
    const lists = ["privateLinkServiceConnections", "manualPrivateLinkServiceConnections"];
    const count = lists.flatMap((list) => objectsAt(inputs, list)).length;
    if (count !== 1 && lists.every((list) => typeof inputs[list] !== "symbol")) {
        yield refuse(
            lists[0],
            `\`${lists[0]}\`: a private endpoint has one connection, but ${count} were given.`,
            "PrivateEndpointMustHaveExactlyOnePrivateLinkServiceConnection",
        );
    }
    for (const list of lists) {
        for (const [index, connection] of objectsAt(inputs, list).entries()) {
            const path = `${list}[${index}].groupIds`;
            const groups = textsAt(connection, "groupIds");
            const type = parseArmId(textAt(connection, "privateLinkServiceId") ?? "")?.type;
            const known = type ? GROUPS[type.toLowerCase()] : undefined;
            if (!known || typeof connection.groupIds === "symbol") continue;
            if (
                groups.length !== 1 &&
                groups.length === ((connection.groupIds as unknown[] | undefined) ?? []).length
            ) {
                yield refuse(
                    path,
                    `\`${path}\` must name one part of ${type}, but ${groups.length} were given. It has: ${known.join(", ")}.`,
                    "PrivateEndpointWithMultipleGroupIdsNotAllowed",
                );
            }
            for (const group of groups.filter((one) => !known.includes(one))) {
                yield refuse(
                    path,
                    `\`${path}\` ${JSON.stringify(group)} is not a part of ${type} that a private endpoint can be made for. It has: ${known.join(", ")}.`,
                    "InvalidGroupIdForPrivateLinkServiceConnection",
                );
            }
        }
    }
};

/** The zones of an endpoint: one group of them, each once. Codes are plausible. */
export const privateDnsZoneGroup: Rule = function* ({ inputs, id, cloud, armType }) {
    const endpoint = id?.split("/privateDnsZoneGroups/")[0];
    const other =
        endpoint &&
        cloud.siblings(armType, `${endpoint}/privateDnsZoneGroups/`).find((group) => !sameId(group.id, id!));
    if (other) {
        yield refuse(
            "privateDnsZoneGroupName",
            `\`privateDnsZoneGroupName\`: the private endpoint has ${other.id}, and may have one group.`,
            "MoreThanOnePrivateDnsZoneGroupPerPrivateEndpointNotAllowed",
        );
    }
    const seen = new Set<string>();
    for (const [index, configuration] of objectsAt(inputs, "privateDnsZoneConfigs").entries()) {
        const path = `privateDnsZoneConfigs[${index}].privateDnsZoneId`;
        const zone = textAt(configuration, "privateDnsZoneId")?.toLowerCase();
        if (zone && seen.has(zone))
            yield refuse(path, `\`${path}\` is there twice.`, "PrivateDnsZoneGroupsDuplicateZones");
        if (zone) seen.add(zone);
        const type = zone ? parseArmId(zone)?.type : undefined;
        if (type && type !== "microsoft.network/privatednszones")
            yield refuse(
                path,
                `\`${path}\` must be the ID of a private DNS zone, but ${zone} was given.`,
                "InvalidResourceReference",
            );
    }
};

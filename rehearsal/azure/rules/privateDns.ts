import { sameId } from "../arm/id";
import { isAddress } from "./cidr";
import { within } from "./limits";
import { objectsAt, refuse, type Rule, textAt } from "./rule";

const LINKS = "Microsoft.Network/privateDnsZones/virtualNetworkLinks";

/** Private zones are everywhere, not in a region. */
export const globalLocation: Rule = function* ({ inputs }) {
    const location = textAt(inputs, "location");
    if (location !== undefined && location.toLowerCase() !== "global") {
        yield refuse(
            "location",
            `\`location\` must be "global", but ${JSON.stringify(location)} was given.`,
            "LocationNotAvailableForResourceType",
        );
    }
};

/** A network is linked once to a name, and registers its machines in one zone. */
export const networkLink: Rule = function* ({ inputs, id, cloud }) {
    const network = textAt(inputs, "virtualNetwork", "id");
    const zone = id?.split("/").at(-3)?.toLowerCase();
    if (!id || !network) return;
    const others = cloud
        .siblings(LINKS, id.split("/").slice(0, 3).join("/"))
        .filter(
            (link) =>
                /\/virtualNetworkLinks\//i.test(link.id) &&
                !sameId(link.id, id) &&
                sameId(textAt(link.inputs, "virtualNetwork", "id") ?? "", network),
        );
    const twin = others.find((link) => link.id.split("/").at(-3)?.toLowerCase() === zone);
    if (twin) {
        yield refuse(
            "virtualNetwork.id",
            `A virtual network cannot be linked to multiple zones with overlapping namespaces. \`virtualNetwork.id\` is linked to '${zone}' by ${twin.id}.`,
            "BadRequest",
        );
    }
    const registering = others.find((link) => link.inputs.registrationEnabled === true);
    if (inputs.registrationEnabled === true && registering) {
        yield refuse(
            "registrationEnabled",
            `\`registrationEnabled\`: a virtual network can register its machines in one zone, and does by ${registering.id}.`,
            "BadRequest",
        );
    }
};

const LISTS: Record<string, string> = {
    a: "aRecords",
    aaaa: "aaaaRecords",
    cname: "cnameRecord",
    mx: "mxRecords",
    ptr: "ptrRecords",
    soa: "soaRecord",
    srv: "srvRecords",
    txt: "txtRecords",
};

/** A record set: content of its own type, addresses that are some, a name that no alias has. */
export const recordSet: Rule = function* ({ inputs, id, cloud }) {
    yield* within(inputs, "ttl", 1, 2_147_483_647);
    const type = textAt(inputs, "recordType");
    const own = type ? LISTS[type.toLowerCase()] : undefined;
    if (type && !own) {
        yield refuse(
            "recordType",
            `\`recordType\` must be one of ${Object.keys(LISTS).join(", ").toUpperCase()}, but ${JSON.stringify(type)} was given.`,
            "BadRequest",
        );
    }
    if (own && inputs[own] === undefined) {
        yield refuse(own, `\`${own}\` is missing: the record set of type ${type} has no records.`, "BadRequest");
    }
    for (const [list, key, colon] of [
        ["aRecords", "ipv4Address", false],
        ["aaaaRecords", "ipv6Address", true],
    ] as const) {
        for (const [index, record] of objectsAt(inputs, list).entries()) {
            const address = textAt(record, key);
            const path = `${list}[${index}].${key}`;
            if (address !== undefined && (!isAddress(address) || address.includes(":") !== colon)) {
                yield refuse(
                    path,
                    `\`${path}\` must be an address, but ${JSON.stringify(address)} was given.`,
                    "BadRequest",
                );
            }
        }
    }
    if (!id || !type) return;
    const parts = id.split("/");
    const name = parts.at(-1)!.toLowerCase();
    const zone = parts.slice(0, -2).join("/");
    const alias = type.toLowerCase() === "cname";
    const others = alias ? Object.keys(LISTS).filter((other) => other !== "cname") : ["cname"];
    const clash = others.find((other) => cloud.has(`${zone}/${other.toUpperCase()}/${name}`));
    if (clash) {
        yield refuse(
            "relativeRecordSetName",
            `\`relativeRecordSetName\` '${name}' has a record set of type ${clash.toUpperCase()}: a CNAME is alone under its name.`,
            "Conflict",
        );
    }
};

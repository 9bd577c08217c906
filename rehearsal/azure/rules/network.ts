import { sameId } from "../arm/id";
import { within } from "./limits";
import { regionName } from "./regions";
import { at, objectsAt, refuse, type Rule, textAt, textsAt } from "./rule";

export const publicAddress: Rule = function* ({ inputs, id, region, cloud, current }) {
    const label = textAt(inputs, "dnsSettings", "domainNameLabel");
    if (label && !/^[a-z][a-z0-9-]{1,61}[a-z0-9]$/.test(label)) {
        yield refuse(
            "dnsSettings.domainNameLabel",
            `\`dnsSettings.domainNameLabel\` must be 3 to 63 lower-case letters, digits and dashes, beginning with a letter, but ${JSON.stringify(label)} was given.`,
            "InvalidDomainNameLabel",
        );
    }
    const twin =
        label &&
        cloud
            .list("Microsoft.Network/publicIPAddresses")
            .find(
                (other) =>
                    !(id && sameId(other.id, id)) &&
                    textAt(other.inputs, "dnsSettings", "domainNameLabel") === label &&
                    regionName(other.inputs.location) === region,
            );
    if (twin)
        yield refuse(
            "dnsSettings.domainNameLabel",
            `\`dnsSettings.domainNameLabel\` ${JSON.stringify(label)} is taken in ${region}, by ${twin.id}.`,
            "DnsRecordInUse",
        );
    const sku = at(inputs, "sku", "name");
    const zones = textsAt(inputs, "zones");
    if (!current && (sku === undefined || sku === "Basic")) {
        yield refuse(
            "sku.name",
            '`sku.name` must be "Standard": without it Azure makes a Basic address, of which no subscription may have new ones. Cannot create more than 0 IPv4 Basic SKU public IP addresses.',
            "IPv4BasicSkuPublicIpCountLimitReached",
        );
    }
    if (
        sku === "Standard" &&
        (inputs.publicIPAllocationMethod === "Dynamic" || inputs.publicIPAllocationMethod === undefined)
    ) {
        yield refuse(
            "publicIPAllocationMethod",
            '`publicIPAllocationMethod` must be "Static" for a Standard address; Azure takes "Dynamic" where it is left out.',
            "StandardSkuPublicIPAddressesMustBeStatic",
        );
    }
    if (sku === "Basic" && zones.length > 0)
        yield refuse(
            "zones",
            "`zones` cannot be given for a Basic address: only Standard ones have zones.",
            "SkuDoesNotSupportZones",
        );
    yield* within(inputs, "idleTimeoutInMinutes", 4, 30);
};

/** A Standard NAT gateway lives in one zone, and its addresses must be there, too. */
export const natGateway: Rule = function* ({ inputs, cloud }) {
    const zones = textsAt(inputs, "zones");
    if (textAt(inputs, "sku", "name") === undefined && typeof at(inputs, "sku", "name") !== "symbol") {
        yield refuse("sku.name", '`sku.name` is required: "Standard".', "InvalidRequestFormat");
    }
    if (zones.length > 1) {
        yield refuse(
            "zones",
            `\`zones\` of a Standard NAT gateway may name one zone, but ${zones.join(", ")} were given: make one NAT gateway a zone.`,
            "ResourceTypeDoesNotSupportMultipleZones",
        );
    }
    for (const list of ["publicIpAddresses", "publicIpPrefixes"]) {
        for (const [index, reference] of objectsAt(inputs, list).entries()) {
            const path = `${list}[${index}].id`;
            const id = textAt(reference, "id");
            const address = id ? cloud.inputs(id) : undefined;
            if (!address) continue;
            const own = textsAt(address, "zones");
            if (zones.length === 1 && own.length > 0 && !own.includes(zones[0])) {
                yield refuse(
                    path,
                    `\`${path}\` is in zone ${own.join(", ")}, the NAT gateway in zone ${zones[0]}: they must be in the same one.`,
                    "NatGatewayPublicIpZoneMismatch",
                );
            }
            if (textAt(address, "sku", "name") === "Basic")
                yield refuse(
                    path,
                    `\`${path}\` is a Basic address: a NAT gateway takes Standard ones only.`,
                    "NatGatewayPublicIpSkuMismatch",
                );
        }
    }
    yield* within(inputs, "idleTimeoutInMinutes", 4, 120);
};

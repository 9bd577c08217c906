import type { CheckFailure } from "../../provider/provider";
import type { Properties } from "../../provider/values";
import { sameId } from "../arm/id";
import { isAddress, offsetIn, parseCidr } from "./cidr";
import { regionName } from "./regions";
import { at, type Candidate, objectsAt, refuse, type Rule, textAt, textsAt } from "./rule";
import { prefixesOf, subnetInputs } from "./virtualNetwork";

/** Addresses at the start of a subnet that Azure keeps; it keeps the last one, too. */
const RESERVED = 4n;

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

export const loadBalancer: Rule = function* (candidate) {
    const { inputs, cloud } = candidate;
    const sku = textAt(inputs, "sku", "name");
    for (const list of [
        "frontendIPConfigurations",
        "backendAddressPools",
        "probes",
        "loadBalancingRules",
        "outboundRules",
        "inboundNatRules",
    ]) {
        yield* distinctNames(inputs, list);
    }
    for (const [index, frontend] of objectsAt(inputs, "frontendIPConfigurations").entries()) {
        const path = `frontendIPConfigurations[${index}]`;
        const kinds = ["subnet", "publicIPAddress", "publicIPPrefix"].filter((key) => frontend[key] !== undefined);
        if (kinds.length !== 1) {
            yield refuse(
                path,
                `\`${path}\` must have one of subnet, publicIPAddress and publicIPPrefix, but has ${kinds.join(" and ") || "none"}.`,
                "InvalidFrontendIPConfiguration",
            );
        }
        if (frontend.publicIPAddress !== undefined && textsAt(frontend, "zones").length > 0) {
            yield refuse(
                `${path}.zones`,
                `\`${path}.zones\` cannot be given with a public IP address: a public frontend has the zones of its address.`,
                "LoadBalancerFrontendIPConfigCannotHaveZoneWhenReferencingPublicIPAddress",
            );
        }
        const addressId = textAt(frontend, "publicIPAddress", "id");
        const address = addressId ? cloud.inputs(addressId) : undefined;
        const addressSku = address && (textAt(address, "sku", "name") ?? "Basic");
        if (sku && addressSku && sku !== addressSku && sku !== "Gateway") {
            yield refuse(
                `${path}.publicIPAddress.id`,
                `\`${path}.publicIPAddress.id\` is a ${addressSku} address, the load balancer is ${sku}: they must be the same.`,
                "PublicIPAndLBSkuDoNotMatch",
            );
        }
        yield* staticAddress(candidate, frontend, path);
    }
    const taken = new Map<string, number>();
    for (const [index, rule] of objectsAt(inputs, "loadBalancingRules").entries()) {
        const path = `loadBalancingRules[${index}]`;
        const key = [textAt(rule, "frontendIPConfiguration", "id")?.toLowerCase(), rule.frontendPort, rule.protocol]
            .map(String)
            .join("|");
        const before = taken.get(key);
        if (before !== undefined && !key.includes("undefined") && !key.includes("Symbol")) {
            yield refuse(
                `${path}.frontendPort`,
                `\`${path}.frontendPort\`: frontend, port and protocol are those of loadBalancingRules[${before}].`,
                "RulesUseSameFrontendPortProtocolAndIPConfig",
            );
        }
        taken.set(key, index);
        const ports = [rule.frontendPort, rule.backendPort];
        if (rule.protocol === "All" && ports.some((port) => typeof port === "number" && port !== 0)) {
            yield refuse(
                `${path}.protocol`,
                `\`${path}.protocol\` "All" balances every port: frontendPort and backendPort must be 0.`,
                "InvalidLoadBalancingRule",
            );
        }
        for (const port of ["frontendPort", "backendPort"]) {
            if (rule.protocol !== "All") yield* within(rule, port, 1, 65_535, `${path}.`);
        }
    }
    for (const [index, probe] of objectsAt(inputs, "probes").entries()) {
        const path = `probes[${index}]`;
        yield* within(probe, "port", 1, 65_535, `${path}.`);
        yield* within(probe, "intervalInSeconds", 5, Infinity, `${path}.`);
        const http = probe.protocol === "Http" || probe.protocol === "Https";
        if (http && probe.requestPath === undefined)
            yield refuse(
                `${path}.requestPath`,
                `\`${path}.requestPath\` is required for an ${String(probe.protocol)} probe.`,
                "ProbeRequestPathMissing",
            );
        if (probe.protocol === "Tcp" && probe.requestPath !== undefined)
            yield refuse(
                `${path}.requestPath`,
                `\`${path}.requestPath\` cannot be given for a Tcp probe.`,
                "ProbeRequestPathNotAllowed",
            );
        if (probe.protocol === "Https" && sku === "Basic")
            yield refuse(
                `${path}.protocol`,
                `\`${path}.protocol\` "Https" needs a Standard load balancer.`,
                "ProbeProtocolNotSupported",
            );
    }
};

export const networkInterface: Rule = function* (candidate) {
    for (const [index, configuration] of objectsAt(candidate.inputs, "ipConfigurations").entries()) {
        yield* staticAddress(candidate, configuration, `ipConfigurations[${index}]`);
    }
};

/** Rules of a security group: priorities, ports and addresses. */
export const securityGroup: Rule = function* ({ inputs }) {
    const rules = objectsAt(inputs, "securityRules");
    yield* distinctNames(inputs, "securityRules");
    const seen: { where: string; rule: Properties }[] = [];
    for (const [index, rule] of rules.entries()) {
        yield* securityRuleItself(rule, `securityRules[${index}].`);
        yield* samePriority(rule, seen, `securityRules[${index}].`);
        seen.push({ where: textAt(rule, "name") ?? `securityRules[${index}]`, rule });
    }
};

/** A rule made on its own, among those that its group has already. */
export const securityRule: Rule = function* ({ inputs, id, cloud }) {
    yield* securityRuleItself(inputs, "");
    const groupId = id?.split("/").slice(0, -2).join("/");
    if (!groupId) return;
    const inline = objectsAt(cloud.inputs(groupId), "securityRules").map((rule) => ({
        where: textAt(rule, "name") ?? "",
        rule,
    }));
    const own = cloud
        .siblings("Microsoft.Network/networkSecurityGroups/securityRules", `${groupId}/securityRules/`)
        .filter((other) => !sameId(other.id, id!))
        .map((other) => ({ where: other.id.split("/").at(-1)!, rule: other.inputs }));
    const name = id!.split("/").at(-1)!.toLowerCase();
    yield* samePriority(
        inputs,
        [...inline, ...own].filter(({ where }) => where.toLowerCase() !== name),
        "",
    );
};

function* samePriority(
    rule: Properties,
    others: readonly { where: string; rule: Properties }[],
    base: string,
): Generator<CheckFailure> {
    const other = others.find((one) => one.rule.priority === rule.priority && one.rule.direction === rule.direction);
    if (other && typeof rule.priority === "number" && typeof rule.direction === "string") {
        yield refuse(
            `${base}priority`,
            `\`${base}priority\` ${rule.priority} is that of rule '${other.where}', too: ${rule.direction} rules of a group need different ones.`,
            "SecurityRuleConflict",
        );
    }
}

function* securityRuleItself(rule: Properties, base: string): Generator<CheckFailure> {
    yield* within(rule, "priority", 100, 4096, base);
    for (const side of ["source", "destination"]) {
        for (const kind of ["AddressPrefix", "PortRange"]) {
            const single = `${side}${kind}`;
            const several = kind === "PortRange" ? `${side}PortRanges` : `${side}AddressPrefixes`;
            const groups = `${side}ApplicationSecurityGroups`;
            const hasGroups =
                kind === "AddressPrefix" && Array.isArray(rule[groups]) && (rule[groups] as unknown[]).length > 0;
            const has = [
                rule[single] !== undefined && rule[single] !== "",
                Array.isArray(rule[several]) && rule[several].length > 0,
                hasGroups,
            ];
            if (has.filter(Boolean).length === 0) {
                yield refuse(
                    `${base}${single}`,
                    `\`${base}${single}\` is missing: give it, or ${several}${kind === "AddressPrefix" ? `, or ${groups}` : ""}.`,
                    "SecurityRuleParameterMissing",
                );
            }
            if (has[0] && has[1]) {
                yield refuse(
                    `${base}${several}`,
                    `\`${base}${several}\` cannot be given together with ${single}.`,
                    "SecurityRuleParameterConflict",
                );
            }
            const values: [string, string][] = textsAt(rule, several).map((text, index) => [
                `${base}${several}[${index}]`,
                text,
            ]);
            const one = textAt(rule, single);
            if (one) values.push([`${base}${single}`, one]);
            for (const [path, text] of values) {
                const wrong = kind === "PortRange" ? !isPortRange(text) : !isAddressPrefix(text);
                if (wrong && text !== "") {
                    const wanted =
                        kind === "PortRange"
                            ? "a port, a range such as 8000-8080, or *"
                            : "an address, an address range, a service tag such as VirtualNetwork, or *";
                    yield refuse(
                        path,
                        `\`${path}\` must be ${wanted}, but ${JSON.stringify(text)} was given.`,
                        kind === "PortRange" ? "SecurityRuleInvalidPortRange" : "SecurityRuleInvalidAddressPrefix",
                    );
                }
            }
        }
    }
}

function isPortRange(text: string): boolean {
    if (text === "*") return true;
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
    const [from, to] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
    return match !== null && from <= to && to <= 65_535;
}

function isAddressPrefix(text: string): boolean {
    // Service tags begin with a letter: AzureLoadBalancer, Storage.WestEurope.
    return text === "*" || parseCidr(text) !== undefined || isAddress(text) || /^[A-Za-z][A-Za-z0-9.]*$/.test(text);
}

/** A fixed private address is in its subnet, not one that Azure keeps, and nobody else's. */
function* staticAddress(candidate: Candidate, configuration: Properties, path: string): Generator<CheckFailure> {
    const address = textAt(configuration, "privateIPAddress");
    const subnetId = textAt(configuration, "subnet", "id");
    const isStatic = configuration.privateIPAllocationMethod === "Static";
    if (isStatic && configuration.subnet !== undefined && configuration.privateIPAddress === undefined) {
        yield refuse(
            `${path}.privateIPAddress`,
            `\`${path}.privateIPAddress\` is missing: the allocation is static.`,
            "StaticPrivateIPAddressMissing",
        );
    }
    if (!address || !subnetId) return;
    const subnet = subnetInputs(candidate, subnetId);
    const ranges = subnet ? prefixesOf(subnet).flatMap(([, text]) => parseCidr(text) ?? []) : [];
    const range = ranges.find((one) => offsetIn(one, address) !== undefined);
    if (ranges.length > 0 && !range) {
        yield refuse(
            `${path}.privateIPAddress`,
            `\`${path}.privateIPAddress\` ${address} is not in the subnet's range ${ranges.map((one) => one.text).join(", ")}.`,
            "PrivateIPAddressNotInSubnet",
        );
    }
    const offset = range && offsetIn(range, address)!;
    if (range && (offset! < RESERVED || offset === range.last - range.first)) {
        yield refuse(
            `${path}.privateIPAddress`,
            `\`${path}.privateIPAddress\` ${address} is kept by Azure: the first four addresses of a subnet and its last.`,
            "PrivateIPAddressInReservedRange",
        );
    }
    for (const type of ["Microsoft.Network/loadBalancers", "Microsoft.Network/networkInterfaces"]) {
        const lists = ["frontendIPConfigurations", "ipConfigurations"];
        const other = candidate.cloud
            .list(type)
            .find(
                (resource) =>
                    !(candidate.id && sameId(resource.id, candidate.id)) &&
                    lists.some((list) =>
                        objectsAt(resource.inputs, list).some(
                            (one) =>
                                textAt(one, "privateIPAddress") === address &&
                                sameId(textAt(one, "subnet", "id") ?? "", subnetId),
                        ),
                    ),
            );
        if (other)
            yield refuse(
                `${path}.privateIPAddress`,
                `\`${path}.privateIPAddress\` ${address} is already allocated to ${other.id}.`,
                "PrivateIPAddressIsAllocated",
            );
    }
}

function* distinctNames(inputs: Properties, list: string): Generator<CheckFailure> {
    const seen = new Set<string>();
    for (const [index, item] of objectsAt(inputs, list).entries()) {
        const name = textAt(item, "name");
        if (name && seen.has(name.toLowerCase()))
            yield refuse(
                `${list}[${index}].name`,
                `\`${list}[${index}].name\` ${JSON.stringify(name)} is there twice.`,
                "DuplicateResourceName",
            );
        if (name) seen.add(name.toLowerCase());
    }
}

/** A number between two limits. */
export function* within(
    inputs: Properties,
    key: string,
    least: number,
    most: number,
    base = "",
): Generator<CheckFailure> {
    const value = inputs[key];
    if (typeof value === "number" && (value < least || value > most)) {
        const limits = most === Infinity ? `at least ${least}` : `from ${least} to ${most}`;
        yield refuse(
            `${base}${key}`,
            `\`${base}${key}\` must be ${limits}, but ${value} was given.`,
            "InvalidParameter",
        );
    }
}

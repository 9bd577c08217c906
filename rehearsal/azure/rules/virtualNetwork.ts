import type { CheckFailure } from "../../provider/provider";
import type { Properties } from "../../provider/values";
import { sameId } from "../arm/id";
import { canonical, type Cidr, contains, overlap, parseCidr } from "./cidr";
import { armIds } from "./references";
import { at, type Candidate, objectsAt, refuse, type Rule, textAt, textsAt } from "./rule";

/** The address space of a virtual network, and the subnets written inside it. */
export const virtualNetwork: Rule = function* (candidate) {
    const { inputs, id, current, cloud } = candidate;
    const space: Cidr[] = [];
    for (const [index, text] of textsAt(inputs, "addressSpace", "addressPrefixes").entries()) {
        const path = `addressSpace.addressPrefixes[${index}]`;
        const cidr = yield* readCidr(path, text);
        if (!cidr) continue;
        const other = space.find((one) => overlap(one, cidr));
        if (other)
            yield refuse(
                path,
                `\`${path}\` ${text} overlaps with ${other.text} of the same network.`,
                "VnetAddressSpacesOverlap",
            );
        space.push(cidr);
    }
    const seen: { name: string; cidr: Cidr }[] = [];
    for (const [index, subnet] of objectsAt(inputs, "subnets").entries()) {
        const base = `subnets[${index}]`;
        const name = textAt(subnet, "name") ?? base;
        for (const [path, text] of prefixesOf(subnet)) {
            const cidr = yield* readCidr(`${base}.${path}`, text);
            if (!cidr) continue;
            yield* fits(`${base}.${path}`, name, cidr, isComplete(inputs) ? space : undefined, seen);
            seen.push({ name, cidr });
        }
    }
    // Subnets of their own stay where they are when the network's space changes.
    if (!current || !id || !isComplete(inputs)) return;
    for (const subnet of cloud.list("Microsoft.Network/virtualNetworks/subnets")) {
        if (!subnet.id.toLowerCase().startsWith(`${id.toLowerCase()}/`)) continue;
        for (const [, text] of prefixesOf(subnet.inputs)) {
            const cidr = parseCidr(text);
            if (cidr && !space.some((one) => contains(one, cidr))) {
                const path = "addressSpace.addressPrefixes";
                yield refuse(
                    path,
                    `\`${path}\` no longer holds ${text} of subnet ${subnet.name}, which exists.`,
                    "InUsePrefixCannotBeDeleted",
                );
            }
        }
    }
};

/** A subnet nests in its network and overlaps with no other. */
export const subnet: Rule = function* (candidate) {
    const { inputs, id, name, cloud, current } = candidate;
    const prefixes = prefixesOf(inputs);
    const given = inputs.addressPrefix ?? inputs.addressPrefixes ?? inputs.ipamPoolPrefixAllocations;
    if (given === undefined) {
        yield refuse(
            "addressPrefix",
            "`addressPrefix` is missing: a subnet needs an address range, such as 10.0.0.0/24.",
            "InvalidRequestFormat",
        );
    }
    const networkId = id?.replace(/\/subnets\/[^/]+$/i, "");
    const network = networkId ? cloud.inputs(networkId) : undefined;
    const space = network && isComplete(network) ? spaceOf(network) : undefined;
    const siblings = networkId ? [...siblingsOf(candidate, networkId, network)] : [];
    for (const [path, text] of prefixes) {
        const cidr = yield* readCidr(path, text);
        if (cidr) yield* fits(path, name ?? "", cidr, space, siblings);
    }
    if (!current || !id) return;
    const before = prefixesOf(current.inputs).map(([, text]) => text);
    const after = prefixes.map(([, text]) => text);
    const user = before.join() === after.join() ? undefined : userOf(candidate, id);
    if (user) {
        yield refuse(
            "addressPrefix",
            `Subnet ${name} is in use by ${user}: its range ${before.join(", ")} cannot change.`,
            "InUseSubnetAddressPrefixCannotBeChanged",
        );
    }
};

/** Two networks that are peered must not share addresses. */
export const peering: Rule = function* ({ inputs, id, cloud }) {
    const local = id ? cloud.inputs(id.split("/").slice(0, -2).join("/")) : undefined;
    const remoteId = textAt(inputs, "remoteVirtualNetwork", "id");
    const remote = remoteId ? cloud.inputs(remoteId) : undefined;
    if (!local || !remote) return;
    for (const ours of spaceOf(local)) {
        const theirs = spaceOf(remote).find((cidr) => overlap(cidr, ours));
        if (theirs) {
            yield refuse(
                "remoteVirtualNetwork.id",
                `address space ${theirs.text} of the remote network overlaps with ${ours.text} of this one.`,
                "VnetAddressSpacesOverlap",
            );
        }
    }
};

/** The address ranges of a virtual network's inputs. */
export function spaceOf(network: Properties): Cidr[] {
    return textsAt(network, "addressSpace", "addressPrefixes").flatMap((text) => parseCidr(text) ?? []);
}

/** Where a subnet's ranges are given, and what they are. */
export function prefixesOf(subnet: Properties): [path: string, cidr: string][] {
    const single = textAt(subnet, "addressPrefix");
    const several = textsAt(subnet, "addressPrefixes").map((text, index): [string, string] => [
        `addressPrefixes[${index}]`,
        text,
    ]);
    return single ? [["addressPrefix", single], ...several] : several;
}

/** The inputs of a subnet by its ID, made on its own or inside its network. */
export function subnetInputs(candidate: Candidate, id: string): Properties | undefined {
    const own = candidate.cloud.inputs(id);
    if (own) return own;
    const network = candidate.cloud.inputs(id.replace(/\/subnets\/[^/]+$/i, ""));
    const name = id.split("/").at(-1)!.toLowerCase();
    return objectsAt(network, "subnets").find((inline) => textAt(inline, "name")?.toLowerCase() === name);
}

/** Reads a range, or says what is wrong with it. */
export function* readCidr(path: string, text: string): Generator<CheckFailure, Cidr | undefined> {
    const cidr = parseCidr(text);
    if (!cidr) {
        yield refuse(
            path,
            `\`${path}\` must be an address range such as 10.0.0.0/16, but ${JSON.stringify(text)} was given.`,
            "InvalidCIDRNotation",
        );
        return undefined;
    }
    if (canonical(text) !== canonicalText(text)) {
        yield refuse(
            path,
            `\`${path}\` ${text} has bits behind its prefix: for that length it should be ${canonical(text)}.`,
            "InvalidCIDRNotation",
        );
    }
    return cidr;
}

function canonicalText(text: string): string {
    return text.includes(":") ? canonical(`${text.split("/")[0]}/128`).replace(/128$/, text.split("/")[1]) : text;
}

function* fits(
    path: string,
    name: string,
    cidr: Cidr,
    space: Cidr[] | undefined,
    siblings: readonly { name: string; cidr: Cidr }[],
): Generator<CheckFailure> {
    if (cidr.family === "ipv4" && cidr.prefixLength > 29) {
        yield refuse(
            path,
            `\`${path}\` ${cidr.text} is too small: Azure keeps five addresses of a subnet, so /29 is the smallest.`,
            "NetcfgInvalidSubnet",
        );
    }
    if (cidr.family === "ipv6" && cidr.prefixLength !== 64) {
        yield refuse(
            path,
            `\`${path}\` ${cidr.text} must be a /64: IPv6 subnets have just that size.`,
            "NetcfgInvalidSubnet",
        );
    }
    if (space && !space.some((one) => contains(one, cidr))) {
        yield refuse(
            path,
            `\`${path}\` ${cidr.text} of subnet '${name}' is not within the virtual network's address space ${space.map((one) => one.text).join(", ")}.`,
            "NetcfgInvalidSubnet",
        );
    }
    for (const other of siblings) {
        if (other.name.toLowerCase() !== name.toLowerCase() && overlap(other.cidr, cidr)) {
            yield refuse(
                path,
                `\`${path}\` ${cidr.text} of subnet '${name}' overlaps with ${other.cidr.text} of subnet '${other.name}'.`,
                "NetcfgSubnetRangesOverlap",
            );
        }
    }
}

function* siblingsOf(
    { cloud, id }: Candidate,
    networkId: string,
    network: Properties | undefined,
): Generator<{ name: string; cidr: Cidr }> {
    const named = objectsAt(network, "subnets").map((inline) => ({
        name: textAt(inline, "name") ?? "",
        inputs: inline,
    }));
    for (const other of cloud.siblings("Microsoft.Network/virtualNetworks/subnets", `${networkId}/subnets/`)) {
        if (!id || !sameId(other.id, id)) named.push({ name: other.id.split("/").at(-1)!, inputs: other.inputs });
    }
    for (const { name, inputs } of named) {
        for (const [, text] of prefixesOf(inputs)) {
            const cidr = parseCidr(text);
            if (cidr) yield { name, cidr };
        }
    }
}

function userOf({ cloud }: Candidate, id: string): string | undefined {
    const types = [
        "Microsoft.ContainerService/managedClusters",
        "Microsoft.ContainerService/managedClusters/agentPools",
        "Microsoft.Network/networkInterfaces",
        "Microsoft.Network/loadBalancers",
        "Microsoft.Network/privateEndpoints",
        "Microsoft.Compute/virtualMachineScaleSets",
    ];
    return types
        .flatMap((type) => cloud.list(type))
        .find((resource) => armIds(resource.inputs).some((reference) => sameId(reference.id, id)))?.id;
}

/** Whether every range of the network is known. */
function isComplete(network: Properties): boolean {
    const prefixes = at(network, "addressSpace", "addressPrefixes");
    return Array.isArray(prefixes) && prefixes.every((prefix) => typeof prefix === "string");
}

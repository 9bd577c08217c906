import type { CheckFailure } from "../../provider/provider";
import type { Properties } from "../../provider/values";
import { sameId } from "../arm/id";
import { offsetIn, parseCidr } from "./cidr";
import { regionName } from "./regions";
import { type Candidate, objectsAt, refuse, textAt } from "./rule";
import { prefixesOf, subnetInputs } from "./virtualNetwork";

/** Addresses at the start of a subnet that Azure keeps; it keeps the last one, too. */
const RESERVED = 4n;

/** A fixed private address is in its subnet, not one that Azure keeps, and nobody else's. */
export function* privateAddress(
    candidate: Candidate,
    configuration: Properties,
    path: string,
): Generator<CheckFailure> {
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

/** A network and what is put into its subnets are in one region. */
export function* sameRegion({ cloud, region }: Candidate, subnetId: string, path: string): Generator<CheckFailure> {
    const network = subnetId.split("/subnets/")[0];
    const other = regionName(cloud.inputs(network)?.location);
    if (region && other && other !== region) {
        yield refuse(
            path,
            `Resource ${network} referenced by \`${path}\` was not found. Please make sure that the referenced resource exists, and that both resources are in the same region: it is in ${other}, not in ${region}.`,
            "InvalidResourceReference",
        );
    }
}

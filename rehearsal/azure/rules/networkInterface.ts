import type { CheckFailure } from "../../provider/provider";
import type { Properties } from "../../provider/values";
import { privateAddress, sameRegion } from "./privateAddress";
import { type Candidate, objectsAt, refuse, type Rule, textAt } from "./rule";

/** An interface: addresses in its subnet, and balancers that it may stand behind. */
export const networkInterface: Rule = function* (candidate) {
    const configurations = objectsAt(candidate.inputs, "ipConfigurations");
    if (candidate.inputs.ipConfigurations !== undefined && configurations.length === 0 && isKnownEmpty(candidate)) {
        yield refuse(
            "ipConfigurations",
            "`ipConfigurations` is empty: a network interface needs at least one.",
            "NetworkInterfaceMustHaveAtleastOneIpConfiguration",
        );
    }
    const primary = configurations.filter((one) => one.primary === true || typeof one.primary === "symbol");
    if (configurations.length > 1 && primary.length !== 1) {
        yield refuse(
            "ipConfigurations",
            "`ipConfigurations`: one of several must be primary.",
            "NetworkInterfaceMustHaveOneIPConfigurationAsPrimary",
        );
    }
    for (const [index, configuration] of configurations.entries()) {
        const path = `ipConfigurations[${index}]`;
        yield* privateAddress(candidate, configuration, path);
        const subnet = textAt(configuration, "subnet", "id");
        if (subnet) yield* sameRegion(candidate, subnet, `${path}.subnet.id`);
        yield* balancers(candidate, configuration, path);
    }
};

function isKnownEmpty({ inputs }: Candidate): boolean {
    return Array.isArray(inputs.ipConfigurations) && inputs.ipConfigurations.length === 0;
}

/** One internal and one public balancer at most, of its own network. Codes are plausible. */
function* balancers(candidate: Candidate, configuration: Properties, path: string): Generator<CheckFailure> {
    const seen = new Map<"internal" | "public", string>();
    const network = textAt(configuration, "subnet", "id")?.toLowerCase().split("/subnets/")[0];
    for (const [index, pool] of objectsAt(configuration, "loadBalancerBackendAddressPools").entries()) {
        const where = `${path}.loadBalancerBackendAddressPools[${index}].id`;
        const balancer = textAt(pool, "id")?.split(/\/backendAddressPools\//i)[0];
        const inputs = balancer ? candidate.cloud.inputs(balancer) : undefined;
        if (!balancer || !inputs) continue;
        const frontends = objectsAt(inputs, "frontendIPConfigurations");
        const subnets = frontends.flatMap((frontend) => textAt(frontend, "subnet", "id") ?? []);
        const kind = frontends.some((frontend) => frontend.subnet !== undefined) ? "internal" : "public";
        const other = seen.get(kind);
        if (other !== undefined && other !== balancer.toLowerCase()) {
            yield refuse(
                where,
                `\`${where}\`: the network interface stands behind another ${kind} load balancer, ${other}. It may have one of each kind.`,
                "NetworkInterfaceUsesMultipleLoadBalancersOfSameType",
            );
        }
        seen.set(kind, balancer.toLowerCase());
        const theirs = subnets.map((subnet) => subnet.toLowerCase().split("/subnets/")[0]);
        if (network && theirs.some((one) => one !== network)) {
            yield refuse(
                where,
                `\`${where}\` belongs to a load balancer in ${theirs[0]}, the network interface is in ${network}.`,
                "NetworkInterfaceAndInternalLoadBalancerMustUseSameVnet",
            );
        }
    }
}

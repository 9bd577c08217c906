import { objectsAt, textAt } from "../../../../../rehearsal/azure/rules/rule";
import type { CloudResource } from "../../../../../rehearsal/azure/state/cloud";
import {
    balancersOf,
    endsOf,
    poolsOfRule,
    probeOf,
    type Resources,
} from "../../../../../rehearsal/controlPlane/door/frontends";
import type { Properties } from "../../../../../rehearsal/provider/values";

/** A machine that a balancer sends to. */
export interface Backend {
    /** The virtual machine's. */
    name: string;
    address: string;
}

/** What a balancer asks its backends. */
export interface ProbeSpec {
    protocol: "tcp" | "http" | "https";
    /** Of HTTP and HTTPS alone: `/readyz`. */
    path?: string;
    port: number;
    intervalSeconds: number;
    /** Consecutive probes that it takes to change the balancer's mind. */
    threshold: number;
}

/** A load balancer with one frontend and one rule. */
export interface BalancerSpec {
    /** The frontend's. */
    address: string;
    port: number;
    backendPort: number;
    backends: Backend[];
    probe: ProbeSpec;
}

/**
 * The program's internal load balancer, read from its resources.
 *
 * @param cloud - a rehearsal's simulated Azure
 * @throws Error if there is not exactly one, or it asks for what the region's balancer does not do
 */
export function balancerOf(cloud: Resources): BalancerSpec {
    const internal = balancersOf(cloud).flatMap((balancer) =>
        objectsAt(balancer.inputs, "frontendIPConfigurations").flatMap((frontend) => {
            const address = textAt(frontend, "privateIPAddress");
            const name = textAt(frontend, "name");
            return address ? [{ balancer, address, id: `${balancer.id}/frontendIPConfigurations/${name}` }] : [];
        }),
    );
    if (internal.length !== 1)
        throw new Error(
            `The region has one internal load balancer; the program has ${internal.length}: ${internal.map(({ id }) => id).join(", ")}`,
        );
    const [{ balancer, address, id }] = internal;
    const rules = objectsAt(balancer.inputs, "loadBalancingRules").filter(
        (rule) => textAt(rule, "frontendIPConfiguration", "id")?.toLowerCase() === id.toLowerCase(),
    );
    const [rule] = rules;
    const probe = rule && probeOf(balancer, rule);
    const problems = [
        ...(rules.length === 1 ? [] : [`its frontend has ${rules.length} rules, not one`]),
        ...(rule ? notDone(rule) : []),
        ...(probe ? [] : ["its rule has no probe"]),
        // Azure would send to everybody where it finds nobody well.
        ...(probe?.noHealthyBackendsBehavior === "AllProbedUp" ? ["`noHealthyBackendsBehavior` is AllProbedUp"] : []),
    ];
    if (!rule || !probe || problems.length > 0)
        throw new Error(`The region's balancer cannot stand for ${balancer.id}: ${problems.join("; ")}`);
    return {
        address,
        port: Number(rule.frontendPort),
        backendPort: Number(rule.backendPort),
        backends: backendsOf(cloud, poolsOfRule(rule)),
        probe: probeSpec(balancer, probe),
    };
}

function notDone(rule: Properties): string[] {
    const { protocol, loadDistribution = "Default", enableFloatingIP = false } = rule;
    return [
        ...(String(protocol).toLowerCase() === "tcp"
            ? []
            : [`\`protocol\` of its rule is ${String(protocol)}, not Tcp`]),
        ...(loadDistribution === "Default" ? [] : [`\`loadDistribution\` is ${String(loadDistribution)}, not Default`]),
        ...(enableFloatingIP === false ? [] : ["`enableFloatingIP` is set"]),
    ];
}

function backendsOf(cloud: Resources, pools: string[]): Backend[] {
    return cloud.list("Microsoft.Compute/virtualMachines").flatMap(({ id, name }) =>
        endsOf(cloud, id).flatMap((end) => {
            if (!end.pools.some((pool) => pools.includes(pool))) return [];
            if (!end.address)
                throw new Error(`${name} is a backend without an address of its own: give it one in the program.`);
            return [{ name, address: end.address }];
        }),
    );
}

/** Defaults are ARM's. `numberOfProbes` never had an effect, `probeThreshold` is what counts. */
function probeSpec(balancer: CloudResource, probe: Properties): ProbeSpec {
    const protocol = textAt(probe, "protocol")?.toLowerCase();
    if (protocol !== "tcp" && protocol !== "http" && protocol !== "https")
        throw new Error(`The probe of ${balancer.id} has the protocol ${protocol}: Azure knows Tcp, Http and Https.`);
    return {
        protocol,
        path: textAt(probe, "requestPath"),
        port: Number(probe.port),
        intervalSeconds: Number(probe.intervalInSeconds ?? 15),
        threshold: Number(probe.probeThreshold ?? 1),
    };
}

import { isIP } from "node:net";
import { objectsAt, textAt } from "../../azure/rules/rule";
import type { CloudResource } from "../../azure/state/cloud";
import type { Properties } from "../../provider/values";

/** What is looked up in the simulated Azure. */
export interface Resources {
    get(id: string): CloudResource | undefined;
    list(type: string): CloudResource[];
}

/** A way through a load balancer to a machine that booted. */
export interface Way {
    /** Port on which the machines are asked. */
    backendPort: number;
    /** Path that the balancer's probe asks for; absent where it only connects. */
    probePath?: string;
}

/** Why there is no way. */
export class NoWay extends Error {}

interface Frontend {
    balancer: CloudResource;
    id: string;
}

/**
 * Where a connection to `host:port` would end in Azure: name → address → balancer's frontend → rule → backend pool → network
 * interface of a machine.
 *
 * @param machineIds - machines that booted
 * @throws NoWay where one of these is missing, or the balancer's probe would never find a machine well
 */
export function wayTo(cloud: Resources, machineIds: string[], host: string, port: number): Way {
    const addresses = isIP(host) ? [host] : addressesOf(cloud, host);
    const frontends = addresses.flatMap((address) => frontendsAt(cloud, address));
    if (frontends.length === 0)
        throw new NoWay(`${addresses.join(", ")}${isIP(host) ? "" : ` (${host})`} is the frontend of no load balancer`);
    const problems: string[] = [];
    for (const frontend of frontends) {
        try {
            return wayThrough(cloud, machineIds, frontend, port);
        } catch (error) {
            if (!(error instanceof NoWay)) throw error;
            problems.push(error.message);
        }
    }
    throw new NoWay(problems.join("; "));
}

/** What a name stands for: a record of a private zone that is linked to a network, or a public address' own name. */
function addressesOf(cloud: Resources, host: string): string[] {
    const name = host.toLowerCase().replace(/\.$/, "");
    const addresses: string[] = [];
    for (const { id, inputs } of cloud.list("Microsoft.Network/privateDnsZones/A")) {
        const [, zone, record] = /\/privateDnsZones\/([^/]+)\/A\/([^/]+)$/i.exec(id) ?? [];
        if (!zone || (record === "@" ? zone : `${record}.${zone}`).toLowerCase() !== name) continue;
        const zoneId = lower(id.slice(0, id.toLowerCase().lastIndexOf("/a/")));
        const links = cloud.list("Microsoft.Network/privateDnsZones/virtualNetworkLinks");
        if (!links.some((link) => lower(link.id).startsWith(`${zoneId}/`)))
            throw new NoWay(`the private DNS zone ${zone} is linked to no virtual network, so nobody finds ${host}`);
        addresses.push(...objectsAt(inputs, "aRecords").flatMap((entry) => textAt(entry, "ipv4Address") ?? []));
    }
    for (const { inputs, outputs } of cloud.list("Microsoft.Network/publicIPAddresses")) {
        const label = textAt(inputs, "dnsSettings", "domainNameLabel");
        const region = textAt(inputs, "location")?.toLowerCase().replaceAll(" ", "");
        if (label && `${label}.${region}.cloudapp.azure.com`.toLowerCase() === name)
            addresses.push(textAt(outputs, "ipAddress") ?? "");
    }
    if (addresses.length === 0)
        throw new NoWay(`${host} is the name of nothing: no A record in a private DNS zone, no public address' name`);
    return addresses;
}

function frontendsAt(cloud: Resources, address: string): Frontend[] {
    return balancersOf(cloud).flatMap((balancer) =>
        objectsAt(balancer.inputs, "frontendIPConfigurations")
            .filter((frontend) => {
                const publicId = textAt(frontend, "publicIPAddress", "id");
                if (publicId) return textAt(cloud.get(publicId)?.outputs, "ipAddress") === address;
                return textAt(frontend, "privateIPAddress") === address;
            })
            .map((frontend) => ({
                balancer,
                id: `${balancer.id}/frontendIPConfigurations/${textAt(frontend, "name")}`,
            })),
    );
}

/** Every load balancer. */
export function balancersOf(cloud: Resources): CloudResource[] {
    return cloud.list("Microsoft.Network/loadBalancers");
}

function wayThrough(cloud: Resources, machineIds: string[], { balancer, id }: Frontend, port: number): Way {
    const at = `load balancer ${balancer.name}`;
    const rule = objectsAt(balancer.inputs, "loadBalancingRules").find(
        (rule) =>
            rule.frontendPort === port &&
            lower(textAt(rule, "frontendIPConfiguration", "id")) === lower(id) &&
            ["tcp", "all"].includes(lower(textAt(rule, "protocol"))),
    );
    if (!rule) throw new NoWay(`${at} has no TCP rule for port ${port} of that frontend`);
    const backendPort = Number(rule.backendPort);
    const ruleName = `rule ${textAt(rule, "name")} of ${at}`;

    const pools = poolsOfRule(rule);
    if (pools.length === 0) throw new NoWay(`${ruleName} has no backend pool`);
    const behind = machineIds.filter((machine) => poolsOf(cloud, machine).some((pool) => pools.includes(pool)));
    if (behind.length === 0)
        throw new NoWay(
            machineIds.length === 0
                ? `no control-plane machine has booted yet behind ${ruleName}`
                : `no machine that booted is in the backend pool of ${ruleName}`,
        );
    return { backendPort, probePath: probePathOf(balancer, rule, backendPort, ruleName) };
}

/** IDs of the backend pools that a rule sends to, lower case. */
export function poolsOfRule(rule: Properties): string[] {
    return [
        textAt(rule, "backendAddressPool", "id"),
        ...objectsAt(rule, "backendAddressPools").map((pool) => textAt(pool, "id")),
    ].flatMap((pool) => (pool ? lower(pool) : []));
}

/** The probe that a rule names; `undefined` where its balancer has none of that name. */
export function probeOf(balancer: CloudResource, rule: Properties): Properties | undefined {
    const wanted = lower(textAt(rule, "probe", "id"));
    return objectsAt(balancer.inputs, "probes").find(
        (probe) => wanted === lower(`${balancer.id}/probes/${textAt(probe, "name")}`),
    );
}

/** @throws NoWay where the probe is missing, or asks what no API server answers */
function probePathOf(
    balancer: CloudResource,
    rule: Properties,
    backendPort: number,
    ruleName: string,
): string | undefined {
    const probe = probeOf(balancer, rule);
    if (!probe) throw new NoWay(`${ruleName} has no probe, so it would send to machines that are down`);
    const name = `probe ${textAt(probe, "name")} of ${ruleName}`;
    if (probe.port !== backendPort)
        throw new NoWay(`${name} asks port ${String(probe.port)}, the API server listens at ${backendPort}`);
    const protocol = lower(textAt(probe, "protocol"));
    if (protocol === "tcp") return undefined;
    if (protocol !== "https")
        throw new NoWay(`${name} asks by ${textAt(probe, "protocol")}, the API server answers by HTTPS alone`);
    const path = textAt(probe, "requestPath");
    if (!path) throw new NoWay(`${name} has no request path`);
    return path;
}

/** IDs of the backend pools that a machine's interfaces are in, lower case. */
function poolsOf(cloud: Resources, machineId: string): string[] {
    return endsOf(cloud, machineId).flatMap(({ pools }) => pools);
}

/** Where a balancer can reach a machine: each address of its interfaces, with the IDs of the pools it is in, lower case. */
export function endsOf(cloud: Resources, machineId: string): { address: string | undefined; pools: string[] }[] {
    const machine = cloud.get(machineId);
    return objectsAt(machine?.inputs, "networkProfile", "networkInterfaces").flatMap((reference) => {
        const nic = cloud.get(textAt(reference, "id") ?? "");
        return objectsAt(nic?.inputs, "ipConfigurations").map((configuration) => {
            const own = objectsAt(configuration, "loadBalancerBackendAddressPools").map((pool) => textAt(pool, "id"));
            const address = textAt(configuration, "privateIPAddress");
            return { address, pools: [...own.map(lower), ...poolsWithAddress(cloud, address)] };
        });
    });
}

/** A pool may list addresses instead of having interfaces join it. */
function poolsWithAddress(cloud: Resources, address: string | undefined): string[] {
    if (address === undefined) return [];
    return cloud
        .list("Microsoft.Network/loadBalancers/backendAddressPools")
        .filter(({ inputs }) =>
            objectsAt(inputs, "loadBalancerBackendAddresses").some((entry) => textAt(entry, "ipAddress") === address),
        )
        .map(({ id }) => lower(id));
}

function lower(text: string | undefined): string {
    return (text ?? "").toLowerCase();
}

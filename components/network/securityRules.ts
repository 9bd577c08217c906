import type { AddressPlan } from "./addressPlan";
import type { Flow, Party } from "./portMatrix";

/** A subnet that has a network security group. */
export type GuardedSubnet = "system" | "user" | "endpoints";

/** One more flow that a stack asks for, seen from the user pools' nodes. */
export interface Opening {
    name: string;
    direction: "inbound" | "outbound";
    /** The other side: an address, a range, or one of Azure's service tags. */
    peer: string;
    protocol: "Tcp" | "Udp" | "Icmp";
    ports: string[];
    why: string;
}

/** A rule as ARM takes it. */
export interface SecurityRule {
    name: string;
    direction: "Inbound" | "Outbound";
    access: "Allow" | "Deny";
    priority: number;
    protocol: string;
    sourceAddressPrefix?: string;
    sourceAddressPrefixes?: string[];
    sourcePortRange: "*";
    destinationAddressPrefix?: string;
    destinationAddressPrefixes?: string[];
    destinationPortRange?: string;
    destinationPortRanges?: string[];
    description: string;
}

/** The last priorities that a rule may have, so that every allow is above the deny. */
const DENY_PRIORITY = 4096;
const FIRST_PRIORITY = 100;
const PRIORITY_STEP = 10;

const nodesOf: Record<Exclude<GuardedSubnet, "endpoints">, Party[]> = {
    // A pod's packets to pods of other nodes carry the pod's own address: its node's subnet sees them as well.
    system: ["systemNodes", "nodes", "pods"],
    user: ["userNodes", "nodes", "pods"],
};

/** The rules of one subnet's security group: the matrix's lines that concern it, the stack's openings, and the denials. */
export function securityRules(
    subnet: GuardedSubnet,
    plan: AddressPlan & { podCidr: string },
    matrix: readonly Flow[],
    openings: readonly Opening[] = [],
): SecurityRule[] {
    return [
        ...direction("Inbound", subnet, plan, matrix, openings),
        ...direction("Outbound", subnet, plan, matrix, openings),
    ];
}

function direction(
    way: "Inbound" | "Outbound",
    subnet: GuardedSubnet,
    plan: AddressPlan & { podCidr: string },
    matrix: readonly Flow[],
    openings: readonly Opening[],
): SecurityRule[] {
    const flows =
        subnet === "endpoints"
            ? endpointFlows(way)
            : matrix.filter((flow) => nodesOf[subnet].includes(way === "Inbound" ? flow.to : flow.from));
    const allowed = flows.map((flow) => ({
        name: flow.name,
        protocol: flow.protocol,
        ...side("source", prefixesOf(flow.from, plan)),
        ...side("destination", prefixesOf(flow.to, plan)),
        ...portsOf(flow.ports),
        description: flow.why,
    }));
    const opened = openings
        .filter((opening) => subnet === "user" && opening.direction === way.toLowerCase())
        .map((opening) => ({
            name: `opening-${opening.name}`,
            protocol: opening.protocol,
            ...side("source", way === "Inbound" ? [opening.peer] : Object.values(plan.zones)),
            ...side("destination", way === "Inbound" ? Object.values(plan.zones) : [opening.peer]),
            ...portsOf(opening.ports),
            description: opening.why,
        }));
    return [
        ...[...allowed, ...opened].map((rule, index) => ({
            ...rule,
            name: `${way.toLowerCase()}-${rule.name}`,
            direction: way,
            access: "Allow" as const,
            priority: FIRST_PRIORITY + index * PRIORITY_STEP,
            sourcePortRange: "*" as const,
        })),
        {
            name: `${way.toLowerCase()}-deny-rest`,
            direction: way,
            access: "Deny",
            priority: DENY_PRIORITY,
            protocol: "*",
            sourceAddressPrefix: "*",
            sourcePortRange: "*",
            destinationAddressPrefix: "*",
            destinationPortRange: "*",
            description: "What the port matrix does not name is denied",
        },
    ];
}

/** Private endpoints answer the virtual network on HTTPS and start nothing. */
function endpointFlows(way: "Inbound" | "Outbound"): Flow[] {
    if (way === "Outbound") return [];
    return [
        {
            name: "https",
            from: "VirtualNetwork",
            to: "VirtualNetwork",
            protocol: "Tcp",
            ports: ["443"],
            why: "Private endpoints of Azure services",
        },
    ];
}

function prefixesOf(party: Party, plan: AddressPlan & { podCidr: string }): string[] {
    switch (party) {
        case "systemNodes":
            return [plan.system];
        case "userNodes":
            return Object.values(plan.zones);
        case "nodes":
            return [plan.system, ...Object.values(plan.zones)];
        case "pods":
            return [plan.podCidr];
        case "VirtualNetwork":
        case "AzureLoadBalancer":
        case "AzureCloud":
        case "Internet":
            return [party];
        default:
            return party satisfies never;
    }
}

/** ARM has one field for one prefix or tag and another for several. */
function side(name: "source" | "destination", prefixes: string[]) {
    return prefixes.length === 1 ? { [`${name}AddressPrefix`]: prefixes[0] } : { [`${name}AddressPrefixes`]: prefixes };
}

function portsOf(ports: string[]) {
    return ports.length === 1 ? { destinationPortRange: ports[0] } : { destinationPortRanges: ports };
}

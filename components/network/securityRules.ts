import type { AddressPlan } from "./addressPlan";
import type { ClusterKind, Flow, Party } from "./portMatrix";

/** Subnets that have a network security group; subnets of one name in several zones share theirs. */
export const GUARDED_SUBNETS = {
    aks: ["system", "user", "endpoints"],
    selfManaged: ["api", "control-plane", "user", "endpoints"],
} as const satisfies Record<ClusterKind, readonly string[]>;

export type GuardedSubnet = (typeof GUARDED_SUBNETS)[ClusterKind][number];

/** What the rules are about: who has which addresses. */
export interface Surroundings extends AddressPlan {
    clusterKind: ClusterKind;
    podCidr: string;
    /** Who may reach the API of a self-managed cluster from outside. Without it the API is private. */
    authorizedRanges?: string[];
}

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

/** Which sides of a flow a subnet sees. */
const partiesOf: Record<GuardedSubnet, Party[]> = {
    // A pod's packets to pods of other nodes carry the pod's own address: its node's subnet sees them as well.
    system: ["systemNodes", "nodes", "pods"],
    user: ["userNodes", "nodes", "pods", "anyone"],
    "control-plane": ["controlPlane", "apiServers", "nodes", "anyone"],
    // Azure judges what is sent to an internal frontend at the sender and at the machine that gets it, and never here. The
    // rules are for whoever puts a machine into this subnet by mistake.
    api: ["apiServers"],
    // Private endpoints answer the virtual network on HTTPS and start nothing.
    endpoints: [],
};

const ENDPOINT_FLOW: Flow = {
    name: "https",
    from: "VirtualNetwork",
    to: "VirtualNetwork",
    protocol: "Tcp",
    ports: ["443"],
    why: "Private endpoints of Azure services",
};

/** The rules of one subnet's security group: the matrix's lines that concern it, the stack's openings, and the denials. */
export function securityRules(
    subnet: GuardedSubnet,
    surroundings: Surroundings,
    matrix: readonly Flow[],
    openings: readonly Opening[] = [],
): SecurityRule[] {
    return [
        ...direction("Inbound", subnet, surroundings, matrix, openings),
        ...direction("Outbound", subnet, surroundings, matrix, openings),
    ];
}

/** Whether a line is there for this kind of cluster and this way to its API. */
function concerns({ kind, api, from }: Flow, { clusterKind, authorizedRanges }: Surroundings): boolean {
    if (kind && kind !== clusterKind) return false;
    if (from === "authorizedRanges" && !authorizedRanges?.length) return false;
    return !api || (api === "public") === (authorizedRanges !== undefined);
}

function direction(
    way: "Inbound" | "Outbound",
    subnet: GuardedSubnet,
    surroundings: Surroundings,
    matrix: readonly Flow[],
    openings: readonly Opening[],
): SecurityRule[] {
    const seen = matrix.filter(
        (flow) => concerns(flow, surroundings) && partiesOf[subnet].includes(way === "Inbound" ? flow.to : flow.from),
    );
    const flows = subnet === "endpoints" && way === "Inbound" ? [ENDPOINT_FLOW] : seen;
    const named = flows.map((flow) => ({
        name: flow.name,
        access: flow.access ?? ("Allow" as const),
        protocol: flow.protocol,
        ...side("source", prefixesOf(flow.from, surroundings)),
        ...side("destination", prefixesOf(flow.to, surroundings)),
        ...portsOf(flow.ports),
        description: flow.why,
    }));
    const workers = Object.values(surroundings.zones);
    const opened = openings
        .filter((opening) => subnet === "user" && opening.direction === way.toLowerCase())
        .map((opening) => ({
            name: `opening-${opening.name}`,
            access: "Allow" as const,
            protocol: opening.protocol,
            ...side("source", way === "Inbound" ? [opening.peer] : workers),
            ...side("destination", way === "Inbound" ? workers : [opening.peer]),
            ...portsOf(opening.ports),
            description: opening.why,
        }));
    return [
        ...[...named, ...opened].map((rule, index) => ({
            ...rule,
            name: `${way.toLowerCase()}-${rule.name}`,
            direction: way,
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

function prefixesOf(party: Party, { clusterKind, ...plan }: Surroundings): string[] {
    const workers = Object.values(plan.zones);
    const controlPlane = Object.values(plan.controlPlane);
    switch (party) {
        case "systemNodes":
            return [plan.system];
        case "userNodes":
            return workers;
        case "nodes":
            return clusterKind === "aks" ? [plan.system, ...workers] : [...controlPlane, ...workers];
        case "pods":
            return [plan.podCidr];
        case "controlPlane":
            return controlPlane;
        case "apiServers":
            // At the sender the packet still has the frontend's address.
            return [plan.api, ...controlPlane];
        case "authorizedRanges":
            return plan.authorizedRanges ?? [];
        case "anyone":
            return ["*"];
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

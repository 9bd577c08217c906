import type { Judged } from "./kinds";
import {
    withPatches,
    type CiliumOpening,
    type CiliumRange,
    type LabelSelector,
    type NetworkPolicy,
    type Peer,
} from "./kubernetesKinds";
import { allOf, each, some } from "./reading";
import { selectsAll } from "./selectors";

/** Kinds that say who may talk to whom. */
export const networkPolicyKinds = withPatches([
    "kubernetes:cilium.io/v2:CiliumClusterwideNetworkPolicy",
    "kubernetes:cilium.io/v2:CiliumNetworkPolicy",
    "kubernetes:networking.k8s.io/v1:NetworkPolicy",
]);

export type PolicyHolder = Judged<(typeof networkPolicyKinds)[number]>;

/** One peer of one rule of a policy. */
export interface Opening {
    /** Path of its properties. */
    at: string;
    /** None is all. */
    ports: readonly Port[];
    /** Read last: addresses are known later than ports. */
    reach(): Reach;
}

interface Port {
    port?: number | string;
    endPort?: number;
    protocol?: string;
}

/** Whom a peer means, as far as that matters: everybody, every pod of the cluster, a range of addresses, or somebody. */
export type Reach = "everybody" | "every pod" | "somebody" | { cidr: string; except: readonly string[] };

export type Direction = "ingress" | "egress";

/** Visits all that a policy opens in one direction. */
export function eachOpening(holder: PolicyHolder, direction: Direction, visit: (opening: Opening) => void): void {
    if (holder.kind.includes("cilium.io")) {
        eachCiliumOpening(holder as CiliumHolder, direction, visit);
        return;
    }
    const { spec } = holder.props as NetworkPolicy;
    each(spec?.[direction], (rule, index) => {
        const at = `spec.${direction}[${index}]`;
        const ports = rule.ports ?? [];
        const key = direction === "ingress" ? "from" : "to";
        const peers = rule[key] ?? [];
        if (peers.length === 0) visit({ at, ports, reach: () => "everybody" });
        each(peers, (peer, index) => visit({ at: `${at}.${key}[${index}]`, ports, reach: () => reachOf(peer) }));
    });
}

function reachOf({ ipBlock, namespaceSelector, podSelector }: Peer): Reach {
    if (ipBlock) return { cidr: ipBlock.cidr, except: ipBlock.except ?? [] };
    return namespaceSelector && selectsAll(namespaceSelector) && selectsAll(podSelector) ? "every pod" : "somebody";
}

type CiliumHolder = Judged<Extract<PolicyHolder["kind"], `kubernetes:cilium.io/${string}`>>;

function eachCiliumOpening(holder: CiliumHolder, direction: Direction, visit: (opening: Opening) => void): void {
    const { spec, specs } = holder.props;
    const isClusterwide = holder.kind.includes("Clusterwide");
    if (spec) eachOf(spec[direction], `spec.${direction}`);
    each(specs, (rule, index) => eachOf(rule[direction], `specs[${index}].${direction}`));

    function eachOf(rules: readonly CiliumOpening[] | undefined, path: string): void {
        each(rules, (rule, index) => {
            const at = `${path}[${index}]`;
            const ports = [...(rule.toPorts ?? [])].flatMap(({ ports }) => [...(ports ?? [{}])]);
            eachPeer(rule, isClusterwide, (key, reach) => visit({ at: key ? `${at}.${key}` : at, ports, reach }));
        });
    }
}

function eachPeer(rule: CiliumOpening, isClusterwide: boolean, visit: (key: string, reach: () => Reach) => void): void {
    // An empty rule selects nobody, one of ports alone everybody.
    const named = Object.keys(rule).filter((key) => /^(?:from|to)[A-Z]/.test(key) && key !== "toPorts");
    if (named.length === 0 && rule.toPorts?.length) visit("", () => "everybody");

    const visitEach = <T>(key: string, peers: readonly T[] | undefined, reachOf: (peer: T) => Reach) =>
        each(peers, (peer, index) => visit(`${key}[${index}]`, () => reachOf(peer)));
    const rangeReach = ({ cidr, except }: CiliumRange): Reach => (cidr ? { cidr, except: except ?? [] } : "somebody");
    // In a policy of a namespace, all endpoints are those of the namespace.
    const podsReach = (pods: LabelSelector): Reach => (isClusterwide && selectsAll(pods) ? "every pod" : "somebody");
    allOf(
        ...(["from", "to"] as const).flatMap((way) => [
            () => visitEach(`${way}Entities`, rule[`${way}Entities`], entityReach),
            () => visitEach(`${way}CIDR`, rule[`${way}CIDR`], (cidr) => ({ cidr, except: [] })),
            () => visitEach(`${way}CIDRSet`, rule[`${way}CIDRSet`], rangeReach),
            () => visitEach(`${way}Endpoints`, rule[`${way}Endpoints`], podsReach),
        ]),
        () => visitEach("toFQDNs", rule.toFQDNs, nameReach),
    );
}

/** Whoever owns some name decides which address it means. */
function nameReach({ matchPattern }: { matchPattern?: string }): Reach {
    return /^\*+$/.test(matchPattern ?? "") ? "everybody" : "somebody";
}

function entityReach(entity: string): Reach {
    if (entity === "all" || entity.startsWith("world")) return "everybody";
    return entity === "cluster" ? "every pod" : "somebody";
}

/** Whether it is left open which ports: none is named, or half of all at once. */
export function namesNoPort(ports: Opening["ports"]): boolean {
    return (
        ports.length === 0 || some(ports, ({ port, endPort }) => isAll(port) || (endPort ?? 0) - Number(port) > 32768)
    );
}

/** Whether a TCP port is among those of an opening. A port by name is one of a pod, and of no address. */
export function holdsPort(ports: Opening["ports"], wanted: number): boolean {
    if (ports.length === 0) return true;
    return some(ports, ({ port, endPort, protocol }) => {
        if (!["TCP", "ANY"].includes(protocol?.toUpperCase() ?? "TCP")) return false;
        return isAll(port) || (Number(port) <= wanted && wanted <= (endPort || Number(port)));
    });
}

function isAll(port: number | string | undefined): boolean {
    return port === undefined || Number(port) === 0;
}

import type { Judged } from "./kinds";
import { each } from "./reading";

/** What both shapes of a rule have: a line of a network security group, or a resource of its own. */
export type SecurityRule = Pick<
    Judged<"azure-native:network:SecurityRule">["props"],
    | "access"
    | "destinationAddressPrefix"
    | "destinationAddressPrefixes"
    | "destinationPortRange"
    | "destinationPortRanges"
    | "direction"
    | "protocol"
    | "sourceAddressPrefix"
    | "sourceAddressPrefixes"
> & { priority?: number };

/** Visits every inbound rule with the path of its properties. */
export function inboundRules(
    resource: Judged<"azure-native:network:NetworkSecurityGroup" | "azure-native:network:SecurityRule">,
    visit: (rule: SecurityRule, path: string) => void,
): void {
    const visitInbound = (rule: SecurityRule, path: string) => {
        if (rule.direction === "Inbound") visit(rule, path);
    };
    if (resource.kind === "azure-native:network:SecurityRule") return visitInbound(resource.props, "");
    each(resource.props.securityRules, (rule, index) => visitInbound(rule, `securityRules[${index}]`));
}

const closedPorts: [number, string][] = [
    [22, "SSH"],
    [3389, "remote desktop"],
    [6443, "the API server"],
    [2379, "etcd"],
    [2380, "etcd's peers"],
    [10250, "the kubelet"],
];

/** The ports among those of a rule that strangers must not reach, such as `22 (SSH)`. */
export function closedPortsOf(rule: SecurityRule): string[] {
    if (rule.protocol.toLowerCase() === "icmp") return [];
    const ranges = portsOf(rule);
    if (ranges.includes("*")) return ["every port"];
    return closedPorts
        .filter(([port]) => ranges.some((range) => holds(range, port)))
        .map(([port, name]) => `${port} (${name})`);
}

/** Whether a rule is about this port, among others. */
export function opensPort(rule: SecurityRule, port: number): boolean {
    return portsOf(rule).some((range) => range === "*" || holds(range, port));
}

function portsOf(rule: SecurityRule): string[] {
    return [rule.destinationPortRange, ...(rule.destinationPortRanges ?? [])].filter((range) => range !== undefined);
}

function holds(range: string, port: number): boolean {
    const [first, last = first] = range.split("-").map(Number);
    return first <= port && port <= last;
}

import { isInside, overlaps } from "./addressRanges";
import { belongsTo } from "./belonging";
import { checklist } from "./checklist";
import { cardsOf, controlPlaneReads, controlPlanesOf } from "./controlPlanes";
import { shown } from "./finding";
import { stackRule, type Member, type StackJudge } from "./rule";
import { opensPort, type SecurityRule } from "./securityRules";

type Group = Member<"azure-native:network:NetworkSecurityGroup">;

const ETCD_PORTS = [2379, 2380];

/** Where Azure's health probes come from: a single address that nobody else has. */
const PROBES = "AzureLoadBalancer";

export const etcdClosed = stackRule({
    name: "etcd-closed",
    item: checklist.everyDeployment,
    title: "Nobody but the control plane's own machines reaches etcd",
    severity: "critical",
    why: "Whoever reaches etcd is past the API server, its roles and its audit log: one stolen certificate, and the cluster is theirs.",
    mend: "Allow ports 2379-2380 from the control plane's subnets to themselves, and right below deny them from everybody.",
    kind: "azure-native:compute:VirtualMachine",
    reads: [
        ...controlPlaneReads,
        "azure-native:network:NetworkSecurityGroup",
        "azure-native:network:SecurityRule",
        "azure-native:network:Subnet",
    ],
    check(stack) {
        const refused = new Set<Group>();
        for (const machines of controlPlanesOf(stack)) {
            const cards = machines.flatMap((machine) => cardsOf(machine, stack));
            const subnets = stack
                .all("azure-native:network:Subnet")
                .filter((subnet) => cards.some((card) => belongsTo(subnet, card, "ipConfigurations")));
            const own = subnets.flatMap(({ props }) => [
                ...(props.addressPrefixes ?? []),
                ...(props.addressPrefix === undefined ? [] : [props.addressPrefix]),
            ]);
            for (const card of cards) {
                // Azure asks the subnet's group and the interface's, and both have to let a packet in.
                const guards = guardsOf(card, subnets, stack);
                const open = guards.map((group) => ({ group, strangers: strangersOf(group, own, stack) }));
                if (open.length === 0 || open.some(({ strangers }) => strangers.length === 0)) continue;
                for (const { group, strangers } of open) {
                    if (refused.has(group)) continue;
                    refused.add(group);
                    stack.refuse(group, {
                        at: "securityRules",
                        given: `${shown(strangers)} may reach etcd (2379-2380)`,
                        allowed: `the control plane's own addresses, ${shown(own)}`,
                    });
                }
            }
        }
    },
});

/** Groups of this stack over a network interface; a subnet without any is another rule's matter. */
function guardsOf(
    card: Member<"azure-native:network:NetworkInterface">,
    subnets: Member<"azure-native:network:Subnet">[],
    stack: StackJudge,
): Group[] {
    const holders = [card, ...subnets.filter((subnet) => belongsTo(subnet, card, "ipConfigurations"))];
    return stack
        .all("azure-native:network:NetworkSecurityGroup")
        .filter((group) => holders.some((holder) => belongsTo(group, holder, "networkSecurityGroup")));
}

/** Who beside these addresses may reach etcd, by the group's rules in the order in which Azure asks them. */
function strangersOf(group: Group, own: string[], stack: StackJudge): string[] {
    const apart = stack
        .all("azure-native:network:SecurityRule")
        .filter((rule) => belongsTo(group, rule, "networkSecurityGroupName", "networkSecurityGroupName"))
        .map(({ props }) => props);
    const rules = [...(group.props.securityRules ?? []), ...apart]
        .filter(({ direction }) => direction === "Inbound")
        .sort((a, b) => (a.priority ?? 0) - (b.priority ?? 0));
    return [...new Set(ETCD_PORTS.flatMap((port) => strangersAt(port, rules, own)))];
}

function strangersAt(port: number, rules: SecurityRule[], own: string[]): string[] {
    const strangers: string[] = [];
    for (const rule of rules) {
        if (!/^(?:\*|tcp)$/i.test(rule.protocol) || !opensPort(rule, port)) continue;
        const to = prefixesOf(rule.destinationAddressPrefix, rule.destinationAddressPrefixes);
        if (rule.access === "Deny") {
            const from = prefixesOf(rule.sourceAddressPrefix, rule.sourceAddressPrefixes);
            // Only a denial of everybody, to all of the control plane, leaves nothing to the rules below.
            if (
                from.includes("*") &&
                own.every((range) => to.some((prefix) => isEverything(prefix) || isInside(range, prefix)))
            ) {
                return strangers;
            }
            continue;
        }
        // A rule by groups of interfaces names no addresses: it may be about any of them.
        if (to.length > 0 && !to.some((prefix) => own.some((range) => overlaps(prefix, range)))) continue;
        const from = prefixesOf(rule.sourceAddressPrefix, rule.sourceAddressPrefixes);
        if (from.length === 0) strangers.push("application security groups");
        strangers.push(...from.filter((prefix) => prefix !== PROBES && !own.some((range) => isInside(prefix, range))));
    }
    return [...strangers, "VirtualNetwork, by Azure's own last rules,"];
}

function isEverything(prefix: string): boolean {
    return ["*", "VirtualNetwork"].includes(prefix);
}

function prefixesOf(single: string | undefined, several: readonly string[] | undefined): string[] {
    return [...(single === undefined || single === "" ? [] : [single]), ...(several ?? [])];
}

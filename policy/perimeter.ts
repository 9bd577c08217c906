import { isAnybody, isWide } from "./addressRanges";
import { belongsTo } from "./belonging";
import { checklist } from "./checklist";
import { etcdClosed } from "./etcdPorts";
import { shown } from "./finding";
import type { Judged } from "./kinds";
import { eachPool, poolKinds } from "./nodePools";
import { allOf, each, refers, some } from "./reading";
import { resourceRule, stackRule, type Judge } from "./rule";
import { closedPortsOf, inboundRules, type SecurityRule } from "./securityRules";

const item = checklist.everyDeployment;

const apiServerReach = resourceRule({
    name: "api-server-reach",
    item,
    title: "The API server is private, or open to stated address ranges only",
    severity: "critical",
    why: "An API server that the whole internet reaches is one stolen token, or one unpatched flaw, away from everybody.",
    mend: "Set apiServerAccessProfile.enablePrivateCluster: true, or authorizedIPRanges; Azure refuses both together.",
    kinds: ["azure-native:containerservice:ManagedCluster"],
    check({ props }, judge) {
        const access = props.apiServerAccessProfile;
        const isPrivate = access?.enablePrivateCluster === true;
        const hasRanges = (access?.authorizedIPRanges?.length ?? 0) > 0;
        if (isPrivate !== hasRanges) return;
        judge.refuse({
            at: "apiServerAccessProfile",
            given: isPrivate
                ? "a private cluster with authorizedIPRanges"
                : "neither a private cluster nor authorizedIPRanges",
            allowed: "one of the two",
        });
    },
});

const apiServerRangesNarrow = resourceRule({
    name: "api-server-ranges-narrow",
    item,
    title: "The ranges that may reach the API server are narrow",
    severity: "critical",
    why: "A range like 0.0.0.0/0 restricts nobody and looks as if it did.",
    mend: "Name the addresses of your offices, runners and the cluster's own egress.",
    kinds: ["azure-native:containerservice:ManagedCluster"],
    check({ props }, judge) {
        const ranges = props.apiServerAccessProfile?.authorizedIPRanges;
        if (!ranges?.length) judge.notConcerned("It has no authorised ranges");
        each(ranges, (range, index) => {
            if (!isWide(range)) return;
            judge.refuse({
                at: `apiServerAccessProfile.authorizedIPRanges[${index}]`,
                given: shown(range),
                allowed: "a prefix of 8 bits or more",
            });
        });
    },
});

const runCommandOff = resourceRule({
    name: "run-command-off",
    item,
    title: "Nobody runs commands in a cluster through Azure's own API",
    severity: "high",
    why: "`az aks command invoke` reaches a private cluster from anywhere, past its network, as the cluster's administrator.",
    mend: "Set apiServerAccessProfile.disableRunCommand: true.",
    kinds: ["azure-native:containerservice:ManagedCluster"],
    check({ props }, judge) {
        const given = props.apiServerAccessProfile?.disableRunCommand;
        if (given === true) return;
        judge.refuse({ at: "apiServerAccessProfile.disableRunCommand", given: shown(given), allowed: "true" });
    },
});

const nodePoolsPrivate = resourceRule({
    name: "node-pools-private",
    item,
    title: "No node of a cluster has a public address",
    severity: "critical",
    why: "A node with a public address is reached past the load balancer, its rules and its logs.",
    mend: "Leave enableNodePublicIP and nodePublicIPPrefixID out; nodes leave by a NAT gateway.",
    kinds: poolKinds,
    check(holder, judge) {
        eachPool(holder, (pool, path) =>
            allOf(
                () => {
                    if (pool.enableNodePublicIP !== true) return;
                    judge.refuse({ at: `${path}enableNodePublicIP`, given: "true", allowed: "false, or nothing" });
                },
                () => {
                    if (!refers(pool, "nodePublicIPPrefixID")) return;
                    judge.refuse({ at: `${path}nodePublicIPPrefixID`, given: "a prefix", allowed: "nothing" });
                },
            ),
        );
    },
});

const machinesPrivate = resourceRule({
    name: "machines-private",
    item,
    title: "No machine, scale set or network interface has a public address",
    severity: "critical",
    why: "A machine with a public address is reached past the load balancer, its rules and its logs.",
    mend: "Leave the public address out: in by a load balancer, out by a NAT gateway, administration by a bastion.",
    kinds: [
        "azure-native:compute:VirtualMachine",
        "azure-native:compute:VirtualMachineScaleSet",
        "azure-native:network:NetworkInterface",
    ],
    check(resource, judge) {
        if (resource.kind === "azure-native:network:NetworkInterface") {
            eachAddress("", resource.props.ipConfigurations, "publicIPAddress", judge);
            return;
        }
        const [at, network] =
            resource.kind === "azure-native:compute:VirtualMachine"
                ? ["networkProfile", resource.props.networkProfile]
                : ["virtualMachineProfile.networkProfile", resource.props.virtualMachineProfile?.networkProfile];
        each(network?.networkInterfaceConfigurations, (card, index) =>
            eachAddress(
                `${at}.networkInterfaceConfigurations[${index}].`,
                card.ipConfigurations,
                "publicIPAddressConfiguration",
                judge,
            ),
        );
    },
});

function eachAddress(
    path: string,
    configurations: readonly object[] | undefined,
    property: string,
    judge: Judge,
): void {
    each(configurations, (configuration, index) => {
        if (!refers(configuration, property)) return;
        judge.refuse({
            at: `${path}ipConfigurations[${index}].${property}`,
            given: "a public address",
            allowed: "nothing",
        });
    });
}

const securityGroupsDeny = stackRule({
    name: "security-groups-deny",
    item,
    title: "A network security group denies what it does not allow",
    severity: "high",
    why: "Azure's own last rules let everything in from anywhere in the virtual network, etcd's ports from any pod among them.",
    mend: "Add a last inbound rule with access Deny, protocol *, and * for all addresses and ports.",
    kind: "azure-native:network:NetworkSecurityGroup",
    reads: ["azure-native:network:SecurityRule"],
    check(stack) {
        const single = stack.all("azure-native:network:SecurityRule");
        for (const group of stack.all("azure-native:network:NetworkSecurityGroup")) {
            const own = single.filter((rule) =>
                belongsTo(group, rule, "networkSecurityGroupName", "networkSecurityGroupName"),
            );
            if (some(group.props.securityRules, deniesAll) || some(own, (rule) => deniesAll(rule.props))) continue;
            stack.refuse(group, {
                at: "securityRules",
                given: "no inbound rule that denies everything else",
                allowed: "one that does",
            });
        }
    },
});

function deniesAll(rule: SecurityRule): boolean {
    return (
        rule.direction === "Inbound" &&
        rule.access === "Deny" &&
        rule.protocol === "*" &&
        rule.sourceAddressPrefix === "*" &&
        rule.destinationAddressPrefix === "*" &&
        rule.destinationPortRange === "*"
    );
}

const noOpenPorts = resourceRule({
    name: "no-open-ports",
    item,
    title: "The internet reaches no port of administration",
    severity: "critical",
    why: "SSH, remote desktop, the API server and etcd are scanned for within minutes of being open.",
    mend: "State the address ranges that need the port, or remove the rule; serve the public by a load balancer on 80 and 443.",
    kinds: ["azure-native:network:NetworkSecurityGroup", "azure-native:network:SecurityRule"],
    check(resource, judge) {
        inboundRules(resource, (rule, path) => {
            if (rule.access !== "Allow") return;
            // Ports first: they are known when addresses are not yet.
            const ports = closedPortsOf(rule);
            if (ports.length === 0 || !isOpenToAnybody(rule)) return;
            judge.refuse({
                at: path || "the rule",
                given: `anybody may reach ${ports.join(", ")}`,
                allowed: "stated address ranges",
            });
        });
    },
});

function isOpenToAnybody(rule: SecurityRule): boolean {
    const single = rule.sourceAddressPrefix;
    return (single !== undefined && isAnybody(single)) || some(rule.sourceAddressPrefixes, isAnybody);
}

const subnetsGuarded = resourceRule({
    name: "subnets-guarded",
    item,
    title: "Every subnet has a network security group",
    severity: "high",
    why: "In a subnet without one, every port of every machine is open to the whole virtual network.",
    mend: "Set networkSecurityGroup: { id: … }.",
    kinds: ["azure-native:network:Subnet", "azure-native:network:VirtualNetwork"],
    check(resource, judge) {
        if (resource.kind === "azure-native:network:Subnet") {
            if (runsWithoutGroup(resource.props.subnetName ?? resource.props.name)) {
                judge.notConcerned("Azure allows no network security group in it");
            }
            refuseUnguarded(resource.props, "", judge);
            return;
        }
        if (!resource.props.subnets?.length) judge.notConcerned("It has no subnets of its own");
        each(resource.props.subnets, (subnet, index) => {
            if (!runsWithoutGroup(subnet.name)) refuseUnguarded(subnet, `subnets[${index}].`, judge);
        });
    },
});

function refuseUnguarded(
    subnet: Pick<Judged<"azure-native:network:Subnet">["props"], "networkSecurityGroup">,
    path: string,
    judge: Judge,
): void {
    if (refers(subnet.networkSecurityGroup, "id")) return;
    judge.refuse({ at: `${path}networkSecurityGroup`, given: "nothing", allowed: "a network security group" });
}

/** Azure's own subnets in which it allows no group. */
function runsWithoutGroup(subnetName: string | undefined): boolean {
    return ["AzureFirewallSubnet", "AzureFirewallManagementSubnet", "GatewaySubnet", "RouteServerSubnet"].includes(
        subnetName ?? "",
    );
}

export const perimeter = [
    apiServerReach,
    apiServerRangesNarrow,
    runCommandOff,
    nodePoolsPrivate,
    machinesPrivate,
    securityGroupsDeny,
    noOpenPorts,
    etcdClosed,
    subnetsGuarded,
];

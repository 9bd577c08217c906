import { belongsTo } from "./belonging";
import { checklist } from "./checklist";
import { shown } from "./finding";
import { isTaggedControlPlane, isWorkers } from "./machines";
import { minimumZones } from "./minimumZones";
import { eachPool, eachPoolOf, modeOf, poolKinds } from "./nodePools";
import type { Kind } from "./kinds";
import { resourceRule, stackRule, type Member, type StackJudge } from "./rule";
import { scaleSetsCoverZones, scaleSetsZonal } from "./scaleSets";

const item = checklist.zones;

const systemPoolAcrossZones = resourceRule({
    name: "system-pool-across-zones",
    item,
    title: "System pools stand in three zones",
    severity: "high",
    why: "What the whole cluster needs (DNS, metrics, the network's agents) would be lost with the one zone it stands in.",
    mend: 'Set availabilityZones: ["1", "2", "3"]. Azure never changes the zones of a pool in place: make a new one.',
    config: minimumZones,
    kinds: poolKinds,
    check(holder, judge) {
        const { minimumZones } = judge.config<{ minimumZones: number }>();
        eachPoolOf("System", holder, judge, (pool, path) => {
            const zones = pool.availabilityZones ?? [];
            if (zones.length >= minimumZones) return;
            judge.refuse({
                at: `${path}availabilityZones`,
                given: shown(zones),
                allowed: `at least ${minimumZones} zones`,
            });
        });
    },
});

const systemPoolNodes = resourceRule({
    name: "system-pool-nodes",
    item,
    title: "System pools have a node for every zone",
    severity: "high",
    why: "Three zones with two nodes are two zones.",
    mend: "Set count, and with the autoscaler minCount, to three or more.",
    config: {
        minimumNodes: {
            type: "integer",
            minimum: 2,
            default: 3,
            description: "Nodes that a system pool has at least, also when the autoscaler has shrunk it.",
        },
    },
    kinds: poolKinds,
    check(holder, judge) {
        const { minimumNodes } = judge.config<{ minimumNodes: number }>();
        eachPoolOf("System", holder, judge, (pool, path) => {
            const property = pool.enableAutoScaling ? "minCount" : "count";
            const given = pool[property];
            if (given !== undefined && given >= minimumNodes) return;
            judge.refuse({ at: `${path}${property}`, given: shown(given), allowed: `${minimumNodes} or more` });
        });
    },
});

const userPoolsZonal = resourceRule({
    name: "user-pools-zonal",
    item,
    title: "User pools say in which zones they stand",
    severity: "high",
    why: "Nodes without a zone stand anywhere: the scheduler cannot spread over zones that it cannot see.",
    mend: 'Set availabilityZones, best a pool for each zone: ["1"], ["2"], ["3"].',
    kinds: poolKinds,
    check(holder, judge) {
        eachPoolOf("User", holder, judge, (pool, path) => {
            if ((pool.availabilityZones?.length ?? 0) > 0) return;
            judge.refuse({ at: `${path}availabilityZones`, given: "no zone", allowed: "one zone, or several" });
        });
    },
});

const userPoolsCoverZones = stackRule({
    name: "user-pools-cover-zones",
    item,
    title: "A cluster's user pools together stand in three zones",
    severity: "high",
    why: "Applications can be spread over those zones only in which they find nodes.",
    mend: "Add a user pool in each zone that is missing.",
    config: minimumZones,
    kind: "azure-native:containerservice:ManagedCluster",
    reads: ["azure-native:containerservice:AgentPool"],
    check(stack) {
        const { minimumZones } = stack.config<{ minimumZones: number }>();
        let judged = 0;
        for (const cluster of stack.all("azure-native:containerservice:ManagedCluster")) {
            const pools = poolsOf(cluster, stack).filter((pool) => modeOf(pool) === "User");
            if (pools.length === 0) continue;
            judged++;
            const zones = [...new Set(pools.flatMap((pool) => [...(pool.availabilityZones ?? [])]))].sort();
            if (zones.length >= minimumZones) continue;
            stack.refuse(cluster, {
                at: "availabilityZones of its user pools",
                given: shown(zones),
                allowed: `at least ${minimumZones} zones`,
            });
        }
        if (judged === 0) stack.notConcerned("No cluster here has a user pool");
    },
});

const natGatewaysZonal = resourceRule({
    name: "nat-gateways-zonal",
    item,
    title: "A NAT gateway says in which zone it stands",
    severity: "medium",
    why: "Azure puts a Standard NAT gateway without a zone into one of its own choice; nobody knows what is lost with which zone.",
    mend: 'Set zones: ["1"] (one zone), and make one NAT gateway for each zone.',
    kinds: ["azure-native:network:NatGateway"],
    check({ props }, judge) {
        // StandardV2 stands in all zones by itself.
        if (props.sku?.name === "StandardV2") return;
        if (props.zones?.length === 1) return;
        judge.refuse({ at: "zones", given: shown(props.zones), allowed: "one zone" });
    },
});

const egressInEachZone = stackRule({
    name: "egress-in-each-zone",
    item,
    title: "Each zone with nodes has its own way out",
    severity: "high",
    why: "If the nodes of all zones leave by one zone's NAT gateway, the loss of that zone cuts off the other two.",
    mend: "Make a NAT gateway and a subnet for each zone, and put each zone's pool into its zone's subnet.",
    kind: "azure-native:network:NatGateway",
    reads: [
        "azure-native:compute:VirtualMachine",
        "azure-native:compute:VirtualMachineScaleSet",
        "azure-native:containerservice:AgentPool",
        "azure-native:containerservice:ManagedCluster",
        "azure-native:network:NetworkInterface",
        "azure-native:network:Subnet",
    ],
    check(stack) {
        const gateways = stack.all("azure-native:network:NatGateway");
        if (gateways.some((gateway) => gateway.props.sku?.name === "StandardV2")) return;

        const served = new Set(gateways.flatMap((gateway) => [...(gateway.props.zones ?? [])]));
        const missing = zonesWithNodes(stack).filter((zone) => !served.has(zone));
        if (missing.length > 0) {
            // The engine's order differs from run to run.
            const [first] = [...gateways].sort((a, b) => (a.name < b.name ? -1 : 1));
            stack.refuse(first, {
                at: "zones of all NAT gateways",
                given: shown([...served].sort()),
                allowed: `those of the nodes, ${missing.join(", ")} among them`,
            });
        }
        for (const { holder, zones, at, subnetOf } of zonalNodes(stack)) {
            const gatewayZones = gatewayOf(subnetOf, at, stack)?.props.zones ?? [];
            if (zones.length !== 1 || gatewayZones.length === 0 || gatewayZones.includes(zones[0])) continue;
            stack.refuse(holder, {
                at,
                given: `a subnet whose NAT gateway stands in zone ${gatewayZones.join(", ")}`,
                allowed: `one in its own zone, ${zones[0]}`,
            });
        }
    },
});

type Cluster = Member<"azure-native:containerservice:ManagedCluster">;

function poolsOf(cluster: Cluster, stack: StackJudge) {
    const own = stack
        .all("azure-native:containerservice:AgentPool")
        .filter((pool) => belongsTo(cluster, pool, "resourceName", "resourceName"))
        .map((pool) => pool.props);
    return [...inlinePools(cluster), ...own];
}

function inlinePools(cluster: Cluster) {
    const pools: Parameters<Parameters<typeof eachPool>[1]>[0][] = [];
    eachPool(cluster, (pool) => pools.push(pool));
    return pools;
}

interface ZonalNodes {
    /** Whom a finding is about. */
    holder: Member<Kind>;
    zones: readonly string[];
    /** The resource that names the subnet, and in which property. */
    subnetOf: Member<Kind>;
    at: string;
}

/** Pools, scale sets of nodes and machines of a control plane, each with its zones and what puts it into a subnet. */
function zonalNodes(stack: StackJudge): ZonalNodes[] {
    const pools = stack.all("azure-native:containerservice:AgentPool").map((pool) => ({
        holder: pool,
        zones: pool.props.availabilityZones ?? [],
        subnetOf: pool,
        at: "vnetSubnetID",
    }));
    const scaleSets = stack
        .all("azure-native:compute:VirtualMachineScaleSet")
        .filter(({ props }) => isWorkers(props))
        .map((scaleSet) => ({
            holder: scaleSet,
            zones: scaleSet.props.zones ?? [],
            subnetOf: scaleSet,
            at: "virtualMachineProfile",
        }));
    const cards = stack.all("azure-native:network:NetworkInterface");
    const machines = stack
        .all("azure-native:compute:VirtualMachine")
        .filter(({ props }) => isTaggedControlPlane(props))
        .flatMap((machine) =>
            cards
                .filter((card) => belongsTo(card, machine, "networkProfile"))
                .map((card) => ({
                    holder: machine,
                    zones: machine.props.zones ?? [],
                    subnetOf: card,
                    at: "ipConfigurations",
                })),
        );
    return [...pools, ...scaleSets, ...machines];
}

function zonesWithNodes(stack: StackJudge): string[] {
    const inline = stack.all("azure-native:containerservice:ManagedCluster").flatMap(inlinePools);
    const zones = [
        ...inline.flatMap((pool) => [...(pool.availabilityZones ?? [])]),
        ...zonalNodes(stack).flatMap((nodes) => [...nodes.zones]),
    ];
    return [...new Set(zones)].sort();
}

/** The NAT gateway of the subnet that `part` names in `property`, where both are in this stack. */
function gatewayOf(part: Member<Kind>, property: string, stack: StackJudge) {
    const subnet = stack.all("azure-native:network:Subnet").find((subnet) => belongsTo(subnet, part, property));
    if (!subnet) return undefined;
    return stack.all("azure-native:network:NatGateway").find((gateway) => belongsTo(gateway, subnet, "natGateway"));
}

export const zones = [
    systemPoolAcrossZones,
    systemPoolNodes,
    userPoolsZonal,
    userPoolsCoverZones,
    scaleSetsZonal,
    scaleSetsCoverZones,
    natGatewaysZonal,
    egressInEachZone,
];

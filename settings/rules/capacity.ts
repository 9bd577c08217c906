import { withSurge } from "../../components/cluster/surge";
import { nodesThatFit, parseRange, planAddresses, POD_PREFIX_OF_NODE } from "../../components/network/addressPlan";
import type { cluster, systemPool, upgrades, userPool } from "../cluster";
import type { controlPlane } from "../controlPlane";
import type { zones } from "../environment";
import type { network } from "../network";
import type { Problem } from "../problem";
import { type Part, problem } from "./part";
import { readRange } from "./ranges";

/** Do the nodes, with those that an upgrade adds, fit the subnets, and the pods' range? */
export function capacityRules(parts: {
    kind: Part<typeof cluster.shape.kind>;
    controlPlane: Part<typeof controlPlane>;
    zones: Part<typeof zones>;
    network: Part<typeof network>;
    systemPool: Part<typeof systemPool>;
    userPools: Part<typeof userPool>[] | undefined;
    upgrades: Part<typeof upgrades>;
}): Problem[] {
    const { kind, zones, network, systemPool, userPools, upgrades } = parts;
    if (!zones || !network || !upgrades) return [];
    const prefix = Number(network.addressSpace.split("/")[1]);
    if (
        prefix < 12 ||
        prefix > 22 ||
        "wrong" in readRange([], network.addressSpace) ||
        "wrong" in readRange([], network.podCidr)
    )
        return [];
    const plan = planAddresses(network.addressSpace, zones);
    const problems: Problem[] = [];

    // On AKS the system pool has a subnet of its own; on machines of our own it is one more scale set in each zone.
    const systemIsApart = kind !== "selfManaged";
    const systemNodes = systemPool && systemIsApart ? withSurge(systemPool.maxNodes, upgrades.maxSurge) : 0;
    const systemNodesOfZone =
        systemPool && !systemIsApart ? withSurge(Math.ceil(systemPool.maxNodes / zones.length), upgrades.maxSurge) : 0;
    const roomForSystem = nodesThatFit(plan.system);
    if (systemPool && systemNodes > roomForSystem) {
        problems.push(
            problem(
                ["cluster", "systemPool", "maxNodes"],
                systemPool.maxNodes,
                `as many as fit subnet ${plan.system} with surge: ${roomForSystem} nodes (${systemNodes} are possible)`,
                "lower maxNodes, or widen mainstay:network.addressSpace",
            ),
        );
    }
    const pools = (userPools ?? []).filter((pool) => pool !== undefined);
    const zoneNodes = pools.reduce(
        (sum, pool) => sum + withSurge(pool.maxNodesPerZone, upgrades.maxSurge),
        systemNodesOfZone,
    );
    const zoneSubnet = plan.zones[zones[0]];
    const roomInZone = nodesThatFit(zoneSubnet);
    if (zoneNodes > roomInZone) {
        problems.push(
            problem(
                ["cluster", "userPools"],
                `${zoneNodes} nodes a zone with surge`,
                `as many as fit a zone's subnet (${zoneSubnet}): ${roomInZone} nodes`,
                "lower maxNodesPerZone, or widen mainstay:network.addressSpace",
            ),
        );
    }
    const machines = systemIsApart ? 0 : (parts.controlPlane?.machines ?? 3);
    const nodes = machines + systemNodes + zoneNodes * zones.length;
    const roomForPods = parseRange(network.podCidr).size / 2 ** (32 - POD_PREFIX_OF_NODE);
    if (nodes > roomForPods) {
        problems.push(
            problem(
                ["network", "podCidr"],
                network.podCidr,
                `a range with a /${POD_PREFIX_OF_NODE} for each of ${nodes} possible nodes: this one has ${roomForPods}`,
                `widen it to /${POD_PREFIX_OF_NODE - Math.ceil(Math.log2(nodes))}, or lower the pools' maxima`,
            ),
        );
    }
    if (nodes > 5000) {
        problems.push(
            problem(
                ["cluster", "userPools"],
                `${nodes} nodes with surge`,
                "at most 5000 nodes in a cluster",
                "lower maxNodesPerZone",
            ),
        );
    }
    return problems;
}

import assert from "node:assert/strict";
import fc from "fast-check";
import { machineOf, nodesOf, parseTaint, type NodePool } from "../../rehearsal/controlPlane/cloud/nodes";

const pool: NodePool = {
    clusterId:
        "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod",
    location: "westeurope",
    nodeResourceGroup: "MC_rg_prod_westeurope",
    name: "user1",
    count: 3,
    vmSize: "Standard_D8ds_v5",
    availabilityZones: ["1", "2", "3"],
    mode: "User",
    maxPods: 110,
    nodeLabels: { team: "shop" },
    nodeTaints: ["dedicated=shop:NoSchedule", "fragile:PreferNoSchedule"],
};

describe("nodes of a simulated pool", () => {
    it("carry AKS's labels, and the pool's own", () => {
        const [{ metadata }] = nodesOf(pool);
        const expected = {
            agentpool: "user1",
            "kubernetes.azure.com/agentpool": "user1",
            "kubernetes.azure.com/cluster": "MC_rg_prod_westeurope",
            "kubernetes.azure.com/mode": "user",
            "kubernetes.io/arch": "amd64",
            "node.kubernetes.io/instance-type": "Standard_D8ds_v5",
            "topology.kubernetes.io/region": "westeurope",
            "topology.kubernetes.io/zone": "westeurope-1",
            team: "shop",
        };
        for (const [name, value] of Object.entries(expected)) assert.equal(metadata.labels[name], value, name);
        assert.equal(metadata.labels["kubernetes.azure.com/scalesetpriority"], undefined);
    });

    it("cannot have AKS's labels overridden by the pool's", () => {
        const [{ metadata }] = nodesOf({ ...pool, nodeLabels: { agentpool: "other" } });
        assert.equal(metadata.labels.agentpool, "user1");
    });

    it("carry the pool's taints, and on spot machines AKS's", () => {
        const own = [
            { key: "dedicated", value: "shop", effect: "NoSchedule" },
            { key: "fragile", effect: "PreferNoSchedule" },
        ];
        assert.deepEqual(nodesOf(pool)[0].spec.taints, own);
        const [spot] = nodesOf({ ...pool, scaleSetPriority: "Spot" });
        const taint = { key: "kubernetes.azure.com/scalesetpriority", value: "spot", effect: "NoSchedule" };
        assert.deepEqual(spot.spec.taints, [...own, taint]);
        assert.equal(spot.metadata.labels["kubernetes.azure.com/scalesetpriority"], "spot");
    });

    it("are as many as counted, each with a name of its own, evenly over the zones", () => {
        const zones = fc.uniqueArray(fc.constantFrom("1", "2", "3"), { minLength: 1 });
        fc.assert(
            fc.property(fc.nat(50), zones, (count, availabilityZones) => {
                const nodes = nodesOf({ ...pool, count, availabilityZones });
                assert.equal(new Set(nodes.map(({ metadata }) => metadata.name)).size, count);
                const perZone = availabilityZones.map(
                    (zone) =>
                        nodes.filter(
                            ({ metadata }) => metadata.labels["topology.kubernetes.io/zone"] === `westeurope-${zone}`,
                        ).length,
                );
                assert.equal(
                    perZone.reduce((sum, each) => sum + each, 0),
                    count,
                );
                assert.ok(Math.max(...perZone) - Math.min(...perZone) <= 1);
            }),
        );
    });

    it("of a pool outside of zones have the zone that Azure writes then", () => {
        const [{ metadata }] = nodesOf({ ...pool, availabilityZones: undefined });
        assert.equal(metadata.labels["topology.kubernetes.io/zone"], "0");
    });

    it("of an autoscaled pool without a count are its fewest", () => {
        assert.equal(nodesOf({ ...pool, count: undefined, minCount: 2, enableAutoScaling: true }).length, 2);
        assert.equal(nodesOf({ ...pool, count: 0, minCount: 0 }).length, 0);
    });

    it("offer pods less than the machine has, by AKS's reservations", () => {
        const { capacity, allocatable } = nodesOf(pool)[0].status;
        assert.deepEqual(capacity, { cpu: "8", memory: "32768Mi", pods: "110", "ephemeral-storage": "128Gi" });
        // 180 millicores; 20 MiB a pod + 50 MiB, and 100 MiB that eviction keeps free.
        assert.equal(allocatable.cpu, "7820m");
        assert.equal(allocatable.memory, `${32768 - (20 * 110 + 50) - 100}Mi`);
    });

    it("never offer less than nothing, on any size", () => {
        fc.assert(
            fc.property(
                fc.constantFrom("A", "B", "D", "E", "F", "NC"),
                fc.constantFrom(1, 2, 4, 48, 96),
                fc.integer({ min: 10, max: 250 }),
                (family, cores, maxPods) => {
                    const [{ status }] = nodesOf({ ...pool, vmSize: `Standard_${family}${cores}s_v5`, maxPods });
                    assert.ok(parseInt(status.allocatable.cpu) > 0);
                    assert.ok(parseInt(status.allocatable.memory) > 0);
                },
            ),
        );
    });
});

describe("a machine size's name", () => {
    it("tells cores and memory by its family", () => {
        assert.deepEqual(machineOf("Standard_E16ads_v5"), { cores: 16, memoryGiB: 128 });
        assert.deepEqual(machineOf("Standard_F4s_v2"), { cores: 4, memoryGiB: 8 });
        assert.deepEqual(machineOf("Standard_DC2s_v3"), { cores: 2, memoryGiB: 8 });
    });
});

describe("a taint as AKS takes it", () => {
    it("has a key that may hold slashes, and perhaps a value", () => {
        assert.deepEqual(parseTaint("example.com/a=b:NoExecute"), {
            key: "example.com/a",
            value: "b",
            effect: "NoExecute",
        });
        assert.deepEqual(parseTaint("a:NoSchedule"), { key: "a", effect: "NoSchedule" });
    });
});

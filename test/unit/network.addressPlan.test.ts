import assert from "node:assert/strict";
import fc from "fast-check";
import {
    apiAddress,
    contains,
    controlPlaneAddress,
    formatRange,
    FRONTENDS_IN_SUBNET,
    nodesThatFit,
    overlap,
    parseAddress,
    parseRange,
    planAddresses,
    type Range,
    RESERVED_IN_SUBNET,
} from "../../components/network/addressPlan";
import { withSurge } from "../../components/cluster/surge";
import { checkSettings, SettingsError } from "../../settings";

/** Address spaces as the settings allow them: /12 to /22, of any private range. */
const addressSpaces = fc.tuple(fc.integer({ min: 12, max: 22 }), fc.nat()).map(([prefix, pick]) => {
    const size = 2 ** (32 - prefix);
    const ten = 10 * 2 ** 24;
    return formatRange({ first: ten + (pick % (2 ** 24 / size)) * size, size });
});
const zoneSets = fc.subarray(["1", "2", "3"], { minLength: 2 });

/** Subnets by kind of cluster. */
function subnetsOf(kind: "aks" | "selfManaged", addressSpace: string, zones: string[]): Range[] {
    const plan = planAddresses(addressSpace, zones);
    const own = kind === "aks" ? [plan.system] : [plan.api, ...Object.values(plan.controlPlane)];
    return [...own, ...Object.values(plan.zones), plan.endpoints].map(parseRange);
}

describe("surge", () => {
    it("rounds a percentage up, as AKS does, and takes a number as it is", () => {
        assert.deepEqual(
            [withSurge(1, "1%"), withSurge(3, "33%"), withSurge(10, "10%"), withSurge(5, "2")],
            [2, 4, 11, 7],
        );
    });
});

describe("address plan", () => {
    it("reads and writes any range unchanged", () => {
        fc.assert(
            fc.property(fc.nat({ max: 2 ** 32 - 1 }), fc.integer({ min: 0, max: 32 }), (address, prefix) => {
                const size = 2 ** (32 - prefix);
                const range = { first: address - (address % size), size };
                assert.deepEqual(parseRange(formatRange(range)), range);
            }),
        );
    });

    it("refuses host bits and names the range that was meant", () => {
        assert.throws(() => parseRange("10.0.0.1/8"), /10\.0\.0\.0\/8/);
    });

    it("puts every subnet inside the address space, and none over another", () => {
        fc.assert(
            fc.property(fc.constantFrom("aks", "selfManaged"), addressSpaces, zoneSets, (kind, addressSpace, zones) => {
                const subnets = subnetsOf(kind, addressSpace, zones);
                assert.equal(subnets.length, kind === "aks" ? zones.length + 2 : 2 * zones.length + 2);
                for (const [index, subnet] of subnets.entries()) {
                    assert.ok(contains(parseRange(addressSpace), subnet));
                    for (const other of subnets.slice(index + 1)) assert.ok(!overlap(subnet, other));
                }
            }),
        );
    });

    it("never moves a subnet when a zone is added", () => {
        fc.assert(
            fc.property(addressSpaces, zoneSets, (addressSpace, zones) => {
                const some = planAddresses(addressSpace, zones);
                const all = planAddresses(addressSpace, ["1", "2", "3"]);
                assert.deepEqual({ ...all, zones: some.zones, controlPlane: some.controlPlane }, some);
                for (const zone of zones) {
                    assert.equal(some.zones[zone], all.zones[zone]);
                    assert.equal(some.controlPlane[zone], all.controlPlane[zone]);
                }
            }),
        );
    });

    it("gives the API and each machine an address of its own, inside its subnet and none that Azure keeps", () => {
        fc.assert(
            fc.property(
                addressSpaces,
                fc.array(fc.constantFrom("1", "2", "3"), { minLength: 1, maxLength: 5 }),
                (addressSpace, zoneOf) => {
                    const plan = planAddresses(addressSpace, ["1", "2", "3"]);
                    const machines = zoneOf.map((zone, index) => controlPlaneAddress(addressSpace, index + 1, zone));
                    const taken: [string, string][] = [
                        [plan.api, apiAddress(addressSpace)],
                        ...machines.map((address, index): [string, string] => [
                            plan.controlPlane[zoneOf[index]],
                            address,
                        ]),
                    ];
                    assert.equal(new Set(taken.map(([, address]) => address)).size, zoneOf.length + 1);
                    for (const [subnet, address] of taken) {
                        const { first, size } = parseRange(subnet);
                        const place = parseAddress(address).first - first;
                        assert.ok(place >= 4 && place <= size - 2, `${address} in ${subnet}`);
                    }
                },
            ),
        );
    });

    it("keeps the addresses that machines have: known figures", () => {
        assert.deepEqual(
            [
                apiAddress("10.64.0.0/16"),
                controlPlaneAddress("10.64.0.0/16", 1, "1"),
                controlPlaneAddress("10.64.0.0/16", 5, "2"),
                controlPlaneAddress("10.64.0.0/22", 3, "3"),
            ],
            ["10.64.0.4", "10.64.8.4", "10.64.16.8", "10.64.0.102"],
        );
    });

    it("leaves room for Azure's five addresses and for frontends in the smallest subnet", () => {
        const plan = planAddresses("10.0.0.0/22", ["1", "2", "3"]);
        assert.equal(parseRange(plan.system).size, 128);
        assert.equal(nodesThatFit(plan.system), 128 - 5 - 16);
        assert.equal(RESERVED_IN_SUBNET + FRONTENDS_IN_SUBNET, 21);
    });

    it("takes the last node that fits, and refuses one more", () => {
        const raw = (systemNodes: number, nodesPerZone: number) => ({
            owner: "me",
            location: "westeurope",
            network: { addressSpace: "10.64.0.0/22", podCidr: "10.128.0.0/12" },
            access: { groups: { administrators: ["5f2a1c8e-9b7d-4e36-8a10-6d3f0c4b2e91"] } },
            cluster: {
                kind: "aks",
                systemPool: { size: "Standard_D4ds_v5", maxNodes: systemNodes },
                userPools: [{ name: "general", size: "Standard_D4ds_v5", maxNodesPerZone: nodesPerZone }],
                upgrades: { maxSurge: "1" },
            },
        });
        // 128 addresses, less Azure's five and sixteen frontends, less the one that an upgrade adds.
        assert.ok(accepts(raw(106, 106)));
        assert.ok(!accepts(raw(107, 106)));
        assert.ok(!accepts(raw(106, 107)));
    });

    it("holds the most nodes that the settings accept, with surge, in every subnet and in the pods' range", () => {
        fc.assert(
            fc.property(
                fc.oneof(fc.constant("10.64.0.0/22"), addressSpaces),
                zoneSets,
                fc.integer({ min: 13, max: 20 }),
                fc.oneof(fc.integer({ min: 3, max: 107 }), fc.integer({ min: 3, max: 1000 })),
                // Mostly near what the smallest subnets hold, where a node more or less decides.
                fc.oneof(
                    fc.tuple(fc.integer({ min: 50, max: 107 })),
                    fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 3 }),
                ),
                fc.integer({ min: 1, max: 100 }),
                (addressSpace, zones, podPrefix, systemNodes, poolNodes, surge) => {
                    const podCidr = `${parseRange(addressSpace).first < parseRange("10.128.0.0/9").first ? "10.128.0.0" : "10.0.0.0"}/${podPrefix}`;
                    const accepted = accepts({
                        owner: "me",
                        location: "westeurope",
                        zones,
                        network: {
                            addressSpace,
                            podCidr,
                            serviceCidr: "192.168.0.0/20",
                            runners: { addressSpace: "192.168.16.0/24" },
                        },
                        access: { groups: { administrators: ["5f2a1c8e-9b7d-4e36-8a10-6d3f0c4b2e91"] } },
                        cluster: {
                            kind: "aks",
                            systemPool: { size: "Standard_D4ds_v5", maxNodes: systemNodes },
                            userPools: poolNodes.map((maxNodesPerZone, index) => ({
                                name: `pool${index}`,
                                size: "Standard_D4ds_v5",
                                maxNodesPerZone,
                            })),
                            upgrades: { maxSurge: `${surge}%` },
                        },
                    });
                    // Counted here by itself: addresses that nodes take at the worst moment.
                    const worst = (nodes: number) => nodes + Math.ceil((nodes * surge) / 100);
                    const inZone = poolNodes.map(worst).reduce((a, b) => a + b, 0);
                    const inSystem = worst(systemNodes);
                    const free = 2 ** (32 - Number(addressSpace.split("/")[1])) / 8 - 5 - 16;
                    const all = inSystem + inZone * zones.length;
                    const fits = inZone <= free && inSystem <= free && all <= 2 ** (24 - podPrefix) && all <= 5000;
                    assert.equal(accepted, fits);
                },
            ),
            { numRuns: 1000 },
        );
    });
});

function accepts(raw: Record<string, unknown>): boolean {
    try {
        checkSettings(raw, { project: "mainstay", stack: "prod" });
        return true;
    } catch (error) {
        if (error instanceof SettingsError) return false;
        throw error;
    }
}

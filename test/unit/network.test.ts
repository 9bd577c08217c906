import assert from "node:assert/strict";
import { Network } from "../../components/network";
import { idOf, type Recording, record, valueOf } from "./recordedProgram";

const args = {
    prefix: "mainstay-prod",
    location: "westeurope",
    zones: ["1", "2", "3"],
    tags: { owner: "platform" },
    addressSpace: "10.64.0.0/16",
    podCidr: "10.244.0.0/16",
};

let made: ReturnType<typeof make> | undefined;
const make = () => record(() => new Network("network", args));
/** Built once for all tests that only look. */
const usual = () => (made ??= make());

/** Everything that a resource's inputs refer to, and what those refer to. */
function reaches(recording: Recording, name: string): Set<string> {
    const seen = new Set<string>();
    const visit = (from: string) => {
        const text = JSON.stringify(recording.one(from).inputs);
        for (const { name: other } of recording.resources) {
            if (!seen.has(other) && text.includes(`${idOf(other)}"`)) {
                seen.add(other);
                visit(other);
            }
        }
    };
    visit(name);
    return seen;
}

describe("network", () => {
    it("gives each zone a subnet, a gateway and an address of that zone, and no zone anything of another (pitfalls 10 and 14)", async () => {
        const { recording } = await usual();
        for (const zone of args.zones) {
            assert.deepEqual(recording.one(`network-nat-${zone}`).inputs.zones, [zone]);
            assert.equal(recording.one(`network-nat-${zone}`).inputs.sku.name, "Standard");
            assert.deepEqual(recording.one(`network-egress-${zone}`).inputs.zones, [zone]);
            const used = reaches(recording, `network-zone-${zone}`);
            assert.ok(used.has(`network-nat-${zone}`) && used.has(`network-egress-${zone}`));
            for (const other of args.zones.filter((one) => one !== zone)) {
                assert.ok(
                    ![...used].some((name) => name.endsWith(`-${other}`)),
                    `zone ${zone} uses ${[...used].join()}`,
                );
            }
        }
    });

    it("lets no zone decide over the system pool's way out: no zonal gateway, an address of all zones", async () => {
        const { recording, result } = await usual();
        assert.equal(recording.one("network-system").inputs.natGateway, undefined);
        assert.deepEqual(recording.one("network-egress-system").inputs.zones, args.zones);
        assert.match(
            await valueOf(result.systemEgress.plannedId),
            /^\/subscriptions\/1{8}-.*\/resourceGroups\/mainstay-prod-network\/providers\/Microsoft\.Network\/publicIPAddresses\/mainstay-prod-egress-system$/,
        );
    });

    it("names every address that traffic leaves by", async () => {
        const { result } = await usual();
        const addresses = await valueOf(result.egressAddresses);
        assert.equal(addresses.length, 4);
        assert.equal(new Set(addresses).size, 4);
    });

    it("guards every subnet, and gives none a way out that nobody asked for", async () => {
        const { recording } = await usual();
        const subnets = recording.ofType("azure-native:network:Subnet");
        assert.equal(subnets.length, 5);
        for (const { inputs, name } of subnets) {
            assert.ok(inputs.networkSecurityGroup.id, name);
            assert.equal(inputs.defaultOutboundAccess, false, name);
        }
    });

    it("changes one subnet at a time, because Azure refuses two", async () => {
        const { recording } = await usual();
        const subnets = recording.ofType("azure-native:network:Subnet").map(({ name }) => name);
        const first = subnets.filter((name) => !recording.one(name).dependsOn.some((other) => subnets.includes(other)));
        assert.equal(first.length, 1);
        const waitedFor = subnets.flatMap((name) =>
            recording.one(name).dependsOn.filter((other) => subnets.includes(other)),
        );
        assert.equal(new Set(waitedFor).size, subnets.length - 1, "a chain: nobody is waited for twice");
    });

    it("has a zone of its own for a private API, linked to the network, and none for a public one", async () => {
        const { recording } = await usual();
        assert.equal(
            recording.one("network-api-zone").inputs.privateZoneName,
            "mainstay-prod.privatelink.westeurope.azmk8s.io",
        );
        assert.equal(recording.one("network-api-zone-link").inputs.virtualNetwork.id, idOf("network-vnet"));

        const open = await record(() => new Network("network", { ...args, privateApi: false }));
        assert.equal(open.result.apiZoneId, undefined);
        assert.equal(open.recording.ofType("azure-native:privatedns:PrivateZone").length, 0);
    });

    it("builds in two zones what it builds in three", async () => {
        const { recording } = await record(() => new Network("network", { ...args, zones: ["1", "3"] }));
        assert.equal(recording.ofType("azure-native:network:NatGateway").length, 2);
        assert.equal(recording.one("network-zone-3").inputs.addressPrefix, "10.64.96.0/19");
    });

    it("tags everything that takes tags", async () => {
        const { recording } = await usual();
        const without = ["mainstay:index:Network", "azure-native:network:Subnet"];
        for (const { type, name, inputs } of recording.resources.filter((one) => !without.includes(one.type))) {
            assert.deepEqual(inputs.tags, args.tags, `${type} ${name}`);
        }
    });
});

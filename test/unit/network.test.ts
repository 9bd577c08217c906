import assert from "node:assert/strict";
import { controlPlaneAddress, Network } from "../../components/network";
import { contains, parseAddress, parseRange } from "../../components/network/addressPlan";
import { idOf, type Recording, record, valueOf } from "./recordedProgram";

const args = {
    prefix: "mainstay-prod",
    location: "westeurope",
    zones: ["1", "2", "3"],
    tags: { owner: "platform" },
    subscriptionId: "11111111-1111-4111-8111-111111111111",
    tenantId: "33333333-3333-4333-8333-333333333333",
    clusterKind: "aks" as const,
    addressSpace: "10.64.0.0/16",
    podCidr: "10.244.0.0/16",
};

let made: ReturnType<typeof make> | undefined;
const make = () => record(() => new Network("network", args));
/** Built once for all tests that only look. */
const usual = () => (made ??= make());
let madeOwn: ReturnType<typeof makeOwn> | undefined;
const makeOwn = () => record(() => new Network("network", { ...args, clusterKind: "selfManaged" }));
/** As well, for a self-managed cluster. */
const own = () => (madeOwn ??= makeOwn());

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
            result.systemEgress.plannedId,
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
        for (const [made, count] of [
            [usual, 5],
            [own, 8],
        ] as const) {
            const { recording } = await made();
            const subnets = recording.ofType("azure-native:network:Subnet");
            assert.equal(subnets.length, count);
            for (const { inputs, name } of subnets) {
                assert.ok(inputs.networkSecurityGroup.id, name);
                assert.equal(inputs.defaultOutboundAccess, false, name);
            }
        }
    });

    it("changes one subnet at a time, because Azure refuses two", async () => {
        for (const made of [usual, own]) {
            const { recording } = await made();
            const subnets = recording.ofType("azure-native:network:Subnet").map(({ name }) => name);
            const first = subnets.filter(
                (name) => !recording.one(name).dependsOn.some((other) => subnets.includes(other)),
            );
            assert.equal(first.length, 1);
            const waitedFor = subnets.flatMap((name) =>
                recording.one(name).dependsOn.filter((other) => subnets.includes(other)),
            );
            assert.equal(new Set(waitedFor).size, subnets.length - 1, "a chain: nobody is waited for twice");
        }
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

    it("is peered, both ways, with the network that deployments run in, which sees the API's name and no other", async () => {
        const runners = { resourceGroupName: "mainstay-foundation", virtualNetworkName: "mainstay-runners" };
        for (const [clusterKind, zone] of [
            ["aks", "network-api-zone"],
            ["selfManaged", "network-internal-zone"],
        ] as const) {
            const { recording } = await record(() => new Network("network", { ...args, clusterKind, runners }));
            const runnersId = `/subscriptions/${args.subscriptionId}/resourceGroups/mainstay-foundation/providers/Microsoft.Network/virtualNetworks/mainstay-runners`;
            const [to, from] = ["network-peering-to-runners", "network-peering-from-runners"].map(
                (name) => recording.one(name).inputs,
            );
            assert.deepEqual([to.virtualNetworkName, to.remoteVirtualNetwork.id], ["mainstay-prod-vnet", runnersId]);
            assert.deepEqual(
                [from.virtualNetworkName, from.resourceGroupName, from.remoteVirtualNetwork.id],
                ["mainstay-runners", "mainstay-foundation", idOf("network-vnet")],
            );
            const seen = recording
                .ofType("azure-native:privatedns:VirtualNetworkLink")
                .filter(({ inputs }) => inputs.virtualNetwork.id === runnersId);
            assert.deepEqual(
                seen.map(({ name }) => name),
                [`${zone}-link-runners`],
            );
            // A public API needs neither.
            const open = await record(
                () => new Network("network", { ...args, clusterKind, runners, privateApi: false }),
            );
            assert.equal(open.recording.ofType("azure-native:network:VirtualNetworkPeering").length, 0);
        }
    });

    it("builds in two zones what it builds in three", async () => {
        const { recording } = await record(() => new Network("network", { ...args, zones: ["1", "3"] }));
        assert.equal(recording.ofType("azure-native:network:NatGateway").length, 2);
        assert.equal(recording.one("network-zone-3").inputs.addressPrefix, "10.64.96.0/19");
    });

    it("tags everything that takes tags", async () => {
        const without = ["mainstay:index:Network", "azure-native:network:Subnet"];
        for (const made of [usual, own]) {
            const { recording } = await made();
            for (const { type, name, inputs } of recording.resources.filter((one) => !without.includes(one.type))) {
                assert.deepEqual(inputs.tags, args.tags, `${type} ${name}`);
            }
        }
    });
});

describe("network of a self-managed cluster", () => {
    it("gives each zone's machines a subnet of their own, which goes out as that zone's workers do", async () => {
        const { recording } = await own();
        for (const zone of args.zones) {
            const machines = recording.one(`network-control-plane-${zone}`).inputs;
            assert.equal(machines.natGateway.id, idOf(`network-nat-${zone}`));
            assert.equal(recording.one(`network-zone-${zone}`).inputs.natGateway.id, idOf(`network-nat-${zone}`));
            assert.equal(machines.networkSecurityGroup.id, idOf("network-control-plane-nsg"));
            assert.ok(contains(parseRange(machines.addressPrefix), parseAddress(machine(1, zone))));
        }
        assert.equal(recording.one("network-api").inputs.natGateway, undefined);
    });

    it("goes out by its zones' addresses and by no other", async () => {
        const { recording, result } = await own();
        assert.equal(recording.ofType("azure-native:network:PublicIPAddress").length, 3);
        assert.equal((await valueOf(result.egressAddresses)).length, 3);
    });

    it("keeps what is for AKS out of the self-managed kind, and says which kind has it", async () => {
        const { result } = await own();
        assert.throws(() => result.systemSubnetId, /clusterKind aks/);
        assert.throws(() => result.systemEgress, /clusterKind aks/);
        const { result: aks, recording } = await usual();
        assert.throws(() => aks.controlPlaneSubnetIds, /clusterKind selfManaged/);
        assert.ok(!recording.resources.some(({ name }) => /control-plane|internal|vault|blob/.test(name)));
    });

    it("has DNS zones for the API and for private endpoints, linked to the network before anybody relies on them", async () => {
        const { recording, result } = await own();
        const zones = recording
            .ofType("azure-native:privatedns:PrivateZone")
            .map(({ inputs }) => inputs.privateZoneName);
        assert.deepEqual(zones.sort(), [
            "mainstay-prod.internal",
            "privatelink.blob.core.windows.net",
            "privatelink.vaultcore.azure.net",
        ]);
        const links = recording.ofType("azure-native:privatedns:VirtualNetworkLink");
        assert.equal(links.length, 3);
        for (const { inputs } of links) {
            assert.equal(inputs.virtualNetwork.id, idOf("network-vnet"));
            // Other people's accounts have private endpoints as well, and are still to be found.
            const privateLink = inputs.privateZoneName.startsWith("privatelink.");
            assert.equal(inputs.resolutionPolicy, privateLink ? "NxDomainRedirect" : undefined);
        }
        assert.equal(await valueOf(result.internalZone), "mainstay-prod.internal");
        assert.equal(await valueOf(result.privateZones.vault), idOf("network-vault-zone"));
    });

    it("closes the API's port to what is not authorised, and opens it to what is", async () => {
        const sourcesOf = async (more: object) => {
            const { recording } = await record(
                () => new Network("network", { ...args, clusterKind: "selfManaged", ...more }),
            );
            const rules: any[] = recording.one("network-control-plane-nsg").inputs.securityRules;
            return rules
                .filter(({ name }) => /^inbound-api-(private|public)$/.test(name))
                .flatMap((rule) => rule.sourceAddressPrefixes ?? [rule.sourceAddressPrefix]);
        };
        const authorizedRanges = ["203.0.113.0/24", "198.51.100.0/28"];
        assert.deepEqual(await sourcesOf({ authorizedRanges }), ["VirtualNetwork"]);
        assert.deepEqual(await sourcesOf({ privateApi: false, authorizedRanges }), authorizedRanges);
        assert.deepEqual(await sourcesOf({ privateApi: false }), []);
    });
});

const machine = (number: number, zone: string) => controlPlaneAddress(args.addressSpace, number, zone);

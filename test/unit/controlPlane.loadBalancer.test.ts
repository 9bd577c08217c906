import assert from "node:assert/strict";
import { ApiLoadBalancer } from "../../components/controlPlane/loadBalancer";
import { controlPlaneAddress, createPrivateEndpoint, Network } from "../../components/network";
import { accountOf } from "../../rehearsal/azure/subscription";
import type { Properties } from "../../rehearsal/provider/values";
import { AzureRun } from "./azureRun";
import { idOf, record, type Recording, valueOf } from "./recordedProgram";

const site = {
    prefix: "mainstay-prod",
    location: "westeurope",
    zones: ["1", "2", "3"],
    tags: { owner: "platform" },
    subscriptionId: accountOf({}).subscriptionId,
    tenantId: accountOf({}).tenantId,
};
const resourceGroupName = "mainstay-prod-cluster";
const ranges = { addressSpace: "10.64.0.0/16", podCidr: "10.244.0.0/16" };

const make = (open: boolean, more: object = {}) =>
    record(() => {
        const all = { ...site, ...more };
        const network = new Network("network", {
            ...all,
            ...ranges,
            clusterKind: "selfManaged",
            privateApi: !open,
            authorizedRanges: ["203.0.113.0/24"],
        });
        return new ApiLoadBalancer("lb", { ...all, resourceGroupName, network, public: open });
    });

let inner: ReturnType<typeof make> | undefined;
let outer: ReturnType<typeof make> | undefined;
const internalOnly = () => (inner ??= make(false));
const withPublic = () => (outer ??= make(true));

const rule = (recording: Recording, name: string) => recording.one(name).inputs.loadBalancingRules[0];

describe("API load balancer", () => {
    it("is internal unless a stack asks for more", async () => {
        const { recording, result } = await internalOnly();
        assert.equal(recording.ofType("azure-native:network:LoadBalancer").length, 1);
        assert.ok(!recording.resources.some(({ name }) => name === "lb-address"));
        assert.equal(result.publicName, undefined);
        assert.equal(result.backendPoolIds.length, 1);
    });

    it("has an internal frontend of all zones, at the address that plan and name say", async () => {
        const { recording, result } = await internalOnly();
        const [frontend] = recording.one("lb-internal").inputs.frontendIPConfigurations;
        assert.deepEqual(frontend.zones, ["1", "2", "3"]);
        assert.equal(frontend.subnet.id, idOf("network-api"));
        assert.equal(frontend.privateIPAddress, "10.64.0.4");
        assert.equal(result.privateAddress, "10.64.0.4");

        const record = recording.one("lb-record").inputs;
        assert.deepEqual(record.aRecords, [{ ipv4Address: "10.64.0.4" }]);
        assert.equal(`${record.relativeRecordSetName}.${record.privateZoneName}`, result.privateName);
        assert.equal(result.privateName, "api.mainstay-prod.internal");
    });

    it("has a frontend of all zones also where machines are in two: Azure takes one zone or all (pitfall 10)", async () => {
        const { recording } = await make(true, { zones: ["1", "3"] });
        assert.deepEqual(recording.one("lb-internal").inputs.frontendIPConfigurations[0].zones, ["1", "2", "3"]);
        assert.deepEqual(recording.one("lb-address").inputs.zones, ["1", "2", "3"]);
    });

    it("has a public frontend with the zones on its address and none on itself (pitfall 10)", async () => {
        const { recording, result } = await withPublic();
        const [frontend] = recording.one("lb-public").inputs.frontendIPConfigurations;
        assert.equal(frontend.zones, undefined);
        assert.equal(frontend.publicIPAddress.id, idOf("lb-address"));
        const address = recording.one("lb-address").inputs;
        assert.deepEqual(address.zones, ["1", "2", "3"]);
        assert.equal(`${address.dnsSettings.domainNameLabel}.westeurope.cloudapp.azure.com`, result.publicName);
        assert.equal(result.backendPoolIds.length, 2);
    });

    it("asks each machine over HTTPS whether it is ready, and believes one answer (pitfall 1)", async () => {
        const { recording } = await withPublic();
        for (const name of ["lb-internal", "lb-public"]) {
            assert.deepEqual(recording.one(name).inputs.probes, [
                {
                    name: "readyz",
                    protocol: "Https",
                    port: 6443,
                    requestPath: "/readyz",
                    intervalInSeconds: 5,
                    probeThreshold: 1,
                },
            ]);
        }
    });

    it("passes the API's port to those in its pool that its probe finds ready, resets what it forgets, and lets nobody out", async () => {
        const { recording } = await withPublic();
        for (const name of ["lb-internal", "lb-public"]) {
            const { inputs } = recording.one(name);
            const { frontendPort, backendPort, protocol, ...rest } = rule(recording, name);
            assert.deepEqual([frontendPort, backendPort, protocol], [6443, 6443, "Tcp"]);
            const id = `/subscriptions/${site.subscriptionId}/resourceGroups/${resourceGroupName}/providers/Microsoft.Network/loadBalancers/${inputs.loadBalancerName}`;
            assert.equal(rest.probe.id, `${id}/probes/${inputs.probes[0].name}`);
            assert.deepEqual(rest.backendAddressPools, [
                { id: `${id}/backendAddressPools/${inputs.backendAddressPools[0].name}` },
            ]);
            assert.equal(rest.enableTcpReset, true);
            assert.equal(rest.disableOutboundSnat, true);
            assert.equal(rest.enableFloatingIP, false);
            assert.equal(inputs.outboundRules, undefined);
        }
    });
});

describe("API load balancer, judged by the simulated Azure and ARM's schemas", () => {
    let run: AzureRun;
    beforeEach(() => (run = new AzureRun()));
    afterEach(() => run.end());

    /** Makes what a program registered, in its order, with the IDs that Azure gives. */
    async function carryOut(recording: Recording): Promise<Map<string, { id: string; outputs: Properties }>> {
        const made = new Map<string, { id: string; outputs: Properties }>();
        const resources = recording.resources.filter(({ type }) => type.startsWith("azure-native:"));
        for (const { type, name, inputs } of resources) {
            const withIds = JSON.parse(JSON.stringify(inputs), (_, value: unknown) => {
                if (typeof value !== "string") return value;
                const other = [...made.keys()].find((one) => value === idOf(one) || value.startsWith(`${idOf(one)}/`));
                return other === undefined ? value : value.replace(idOf(other), made.get(other)!.id);
            });
            made.set(name, await run.make(type.replace("azure-native:", ""), withIds, name));
        }
        return made;
    }

    for (const [what, build] of [
        ["an internal one", internalOnly],
        ["a public one beside it", withPublic],
    ] as const) {
        it(`is taken, with the network around it, and machines in its pools: ${what}`, async () => {
            await run.make("resources:ResourceGroup", { resourceGroupName, location: site.location }, "group");
            const { recording, result } = await build();
            const made = await carryOut(recording);

            const pools = await Promise.all(result.backendPoolIds.map(valueOf));
            const balancers = ["lb-internal", "lb-public"].filter((name) => made.has(name));
            const machine = await run.make("network:NetworkInterface", {
                resourceGroupName,
                networkInterfaceName: "mainstay-prod-cp-1",
                location: site.location,
                ipConfigurations: [
                    {
                        name: "primary",
                        subnet: { id: made.get("network-control-plane-2")!.id },
                        privateIPAddress: controlPlaneAddress(ranges.addressSpace, 1, "2"),
                        privateIPAllocationMethod: "Static",
                        loadBalancerBackendAddressPools: pools.map((pool, index) => ({
                            id: pool.replace(idOf(balancers[index]), made.get(balancers[index])!.id),
                        })),
                    },
                ],
            });
            assert.ok(machine.id);
            if (result.publicName) {
                const { fqdn } = made.get("lb-address")!.outputs.dnsSettings as Properties;
                assert.equal(fqdn, result.publicName);
            }
        });
    }

    it("is refused where the frontend's address is not in its subnet, so that the plan is really judged", async () => {
        await run.make("resources:ResourceGroup", { resourceGroupName, location: site.location }, "group");
        const { recording } = await make(false);
        recording.one("lb-internal").inputs.frontendIPConfigurations[0].privateIPAddress = "10.64.8.4";
        await assert.rejects(carryOut(recording), /not in the subnet's range/);
    });

    it("has a private endpoint for a vault, with its name in the network's zone", async () => {
        await run.make("resources:ResourceGroup", { resourceGroupName, location: site.location }, "group");
        const vault = await run.make("keyvault:Vault", {
            resourceGroupName,
            vaultName: "secretsabc",
            location: site.location,
            properties: {
                sku: { family: "A", name: "standard" },
                tenantId: site.tenantId,
                enableRbacAuthorization: true,
            },
        });
        const { recording } = await record(() => {
            const network = new Network("network", { ...site, ...ranges, clusterKind: "selfManaged" });
            const target = { id: vault.id, groupId: "vault" } as const;
            createPrivateEndpoint(
                "vault-endpoint",
                site,
                { network, target, resourceGroupName, nameInAzure: "secretsabc" },
                {},
            );
        });
        const made = await carryOut(recording);
        const { inputs } = recording.one("vault-endpoint-dns");
        assert.equal(inputs.privateDnsZoneConfigs[0].privateDnsZoneId, idOf("network-vault-zone"));
        assert.equal(recording.one("vault-endpoint").inputs.subnet.id, idOf("network-endpoints"));
        assert.ok(made.has("vault-endpoint-dns"));
    });
});

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Rehearsal } from "../../rehearsal/engine";

const HEAD = `
const { ResourceGroup } = require("@pulumi/azure-native/resources/resourceGroup");
const { VirtualNetwork } = require("@pulumi/azure-native/network/virtualNetwork");
const { Subnet } = require("@pulumi/azure-native/network/subnet");
const { PublicIPAddress } = require("@pulumi/azure-native/network/publicIPAddress");
const { LoadBalancer } = require("@pulumi/azure-native/network/loadBalancer");
const { ManagedCluster } = require("@pulumi/azure-native/containerservice/managedCluster");
const { AgentPool } = require("@pulumi/azure-native/containerservice/agentPool");
const group = new ResourceGroup("group", { location: "westeurope" });
`;

const PROGRAM = (change: { tier?: string; plugin?: string; count?: number; prefix?: string } = {}) => `${HEAD}
const inGroup = { resourceGroupName: group.name };
const network = new VirtualNetwork("network", { ...inGroup, addressSpace: { addressPrefixes: ["10.1.0.0/16"] } });
const subnet = new Subnet("nodes", { ...inGroup, virtualNetworkName: network.name, addressPrefix: "10.1.0.0/22" });
const address = new PublicIPAddress("address", { ...inGroup, sku: { name: "Standard" }, publicIPAllocationMethod: "Static", zones: ["1", "2", "3"] });
const balancer = new LoadBalancer("balancer", { ...inGroup, sku: { name: "Standard" }, frontendIPConfigurations: [{ name: "front", publicIPAddress: { id: address.id } }] });
const pool = { vmSize: "Standard_D4ds_v5", vnetSubnetID: subnet.id };
const cluster = new ManagedCluster("cluster", {
    ...inGroup,
    dnsPrefix: "${change.prefix ?? "test"}",
    identity: { type: "SystemAssigned" },
    sku: { name: "Base", tier: "${change.tier ?? "Standard"}" },
    oidcIssuerProfile: { enabled: true },
    agentPoolProfiles: [{ ...pool, name: "system", mode: "System", count: ${change.count ?? 3}, availabilityZones: ["1", "2", "3"] }],
    networkProfile: { networkPlugin: "${change.plugin ?? "azure"}", networkPluginMode: "overlay" },
});
new AgentPool("user1", { ...inGroup, ...pool, resourceName: cluster.name, count: 1, mode: "User", availabilityZones: ["1"] });
exports.issuer = cluster.oidcIssuerProfile.apply((profile) => profile.issuerURL);
exports.frontend = balancer.frontendIPConfigurations.apply(([front]) => front.id);
`;

describe("the simulated Azure, on the real engine", function () {
    this.timeout(300_000);
    let rehearsal: Rehearsal;
    afterEach(() => rehearsal.remove());

    it("carries a cluster through preview, up, a change, a replacement, a refresh and destroy", async () => {
        rehearsal = new Rehearsal({ program: { "index.js": PROGRAM() } });
        const preview = await rehearsal.preview();
        assert.equal(preview.exitCode, 0, preview.stdout + preview.stderr);
        const up = await rehearsal.up();
        assert.equal(up.exitCode, 0, up.stdout + up.stderr);
        assert.match(up.outputs.issuer as string, /^https:\/\/westeurope\.oic\.prod-aks\.azure\.com\//);
        assert.match(
            up.outputs.frontend as string,
            /\/loadBalancers\/balancer[0-9a-f]{8}\/frontendIPConfigurations\/front$/,
        );

        await rehearsal.change({ "index.js": PROGRAM({ count: 4 }) });
        const update = await rehearsal.up();
        assert.equal(update.exitCode, 0, update.stdout);
        assert.equal(update.changes.update, 1, JSON.stringify(update.changes));

        await rehearsal.change({ "index.js": PROGRAM({ count: 4, prefix: "other" }) });
        const replacement = await rehearsal.up();
        assert.equal(replacement.exitCode, 0, replacement.stdout);
        assert.ok((replacement.changes.replace ?? 0) >= 1, JSON.stringify(replacement.changes));

        const refresh = await rehearsal.refresh();
        assert.equal(refresh.exitCode, 0);
        assert.deepEqual(
            Object.keys(refresh.changes).filter((kind) => kind !== "same"),
            [],
        );
        const again = await rehearsal.up();
        assert.deepEqual(
            Object.keys(again.changes).filter((kind) => kind !== "same"),
            [],
            again.stdout,
        );

        const destroy = await rehearsal.destroy();
        assert.equal(destroy.exitCode, 0, destroy.stdout);
        assert.deepEqual(readdirSync(join(rehearsal.runFolder!, "azure", "resources")), []);
    });

    it("fails a preview with every violation, each named by its property", async function () {
        rehearsal = new Rehearsal({ program: { "index.js": PROGRAM({ tier: "Gold", plugin: "azur" }) } });
        const preview = await rehearsal.preview();
        assert.notEqual(preview.exitCode, 0);
        assert.match(preview.stdout, /`sku\.tier` must be one of .*"Gold" was given/);
        assert.match(preview.stdout, /`networkProfile\.networkPlugin` must be one of .*Did you mean "azure"/);
    });

    it("fails an up as Azure does where a quota is used up, and goes on from there", async () => {
        rehearsal = new Rehearsal({ program: { "index.js": PROGRAM() }, faults: { quota: { cores: 4 } } });
        const up = await rehearsal.up();
        assert.notEqual(up.exitCode, 0);
        assert.match(up.stdout, /InsufficientVCPUQuota/);
        await rehearsal.setFaults(undefined);
        const again = await rehearsal.up();
        assert.equal(again.exitCode, 0, again.stdout);
    });
});

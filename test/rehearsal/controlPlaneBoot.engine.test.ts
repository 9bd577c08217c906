import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { startControlPlane, stopControlPlane } from "../../rehearsal/controlPlane";
import { Rehearsal } from "../../rehearsal/engine";
import { endpoint, frontendAddress, machineFiles, makeKeys, userData, type Keys } from "./machineCloud";

interface Change {
    /** Path that the balancer's probe asks for. */
    probePath?: string;
    /** Whether the machine may read the vault. */
    granted?: boolean;
    certSANs?: string[];
}

/** A program of a machine, its keys and its balancer, and of one object in the cluster that it makes. */
const program = (keys: Keys, kubeconfig: string, { probePath = "/readyz", granted = true, certSANs }: Change = {}) => `
const compute = require("@pulumi/azure-native/compute");
const network = require("@pulumi/azure-native/network");
const { PrivateZone, PrivateRecordSet, VirtualNetworkLink } = require("@pulumi/azure-native/privatedns");
const { UserAssignedIdentity } = require("@pulumi/azure-native/managedidentity");
const { RoleAssignment } = require("@pulumi/azure-native/authorization");
const { Vault, Secret } = require("@pulumi/azure-native/keyvault");
const { ResourceGroup } = require("@pulumi/azure-native/resources");
const k8s = require("@pulumi/kubernetes");
const pulumi = require("@pulumi/pulumi");

const subscription = "/subscriptions/00000000-0000-0000-0000-000000000000";
const group = new ResourceGroup("group", { resourceGroupName: "small", location: "westeurope" });
const inGroup = { resourceGroupName: group.name, location: "westeurope" };
const identity = new UserAssignedIdentity("machine", { ...inGroup });
const vault = new Vault("vault", { ...inGroup, vaultName: "smallvault", properties: {
    tenantId: "11111111-1111-1111-1111-111111111111", enableRbacAuthorization: true, enablePurgeProtection: true,
    sku: { family: "A", name: "standard" } } });
const waits = Object.entries(${JSON.stringify(keys.secrets)}).map(([secretName, value]) =>
    new Secret(secretName, { resourceGroupName: group.name, vaultName: vault.name, secretName, properties: { value: pulumi.secret(value) } }));
if (${granted}) waits.push(new RoleAssignment("reads", { scope: vault.id, principalId: identity.principalId, principalType: "ServicePrincipal",
    roleDefinitionId: subscription + "/providers/Microsoft.Authorization/roleDefinitions/4633458b-17de-408a-b874-0445c86b69e6" }));

const net = new network.VirtualNetwork("net", { ...inGroup, addressSpace: { addressPrefixes: ["10.1.0.0/16"] } });
const subnet = new network.Subnet("subnet", { resourceGroupName: group.name, virtualNetworkName: net.name, addressPrefix: "10.1.0.0/24" });
const balancerId = pulumi.interpolate\`\${group.id}/providers/Microsoft.Network/loadBalancers/small-api\`;
const part = (kind, name) => ({ id: pulumi.interpolate\`\${balancerId}/\${kind}/\${name}\` });
const balancer = new network.LoadBalancer("balancer", { ...inGroup, loadBalancerName: "small-api", sku: { name: "Standard" },
    frontendIPConfigurations: [{ name: "api", privateIPAddress: "${frontendAddress}", privateIPAllocationMethod: "Static", subnet: { id: subnet.id }, zones: ["1", "2", "3"] }],
    backendAddressPools: [{ name: "machines" }],
    probes: [{ name: "ready", protocol: "Https", port: 6443, requestPath: "${probePath}", intervalInSeconds: 5, probeThreshold: 2 }],
    loadBalancingRules: [{ name: "api", protocol: "Tcp", frontendPort: 6443, backendPort: 6443,
        frontendIPConfiguration: part("frontendIPConfigurations", "api"), backendAddressPool: part("backendAddressPools", "machines"), probe: part("probes", "ready") }],
});
const zone = new PrivateZone("zone", { resourceGroupName: group.name, location: "global", privateZoneName: "small.internal" });
waits.push(new VirtualNetworkLink("link", { resourceGroupName: group.name, location: "global", privateZoneName: zone.name, registrationEnabled: false, virtualNetwork: { id: net.id } }));
waits.push(new PrivateRecordSet("api", { resourceGroupName: group.name, privateZoneName: zone.name, recordType: "A", relativeRecordSetName: "api", ttl: 300, aRecords: [{ ipv4Address: "${frontendAddress}" }] }));
const nic = new network.NetworkInterface("nic", { ...inGroup, ipConfigurations: [{ name: "one", subnet: { id: subnet.id }, privateIPAllocationMethod: "Static", privateIPAddress: "10.1.0.11",
    loadBalancerBackendAddressPools: [part("backendAddressPools", "machines")] }] }, { dependsOn: [balancer] });
const vm = new compute.VirtualMachine("vm", { ...inGroup, vmName: "small-cp-1", zones: ["1"],
    hardwareProfile: { vmSize: "Standard_D4ds_v5" },
    identity: { type: "UserAssigned", userAssignedIdentities: [identity.id] },
    networkProfile: { networkInterfaces: [{ id: nic.id, primary: true }] },
    osProfile: { computerName: "small-cp-1", adminUsername: "nobody", linuxConfiguration: { disablePasswordAuthentication: true,
        ssh: { publicKeys: [{ path: "/home/nobody/.ssh/authorized_keys", keyData: "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7" }] } } },
    storageProfile: { imageReference: { publisher: "Canonical", offer: "ubuntu-24_04-lts", sku: "server", version: "latest" },
        osDisk: { createOption: "FromImage", managedDisk: { storageAccountType: "Premium_LRS" } } },
    userData: ${JSON.stringify(userData(machineFiles(1, { certSANs })))},
}, { dependsOn: waits });
const boot = new compute.VirtualMachineExtension("boot", { ...inGroup, vmName: vm.name, vmExtensionName: "boot", publisher: "Microsoft.Azure.Extensions",
    type: "CustomScript", typeHandlerVersion: "2.1", settings: { bundle: ${JSON.stringify(String(certSANs))} }, protectedSettings: { commandToExecute: "true" } });
const provider = new k8s.Provider("cluster", { kubeconfig: ${JSON.stringify(kubeconfig)} }, { dependsOn: [boot] });
const map = new k8s.core.v1.ConfigMap("made", { metadata: { name: "made", namespace: "default" }, data: { a: "1" } }, { provider });
exports.uid = map.metadata.uid;
`;

describe("a program with a control plane of its own, on the real engine", function () {
    this.timeout(300_000);
    let runFolder: string;
    let keys: Keys;
    let kubeconfig: string;
    let rehearsal: Rehearsal;

    before(async () => {
        keys = await makeKeys();
        const user = await keys.authority.sign({ commonName: "deployer", organizations: ["kubeadm:cluster-admins"] });
        const base64 = (text: string) => Buffer.from(text).toString("base64");
        kubeconfig = stringify({
            clusters: [
                {
                    name: "c",
                    cluster: {
                        server: `https://${endpoint}:6443`,
                        "certificate-authority-data": base64(keys.authority.certificate),
                    },
                },
            ],
            users: [
                {
                    name: "u",
                    user: {
                        "client-certificate-data": base64(user.certificate),
                        "client-key-data": base64(user.key),
                    },
                },
            ],
            contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
            "current-context": "x",
        });
    });
    beforeEach(async () => {
        runFolder = await mkdtemp(join(tmpdir(), "mainstay-boot-engine-test-"));
        await startControlPlane(join(runFolder, "cluster"));
    });
    afterEach(async () => {
        await stopControlPlane(join(runFolder, "cluster"));
        await rehearsal?.remove();
        await rm(runFolder, { recursive: true, force: true });
    });
    const rehearse = (change?: Change): Rehearsal =>
        (rehearsal = new Rehearsal({ program: { "index.js": program(keys, kubeconfig, change) }, runFolder }));
    const errors = ({ diagnostics }: Awaited<ReturnType<Rehearsal["up"]>>): string =>
        diagnostics
            .filter(({ severity }) => severity === "error")
            .map(({ message }) => message)
            .join("\n");

    it("applies objects to the API server that its machine brought up, and takes up a change of it", async () => {
        const first = rehearse();
        const preview = await first.preview();
        assert.equal(preview.exitCode, 0, preview.stdout);
        const up = await first.up();
        assert.equal(up.exitCode, 0, up.stdout + up.stderr);
        assert.match(String(up.outputs.uid), /^[0-9a-f-]{36}$/);
        assert.deepEqual((await first.up()).changes, { same: up.changes.create });

        await first.change({ "index.js": program(keys, kubeconfig, { certSANs: ["other.small.internal"] }) });
        const changed = await first.up();
        assert.equal(changed.exitCode, 0, changed.stdout + changed.stderr);
        assert.equal(changed.changes.update, 2, "the machine and its boot");
        assert.equal(changed.outputs.uid, up.outputs.uid, "what is in etcd stays");
    });

    it("fails with the boot's last line, and the next deployment goes on from there", async () => {
        const first = rehearse({ granted: false });
        const failed = await first.up();
        assert.notEqual(failed.exitCode, 0);
        assert.match(errors(failed), /VMExtensionProvisioningError[^]*FAILED secrets: 403 Forbidden/);

        await first.change({ "index.js": program(keys, kubeconfig) });
        const mended = await first.up();
        assert.equal(mended.exitCode, 0, mended.stdout + mended.stderr);
    });

    it("fails where its balancer would not lead to the machine", async () => {
        const failed = await rehearse({ probePath: "/ready" }).up();
        assert.notEqual(failed.exitCode, 0);
        assert.match(errors(failed), /the balancer's probe asks \/ready and is answered 401/);
    });
});

import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { PartialFailure } from "../../rehearsal/provider";
import type { Properties } from "../../rehearsal/provider/values";
import { Cloud } from "../../rehearsal/azure";
import { AzureRun, base } from "./azureRun";

const EXTENSION = "compute:VirtualMachineExtension";
const BOOT = {
    resourceGroupName: "rg",
    vmName: "node",
    vmExtensionName: "boot",
    publisher: "Microsoft.Azure.Extensions",
    type: "CustomScript",
    typeHandlerVersion: "2.1",
    settings: { commandToExecute: "/usr/local/sbin/mainstay-boot" },
    forceUpdateTag: "one",
} satisfies Properties;

describe("a machine of the simulated Azure", function () {
    this.timeout(60_000);
    let run: AzureRun;
    let calls: Properties[];
    let trouble: string | undefined;

    beforeEach(async () => {
        calls = [];
        trouble = undefined;
        run = new AzureRun(async (request) => {
            calls.push({ vm: request.vmId, extension: request.extensionId, command: request.inputs.settings });
            if (trouble) throw new Error(trouble);
        });
        const { subnet } = await base(run);
        const nic = await run.make("network:NetworkInterface", {
            resourceGroupName: "rg",
            networkInterfaceName: "nic",
            ipConfigurations: [{ name: "first", subnet: { id: subnet.id } }],
        });
        await run.make("compute:VirtualMachine", machine(nic.id));
    });
    afterEach(() => run.end());

    it("runs an extension's command once for each configuration", async () => {
        const made = await run.make(EXTENSION, BOOT);
        assert.equal(made.outputs.provisioningState, "Succeeded");
        assert.equal(calls.length, 1);
        assert.equal(calls[0].extension, made.id);
        assert.match(calls[0].vm as string, /virtualMachines\/node$/);
        await run.update(EXTENSION, made, { tags: { purpose: "boot" } });
        assert.equal(calls.length, 1, "tags are no configuration");
        await run.update(EXTENSION, made, { forceUpdateTag: "two" });
        assert.equal(calls.length, 2);
        await run.update(EXTENSION, made, { forceUpdateTag: "two", settings: { commandToExecute: "true" } });
        assert.equal(calls.length, 3);
    });

    it("keeps an extension whose command failed, with the last line, and goes on from there", async () => {
        trouble = "mainstay: FAILED disk: no disk at lun 0; attach one";
        const failure = await run.make(EXTENSION, BOOT).then(
            () => undefined,
            (error: PartialFailure) => error,
        );
        assert.ok(failure instanceof PartialFailure);
        assert.match(failure.message, /Code="VMExtensionProvisioningError"[\s\S]*FAILED disk: no disk at lun 0/);
        assert.equal(failure.outputs.provisioningState, "Failed");
        assert.deepEqual(failure.inputs.settings, BOOT.settings);
        const kept = new Cloud(join(run.folder, "azure")).get(failure.id);
        assert.equal(kept?.outputs.provisioningState, "Failed");

        trouble = undefined;
        const made = { id: failure.id, inputs: failure.inputs, outputs: failure.outputs };
        const outputs = await run.update(EXTENSION, made, {});
        assert.equal(outputs.provisioningState, "Succeeded");
        assert.equal(calls.length, 2);
    });

    it("fails an update in the same way", async () => {
        const made = await run.make(EXTENSION, BOOT);
        trouble = "mainstay: FAILED health: etcd has no quorum; mend it";
        await assert.rejects(
            run.update(EXTENSION, made, { forceUpdateTag: "two" }),
            (error: PartialFailure) =>
                error instanceof PartialFailure && error.inputs.forceUpdateTag === "two" && error.id === made.id,
        );
    });

    it("takes its extensions along when it goes", async () => {
        await run.make(EXTENSION, BOOT);
        const cloud = new Cloud(join(run.folder, "azure"));
        const [vm] = cloud.list("Microsoft.Compute/virtualMachines");
        await run.remove("compute:VirtualMachine", { id: vm.id, inputs: vm.inputs, outputs: vm.outputs });
        assert.deepEqual(cloud.list("Microsoft.Compute/virtualMachines/extensions"), []);
    });

    it("shows neither custom data nor user data again, and keeps both to itself", async () => {
        const cloud = new Cloud(join(run.folder, "azure"));
        const [vm] = cloud.list("Microsoft.Compute/virtualMachines");
        assert.equal((vm.outputs.osProfile as Properties).customData, undefined);
        assert.equal((vm.outputs.osProfile as Properties).computerName, "node");
        assert.equal(vm.outputs.userData, undefined);
        assert.equal(vm.inputs.userData, "ZmFjdHM=");
        const folder = join(run.folder, "azure", "resources");
        for (const file of readdirSync(folder)) assert.equal(statSync(join(folder, file)).mode & 0o077, 0, file);
    });
});

function machine(nic: string): Properties {
    return {
        resourceGroupName: "rg",
        vmName: "node",
        zones: ["1"],
        hardwareProfile: { vmSize: "Standard_D4ds_v5" },
        storageProfile: {
            imageReference: { publisher: "Canonical", offer: "ubuntu-24_04-lts", sku: "server", version: "latest" },
            osDisk: { createOption: "FromImage", managedDisk: { storageAccountType: "Premium_LRS" } },
        },
        osProfile: {
            computerName: "node",
            adminUsername: "mainstay",
            customData: "IyEvYmluL3No",
            linuxConfiguration: {
                disablePasswordAuthentication: true,
                ssh: { publicKeys: [{ path: "/home/mainstay/.ssh/authorized_keys", keyData: "ssh-ed25519 AAAA" }] },
            },
        },
        userData: "ZmFjdHM=",
        networkProfile: { networkInterfaces: [{ id: nic, primary: true }] },
    };
}

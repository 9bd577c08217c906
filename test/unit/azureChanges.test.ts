import assert from "node:assert/strict";
import { join } from "node:path";
import { Cloud, writeFaults } from "../../rehearsal/azure";
import type { Properties } from "../../rehearsal/provider/values";
import { AzureRun, base } from "./azureRun";

const inGroup = { resourceGroupName: "rg" };
const VAULT = "keyvault:Vault";
const SECRET = "keyvault:Secret";
const DISK = "compute:Disk";
const MACHINE = "compute:VirtualMachine";
const ACCOUNT = "storage:StorageAccount";

describe("the simulated Azure, over time", function () {
    this.timeout(60_000);
    let run: AzureRun;
    let good: Awaited<ReturnType<typeof base>>;
    let cloud: Cloud;

    beforeEach(async () => {
        run = new AzureRun();
        good = await base(run);
        cloud = new Cloud(join(run.folder, "azure"));
    });
    afterEach(() => run.end());

    describe("of a vault", () => {
        const vault = (more: Properties = {}): Properties => ({
            ...inGroup,
            vaultName: "keys",
            properties: {
                tenantId: "11111111-2222-4333-8444-555555555555",
                sku: { family: "A", name: "standard" },
                enableRbacAuthorization: true,
                enablePurgeProtection: true,
                softDeleteRetentionInDays: 90,
                ...more,
            },
        });
        const secret = { ...inGroup, vaultName: "keys", secretName: "ca-key", properties: { value: "hush" } };

        it("never shows a secret's value, and keeps it for the machines", async () => {
            await run.make(VAULT, vault());
            const made = await run.make(SECRET, secret);
            assert.equal(JSON.stringify(made.outputs).includes("hush"), false);
            assert.match((made.outputs.properties as Properties).secretUri as string, /^https:\/\/keys\.vault\.azure/);
            const [kept] = cloud.list("Microsoft.KeyVault/vaults/secrets");
            assert.deepEqual(kept.inputs.properties, { value: "hush" });
            const read = await run.azure.read({ urn: "u", type: "t", name: "x", id: made.id } as never);
            assert.equal(JSON.stringify(read?.outputs).includes("hush"), false);
        });

        it("keeps its name when it is deleted, also with its group, and comes back with its secrets", async () => {
            await run.make(VAULT, vault());
            await run.make(SECRET, secret);
            await run.remove("resources:ResourceGroup", { ...good.group });
            await run.make("resources:ResourceGroup", { resourceGroupName: "rg", location: "westeurope" });
            await assert.rejects(run.make(VAULT, vault()), /already exists in deleted state.*ConflictError/);
            await run.make(VAULT, vault({ createMode: "recover" }));
            assert.deepEqual(cloud.list("Microsoft.KeyVault/vaults/secrets")[0].inputs.properties, { value: "hush" });
            await assert.rejects(run.make(SECRET, secret), /cannot create already existing resource/);
        });

        it("keeps what is for good", async () => {
            const made = await run.make(VAULT, vault());
            const change = (more: Properties): Promise<Properties> => run.update(VAULT, made, vault(more));
            await assert.rejects(change({ softDeleteRetentionInDays: 30 }), /has been set already/);
            await assert.rejects(change({ enablePurgeProtection: null as never }), /cannot be taken back/);
            await change({ publicNetworkAccess: "Disabled" });
        });
    });

    describe("of machines", () => {
        let disk: Awaited<ReturnType<AzureRun["make"]>>;
        let nic: Awaited<ReturnType<AzureRun["make"]>>;
        const machine = (diskOption?: string): Properties => ({
            ...inGroup,
            vmName: "node",
            zones: ["1"],
            hardwareProfile: { vmSize: "Standard_D4ds_v5" },
            securityProfile: { encryptionAtHost: true },
            storageProfile: {
                osDisk: { createOption: "FromImage" },
                dataDisks: [
                    {
                        lun: 0,
                        createOption: "Attach",
                        managedDisk: { id: disk.id },
                        ...(diskOption ? { deleteOption: diskOption } : {}),
                    },
                ],
            },
            osProfile: { computerName: "node", adminUsername: "mainstay", adminPassword: "Never-used-1" },
            networkProfile: { networkInterfaces: [{ id: nic.id }] },
        });
        const faults = (faults: Parameters<typeof writeFaults>[1]): void => writeFaults(run.folder, faults);
        const newDisk = (diskName: string, diskSizeGB: number) =>
            run.make(DISK, {
                ...inGroup,
                diskName,
                diskSizeGB,
                zones: ["1"],
                sku: { name: "Premium_LRS" },
                creationData: { createOption: "Empty" },
            });

        beforeEach(async () => {
            disk = await newDisk("etcd", 64);
            nic = await run.make("network:NetworkInterface", {
                ...inGroup,
                networkInterfaceName: "nic",
                ipConfigurations: [{ name: "first", subnet: { id: good.subnet.id } }],
            });
        });

        it("a disk and an interface in use stay until the machine lets go of them", async () => {
            const made = await run.make(MACHINE, machine());
            await assert.rejects(run.remove(DISK, disk), /Disk etcd is attached to VM .*\/node/);
            await assert.rejects(run.remove("network:NetworkInterface", nic), /NicInUse/);
            const { dataDisks: _, ...detached } = made.inputs.storageProfile as Properties;
            await run.update(MACHINE, made, { storageProfile: { ...detached, dataDisks: [] } });
            await run.remove(DISK, disk);
            await run.remove(MACHINE, made);
            await run.remove("network:NetworkInterface", nic);
        });

        it("a disk goes with its machine only where the program said so", async () => {
            await run.remove(MACHINE, await run.make(MACHINE, machine()));
            assert.equal(cloud.has(disk.id), true);
            await run.remove(MACHINE, await run.make(MACHINE, machine("Delete")));
            assert.equal(cloud.has(disk.id), false);
        });

        it("a disk grows and does not shrink", async () => {
            await run.update(DISK, disk, { diskSizeGB: 128 });
            await assert.rejects(run.update(DISK, disk, { diskSizeGB: 32 }), /Shrinking of disks is not allowed/);
        });

        it("a lost zone, a used-up quota and a missing feature hit machines, disks and scale sets", async () => {
            const scaleSet = {
                ...inGroup,
                vmScaleSetName: "workers",
                zones: ["1"],
                sku: { name: "Standard_D4ds_v5", capacity: 3 },
                orchestrationMode: "Flexible",
                platformFaultDomainCount: 1,
            } satisfies Properties;
            faults({ zonesDown: ["westeurope-1"] });
            await assert.rejects(run.make(MACHINE, machine()), /ZonalAllocationFailed/);
            await assert.rejects(newDisk("other", 8), /ZonalAllocationFailed/);
            await assert.rejects(run.make("compute:VirtualMachineScaleSet", scaleSet), /ZonalAllocationFailed/);
            faults({ quota: { standardDDSv5Family: 8 } });
            await assert.rejects(
                run.make("compute:VirtualMachineScaleSet", scaleSet),
                /standardDDSv5Family Cores quota.*Additional Required: 12/,
            );
            await run.make(MACHINE, { ...machine(), securityProfile: {} });
            await assert.rejects(
                run.make("compute:VirtualMachineScaleSet", { ...scaleSet, sku: { ...scaleSet.sku, capacity: 2 } }),
                /Current Usage: 4, Additional Required: 8/,
            );
            faults({ unregistered: ["Microsoft.Compute/EncryptionAtHost"] });
            await assert.rejects(
                run.make(MACHINE, {
                    ...machine(),
                    vmName: "second",
                    storageProfile: { osDisk: { createOption: "FromImage" } },
                    networkProfile: {},
                }),
                /EncryptionAtHost' feature is not enabled/,
            );
        });
    });

    it("of a balancer: a frontend stays in its zones", async () => {
        const front = { name: "front", subnet: { id: good.subnet.id } };
        const made = await run.make("network:LoadBalancer", {
            ...good.balancer,
            frontendIPConfigurations: [{ ...front, zones: ["1", "2", "3"] }],
        });
        await assert.rejects(
            run.update("network:LoadBalancer", made, { frontendIPConfigurations: [front] }),
            /cannot change from 1, 2, 3 to none/,
        );
    });

    it("of a scale set: one placement group does not come back", async () => {
        const set = {
            ...inGroup,
            vmScaleSetName: "workers",
            sku: { name: "Standard_D4ds_v5", capacity: 3 },
            orchestrationMode: "Flexible",
            singlePlacementGroup: false,
            platformFaultDomainCount: 1,
        } satisfies Properties;
        const made = await run.make("compute:VirtualMachineScaleSet", set);
        await assert.rejects(
            run.update("compute:VirtualMachineScaleSet", made, { singlePlacementGroup: true }),
            /cannot be updated from false to true/,
        );
        await assert.rejects(
            run.update("compute:VirtualMachineScaleSet", made, { orchestrationMode: "Uniform" }),
            /PropertyChangeNotAllowed.*orchestrationMode/,
        );
    });

    it("of a storage account: redundancy over zones is no update, and websites have an address by region", async () => {
        const account = {
            ...inGroup,
            accountName: "issuerofmainstay",
            kind: "StorageV2",
            sku: { name: "Standard_ZRS" },
        } satisfies Properties;
        const made = await run.make(ACCOUNT, account);
        const endpoints = made.outputs.primaryEndpoints as Properties;
        assert.equal(endpoints.web, "https://issuerofmainstay.z6.web.core.windows.net/");
        assert.equal(endpoints.blob, "https://issuerofmainstay.blob.core.windows.net/");
        const north = await run.make(ACCOUNT, { ...account, accountName: "north", location: "northeurope" });
        assert.match((north.outputs.primaryEndpoints as Properties).web as string, /north\.z16\.web/);
        await assert.rejects(run.update(ACCOUNT, made, { sku: { name: "Standard_LRS" } }), /cannot be changed from/);
        await assert.rejects(run.update(ACCOUNT, made, { kind: "BlobStorage" }), /`kind` cannot change/);
        const website = await run.make("storage:StorageAccountStaticWebsite", {
            ...inGroup,
            accountName: "issuerofmainstay",
            indexDocument: "index.html",
        });
        assert.equal(website.outputs.containerName, "$web");
    });

    it("of a role: it is not deleted while somebody has it", async () => {
        const subscription = good.group.id.split("/")[2];
        const role = await run.make("authorization:RoleDefinition", {
            scope: `/subscriptions/${subscription}`,
            roleDefinitionId: "bbbbbbbb-1111-4222-8333-444444444444",
            roleName: "mainstay",
            assignableScopes: [good.group.id],
            permissions: [{ actions: ["Microsoft.Compute/virtualMachines/read"] }],
        });
        const assignment = await run.make("authorization:RoleAssignment", {
            scope: good.group.id,
            principalId: "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
            principalType: "Group",
            roleDefinitionId: role.id,
        });
        await assert.rejects(run.remove("authorization:RoleDefinition", role), /RoleDefinitionHasAssignments/);
        await run.remove("authorization:RoleAssignment", assignment);
        await run.remove("authorization:RoleDefinition", role);
    });
});

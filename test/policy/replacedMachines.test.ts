import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { Rehearsal, root } from "../../rehearsal/engine";

/** Machines with a network interface and an etcd disk each, by their generations. */
const PROGRAM = `
const pulumi = require("@pulumi/pulumi");
const { Disk, VirtualMachine } = require("@pulumi/azure-native/compute");
const { NetworkInterface, Subnet, VirtualNetwork } = require("@pulumi/azure-native/network");
const { ResourceGroup } = require("@pulumi/azure-native/resources");

const { generations, userData } = new pulumi.Config().requireObject("machines");
const group = new ResourceGroup("group", { resourceGroupName: "cluster", location: "westeurope" });
const place = { resourceGroupName: group.name, location: "westeurope" };
const network = new VirtualNetwork("network", { ...place, addressSpace: { addressPrefixes: ["10.64.0.0/16"] } });
const subnet = new Subnet("subnet", { resourceGroupName: group.name, virtualNetworkName: network.name, addressPrefix: "10.64.0.0/24" });
generations.forEach((generation, index) => {
    const zones = [String((index % 3) + 1)];
    const tags = { "mainstay-role": "control-plane" };
    const card = new NetworkInterface("card-" + index, { ...place, ipConfigurations: [{ name: "primary", subnet: { id: subnet.id } }] });
    const disk = new Disk("disk-" + index, { ...place, zones, sku: { name: "PremiumV2_LRS" }, creationData: { createOption: "Empty" }, diskSizeGB: 32, tags });
    new VirtualMachine(
        "machine-" + index,
        {
            ...place,
            vmName: "cp-" + index,
            zones,
            hardwareProfile: { vmSize: "Standard_D4ds_v5" },
            osProfile: {
                computerName: "cp-" + index,
                adminUsername: "mainstay",
                linuxConfiguration: {
                    disablePasswordAuthentication: true,
                    ssh: { publicKeys: [{ path: "/home/mainstay/.ssh/authorized_keys", keyData: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBcV0Jm1p0Yz8vX3mFQx0kZz1O8aZC5N3y8m1c1yq3kQ" }] },
                },
            },
            storageProfile: {
                imageReference: { publisher: "Canonical", offer: "ubuntu-24_04-lts", sku: "server", version: "latest" },
                osDisk: { createOption: "FromImage", managedDisk: { storageAccountType: "Premium_LRS" } },
                dataDisks: [{ lun: 0, createOption: "Attach", caching: "None", managedDisk: { id: disk.id } }],
            },
            networkProfile: { networkInterfaces: [{ id: card.id, primary: true }] },
            userData: Buffer.from(userData).toString("base64"),
            tags: { ...tags, generation: String(generation) },
        },
        { replaceOnChanges: ["tags.generation"], deleteBeforeReplace: true },
    );
});
`;

const RULE = "control-plane-one-at-a-time";

describe("policy: machines of a control plane that an update replaces", function () {
    this.timeout(180_000);
    const rehearsals: Rehearsal[] = [];
    let runFolder: string | undefined;

    before(() => void execFileSync(process.execPath, [join(root, "policy", "build.mjs")], { stdio: "inherit" }));
    after(() => Promise.all(rehearsals.map((rehearsal) => rehearsal.remove())));

    function rehearse(generations: number[], userData: string, policyPacks: string[]): Rehearsal {
        const rehearsal = new Rehearsal({
            program: { "index.js": PROGRAM },
            config: { "test:machines": { generations, userData } },
            policyPacks,
            ...(runFolder ? { runFolder } : {}),
        });
        rehearsals.push(rehearsal);
        return rehearsal;
    }

    /** Machines that the rule refuses, in a preview: it knows these programs' other faults and says so as well. */
    async function refused(generations: number[], userData = "first"): Promise<string[]> {
        const rehearsal = rehearse(generations, userData, [join(root, "policy")]);
        const preview = await rehearsal.preview();
        runFolder = rehearsal.runFolder;
        const judged = preview.evaluations.filter(({ rule }) => rule === RULE);
        assert.equal(judged.length, 1, `${RULE} is judged, once: ${preview.stdout}${preview.stderr}`);
        assert.deepEqual(
            preview.undecided.filter(({ rule }) => rule === RULE),
            [],
        );
        const found = preview.violations.filter(({ rule }) => rule === RULE);
        assert.equal(judged[0].passed, found.length === 0);
        return found.map(({ urn }) => urn!.split("::").at(-1)!).sort();
    }

    it("a first deployment replaces none, whatever generations its settings say", async () => {
        assert.deepEqual(await refused([1, 2, 2]), []);
    });

    describe("once three are there", () => {
        before(async () => {
            const up = await rehearse([1, 1, 1], "first", []).up();
            runFolder = rehearsals.at(-1)!.runFolder;
            assert.equal(up.exitCode, 0, up.stdout + up.stderr);
        });

        it("an update without changes replaces none", async () => {
            assert.deepEqual(await refused([1, 1, 1]), []);
        });

        it("an update of all three in their places replaces none", async () => {
            assert.deepEqual(await refused([1, 1, 1], "second"), []);
        });

        it("one may be replaced, and the others changed in their places", async () => {
            assert.deepEqual(await refused([1, 2, 1]), []);
            assert.deepEqual(await refused([1, 2, 1], "second"), []);
        });

        it("two may not", async () => {
            assert.deepEqual(await refused([2, 1, 2]), ["machine-0", "machine-2"]);
        });

        it("all three may not, though then no machine stays", async () => {
            assert.deepEqual(await refused([2, 2, 2]), ["machine-0", "machine-1", "machine-2"]);
        });

        it("two more may come", async () => {
            assert.deepEqual(await refused([1, 1, 1, 1, 1]), []);
        });

        it("one that was taken away may come again", async () => {
            const gone = rehearse([1, 1], "first", []);
            assert.equal((await gone.up()).exitCode, 0);
            assert.deepEqual(await refused([1, 1, 2]), []);
        });
    });
});

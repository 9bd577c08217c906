import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Rehearsal, root } from "../../rehearsal/engine";

/** Three machines and what they need, by the functions that the control plane makes them with. */
const PROGRAM = `
import * as pulumi from "@pulumi/pulumi";
import { UserAssignedIdentity } from "@pulumi/azure-native/managedidentity/userAssignedIdentity";
import { Subnet } from "@pulumi/azure-native/network/subnet";
import { VirtualNetwork } from "@pulumi/azure-native/network/virtualNetwork";
import { ResourceGroup } from "@pulumi/azure-native/resources/resourceGroup";
import { createMachine, type Machine } from "${join(root, "components/controlPlane/machines")}";
import { siteOf } from "${join(root, "components/site")}";

const config = new pulumi.Config();
const { image, customData, bundle, size, generations } = config.requireObject<any>("machines");
pulumi.runtime.registerStackTransformation(({ type, props, opts }) => {
    if (!type.endsWith(":VirtualMachine")) return undefined;
    return { props: { ...props, storageProfile: { ...props.storageProfile, imageReference: { ...props.storageProfile.imageReference, version: image } } }, opts };
});

const site = siteOf({
    prefix: "mainstay-test",
    location: "westeurope",
    zones: ["1", "2", "3"],
    tags: { owner: "platform" },
    subscriptionId: "00000000-0000-0000-0000-000000000000",
    tenantId: "00000000-0000-0000-0000-000000000000",
});
const group = new ResourceGroup("group", { resourceGroupName: "mainstay-test-cluster", location: site.location });
const place = { resourceGroupName: group.name, location: site.location };
const network = new VirtualNetwork("network", { ...place, addressSpace: { addressPrefixes: ["10.64.0.0/16"] } });
const subnet = new Subnet("subnet", { ...place, virtualNetworkName: network.name, addressPrefix: "10.64.0.0/22" });
const identity = new UserAssignedIdentity("identity", place);

const machines: Machine[] = [];
for (const number of [1, 2, 3]) {
    machines.push(
        createMachine(
            "plane",
            site,
            {
                number,
                name: "mainstay-test-cp-" + number,
                zone: String(number),
                address: "10.64.0.1" + number,
                generation: generations[number - 1],
            },
            {
                resourceGroupName: "mainstay-test-cluster",
                size,
                etcdDisk: { sizeGiB: 32, iops: 3000, mebibytesPerSecond: 125 },
                identityId: identity.id,
                backendPoolIds: [],
                sshPublicKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBcV0Jm1p0Yz8vX3mFQx0kZz1O8aZC5N3y8m1c1yq3kQ",
                customData: Buffer.from(customData).toString("base64"),
                bootCommand: "true",
            },
            {
                subnetId: subnet.id,
                userData: Buffer.from(bundle).toString("base64"),
                waitsFor: [],
                previous: machines.at(-1),
            },
            { dependsOn: [group] },
        ),
    );
}
`;

interface Setting {
    image: string;
    customData: string;
    bundle: string;
    size: string;
    generations: number[];
}

interface Change {
    /** What is done, such as `update`; steps of a replacement as one, `replace`. */
    op: string;
    name: string;
}

describe("a control plane's machines, on the real engine", function () {
    this.timeout(300_000);
    let settings: Setting = {
        image: "24.04.202601010",
        customData: "stub",
        bundle: "first",
        size: "Standard_D4ds_v5",
        generations: [1, 1, 1],
    };
    let rehearsal: Rehearsal | undefined;
    let runFolder: string | undefined;

    /** A run with these settings changed, and what that changed. */
    async function deploy(more: Partial<Setting>): Promise<Change[]> {
        settings = { ...settings, ...more };
        rehearsal = new Rehearsal({
            program: { "index.ts": PROGRAM },
            config: { "test:machines": settings },
            ...(runFolder ? { runFolder } : {}),
        });
        const preview = await rehearsal.preview();
        assert.equal(preview.exitCode, 0, preview.stdout + preview.stderr);
        const up = await rehearsal.up();
        assert.equal(up.exitCode, 0, up.stdout + up.stderr);
        assert.deepEqual(up.changes, preview.changes, "an up does what its preview said");
        runFolder = rehearsal.runFolder!;
        return up.events.flatMap(({ resourcePreEvent }: any) => {
            const { op, urn } = resourcePreEvent?.metadata ?? {};
            return op && op !== "same" ? [{ op, name: urn.split("::").at(-1) }] : [];
        });
    }
    const replaced = (changes: Change[]) => changes.filter(({ op }) => op === "replace").map(({ name }) => name);
    const touched = (changes: Change[]) => [...new Set(changes.map(({ name }) => name))].sort();

    /** A resource as the simulated Azure has it. */
    function inCloud(type: string, name: string): any {
        const folder = join(runFolder!, "azure", "resources");
        const all = readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")));
        const found = all.filter((each) => each.type.endsWith(type) && each.id.endsWith(`/${name}`));
        assert.equal(found.length, 1, `${type} ${name}: ${all.map(({ id }) => id).join("\n")}`);
        return found[0];
    }
    const machine = (number: number) => inCloud("virtualMachines", `mainstay-test-cp-${number}`);

    before(async () => {
        await deploy({});
    });
    after(() => rehearsal?.remove());

    it("stay as they are when image, custom data or size change in the program alone", async () => {
        const changes = await deploy({ image: "24.04.202602020", customData: "other stub", size: "Standard_D8ds_v5" });
        assert.deepEqual(changes, []);
    });

    it("are replaced one by one, by generation, with all that the program says by then", async () => {
        const before = { machine: machine(2), disk: inCloud("disks", "mainstay-test-cp-2-etcd"), other: machine(1) };
        const changes = await deploy({ generations: [1, 2, 1] });
        assert.deepEqual(replaced(changes).sort(), ["plane-boot-2", "plane-machine-2"]);
        assert.deepEqual(touched(changes), ["plane-boot-2", "plane-machine-2"]);

        const { inputs } = machine(2);
        assert.equal(inputs.storageProfile.imageReference.version, "24.04.202602020");
        assert.equal(inputs.osProfile.customData, Buffer.from("other stub").toString("base64"));
        assert.equal(inputs.hardwareProfile.vmSize, "Standard_D8ds_v5");
        assert.equal(machine(1).inputs.storageProfile.imageReference.version, "24.04.202601010");
        assert.equal(machine(1).createdAt, before.other.createdAt);
        assert.notEqual(machine(2).createdAt, before.machine.createdAt);

        const [disk] = inputs.storageProfile.dataDisks;
        assert.equal(disk.managedDisk.id, before.disk.id);
        assert.equal(inCloud("disks", "mainstay-test-cp-2-etcd").createdAt, before.disk.createdAt);
        assert.deepEqual(inputs.zones, ["2"]);
        assert.ok(inputs.networkProfile.networkInterfaces[0].id.endsWith("/mainstay-test-cp-2"));
        assert.equal(
            inCloud("extensions", "virtualMachines/mainstay-test-cp-2/extensions/boot").inputs.vmName,
            "mainstay-test-cp-2",
        );
    });

    it("run their boot again, in their order and without a replacement, when the bundle changes", async () => {
        const changes = await deploy({ bundle: "second" });
        assert.deepEqual(replaced(changes), []);
        const boots = changes.filter(({ name }) => name.startsWith("plane-boot")).map(({ name }) => name);
        assert.deepEqual(boots, ["plane-boot-1", "plane-boot-2", "plane-boot-3"]);
        assert.equal(machine(3).inputs.userData, Buffer.from("second").toString("base64"));
    });
});

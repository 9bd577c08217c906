import assert from "node:assert/strict";
import { type Case, check, problemsOf, refuse } from "./badSettings";

/** Settings of a self-managed cluster that are fine; every case below spoils one thing. */
function good(): any {
    return {
        owner: "platform@example.com",
        location: "westeurope",
        network: { addressSpace: "10.64.0.0/16" },
        access: { groups: { administrators: ["5f2a1c8e-9b7d-4e36-8a10-6d3f0c4b2e91"] } },
        cluster: {
            kind: "selfManaged",
            kubernetesVersion: "1.34",
            systemPool: { size: "Standard_D4ds_v5", minNodes: 3, maxNodes: 6 },
            userPools: [{ name: "general", size: "Standard_D8ds_v5", minNodesPerZone: 1, maxNodesPerZone: 5 }],
        },
        controlPlane: { signIn: { clientId: "7c1f0d52-5c0a-4e7e-9d0b-3a1f6f1f7a10" } },
    };
}

const cases: Case[] = [
    {
        what: "no control plane",
        spoil: (s) => delete s.controlPlane,
        path: "mainstay:controlPlane",
        mend: /signIn\.clientId/,
        given: "nothing",
    },
    {
        what: "four machines",
        spoil: (s) => (s.controlPlane.machines = 4),
        path: "mainstay:controlPlane.machines",
        mend: /such as 3/,
        given: "4",
    },
    {
        what: "one machine",
        spoil: (s) => (s.controlPlane.machines = 1),
        path: "mainstay:controlPlane.machines",
        mend: /such as 3/,
    },
    {
        what: "two zones without saying so",
        spoil: (s) => (s.zones = ["1", "2"]),
        path: "mainstay:zones",
        mend: /third zone, or accept it by mainstay:controlPlane\.allowTwoZones/,
    },
    {
        what: "a version that nobody has pinned",
        spoil: (s) => (s.cluster.kubernetesVersion = "1.33"),
        path: "mainstay:cluster.kubernetesVersion",
        mend: /set it to "1\.\d+", or pin the release/,
    },
    {
        what: "a generation of a machine that there is not",
        spoil: (s) => (s.controlPlane.generations = { "4": 2 }),
        path: "mainstay:controlPlane.generations.4",
        mend: /remove it/,
    },
    {
        what: "a generation of something that is no machine",
        spoil: (s) => (s.controlPlane.generations = { "cp-1": 2 }),
        path: "mainstay:controlPlane.generations.cp-1",
        mend: /write the number in quotes/,
        given: '"cp-1"',
    },
    {
        what: "a generation of nought",
        spoil: (s) => (s.controlPlane.generations = { "1": 0 }),
        path: "mainstay:controlPlane.generations.1",
        mend: /such as 2/,
    },
    {
        what: "the same authority twice",
        spoil: (s) => (s.controlPlane.certificates = { authorities: [2, 2] }),
        path: "mainstay:controlPlane.certificates.authorities",
        mend: /name each one once/,
    },
    {
        what: "no encryption key",
        spoil: (s) => (s.controlPlane.certificates = { encryptionKeys: [] }),
        path: "mainstay:controlPlane.certificates.encryptionKeys",
        mend: /one place at a time/,
    },
    {
        what: "a burstable size",
        spoil: (s) => (s.controlPlane.size = "Standard_B4ms"),
        path: "mainstay:controlPlane.size",
        mend: /Standard_D4ds_v5/,
    },
    {
        what: "a size without Premium disks",
        spoil: (s) => (s.controlPlane.size = "Standard_D4d_v5"),
        path: "mainstay:controlPlane.size",
        mend: /Standard_D4ds_v5/,
    },
    {
        what: "a size that does not pass the disk's operations",
        spoil: (s) => (s.controlPlane.etcdDisk = { iops: 7000, sizeGiB: 64 }),
        path: "mainstay:controlPlane.etcdDisk.iops",
        mend: /larger mainstay:controlPlane\.size/,
        given: "7000",
    },
    {
        what: "a size that does not pass the disk's throughput",
        spoil: (s) => (s.controlPlane.size = "Standard_D2ds_v5"),
        path: "mainstay:controlPlane.etcdDisk.mebibytesPerSecond",
        mend: /larger mainstay:controlPlane\.size/,
    },
    {
        what: "more operations than a disk of that size has",
        spoil: (s) =>
            (s.controlPlane = {
                ...s.controlPlane,
                size: "Standard_D16ds_v5",
                etcdDisk: { sizeGiB: 32, iops: 20_000 },
            }),
        path: "mainstay:controlPlane.etcdDisk.iops",
        mend: /set sizeGiB to 40/,
    },
    {
        what: "a private registry and no way to sign in to it",
        spoil: (s) =>
            (s.cluster.registry = {
                id: "/subscriptions/99999999-9999-4999-8999-999999999999/resourceGroups/shared/providers/Microsoft.ContainerRegistry/registries/example",
            }),
        path: "mainstay:cluster.registry.credentialProvider",
        mend: /sha256sum/,
    },
    {
        what: "no application to sign in by",
        spoil: (s) => delete s.controlPlane.signIn,
        path: "mainstay:controlPlane.signIn",
        mend: /add it/,
    },
    {
        what: "an application's name in place of its ID",
        spoil: (s) => (s.controlPlane.signIn.clientId = "kubernetes"),
        path: "mainstay:controlPlane.signIn.clientId",
        mend: /az ad app list/,
    },
    {
        what: "snapshots kept for a day",
        spoil: (s) => (s.controlPlane.snapshots = { retentionDays: 1 }),
        path: "mainstay:controlPlane.snapshots.retentionDays",
        mend: /such as 30/,
    },
    {
        what: "more workers than the zones' subnets hold, the system pool's among them",
        spoil: (s) => {
            s.network = { addressSpace: "10.64.0.0/22", podCidr: "10.240.0.0/13" };
            s.cluster.systemPool.maxNodes = 240;
            s.cluster.userPools[0].maxNodesPerZone = 30;
        },
        path: "mainstay:cluster.userPools",
        mend: /widen mainstay:network\.addressSpace/,
    },
];

describe("settings of a self-managed control plane", () => {
    it("are good to spoil", () => {
        assert.deepEqual(problemsOf(good()), []);
    });

    it("have a default for all but who signs in", () => {
        const { controlPlane } = check(good());
        assert.equal(controlPlane?.machines, 3);
        assert.deepEqual(controlPlane?.etcdDisk, { sizeGiB: 32, iops: 3000, mebibytesPerSecond: 125 });
        assert.deepEqual(controlPlane?.certificates, {
            authorities: [1],
            administrator: 1,
            serviceAccountKeys: [1],
            encryptionKeys: [1],
        });
    });

    it("may stand in a stack of the other kind, so that the kind is one line", () => {
        const raw = good();
        raw.cluster.kind = "aks";
        assert.deepEqual(problemsOf(raw), []);
    });

    it("take two zones where the stack says that it knows", () => {
        const raw = good();
        raw.zones = ["1", "2"];
        raw.controlPlane.allowTwoZones = true;
        assert.deepEqual(problemsOf(raw), []);
    });

    refuse(good, cases);
});

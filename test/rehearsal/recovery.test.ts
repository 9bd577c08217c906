import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endProcesses, engineProcesses, inherited, worksIn } from "../../recovery/orphans";
import { type ResourceState, resolvePendingCreates } from "../../recovery/pendingCreates";

const group: ResourceState = {
    urn: "urn:pulumi:prod::mainstay::azure-native:resources:ResourceGroup::group",
    type: "azure-native:resources:ResourceGroup",
    id: "/subscriptions/s-1/resourceGroups/mainstay",
    inputs: { resourceGroupName: "mainstay" },
};
const network: ResourceState = {
    urn: "urn:pulumi:prod::mainstay::azure-native:network:VirtualNetwork::network",
    type: "azure-native:network:VirtualNetwork",
    inputs: { resourceGroupName: "mainstay", virtualNetworkName: "mainstay-network" },
};
const networkId =
    "/subscriptions/s-1/resourceGroups/mainstay/providers/Microsoft.Network/virtualNetworks/mainstay-network";
const creating = (resource: ResourceState) => ({ type: "creating", resource });

describe("what becomes of a creation that a crash cut off", () => {
    it("is adopted under the ID that its inputs lead to", () => {
        const { adopted, deployment } = resolvePendingCreates({
            resources: [group],
            pending_operations: [creating(network)],
        });
        assert.deepEqual(adopted, [{ urn: network.urn, id: networkId }]);
        assert.deepEqual(deployment.pending_operations, []);
        assert.deepEqual(
            deployment.resources?.map(({ id }) => id),
            [group.id, networkId],
        );
    });

    it("needs the subscription said when nothing is in the state yet", () => {
        const first = { ...group, id: undefined };
        const deployment = { pending_operations: [creating(first)] };
        assert.deepEqual(resolvePendingCreates(deployment).undecided, [{ urn: group.urn, type: group.type }]);
        assert.deepEqual(resolvePendingCreates(deployment, { subscriptionId: "s-1" }).adopted, [
            { urn: group.urn, id: group.id },
        ]);
    });

    it("is cleared where nothing exists outside the state", () => {
        const password = {
            urn: "urn:…::random:index/randomPassword:RandomPassword::p",
            type: "random:index/randomPassword:RandomPassword",
        };
        const { cleared, deployment } = resolvePendingCreates({ pending_operations: [creating(password)] });
        assert.deepEqual(cleared, [password.urn]);
        assert.deepEqual(deployment.resources, []);
    });

    it("is kept where it is a component, which exists in the state alone and may have children there", () => {
        const component = {
            urn: "urn:…::mainstay:index:Network::network",
            type: "mainstay:index:Network",
            custom: false,
        };
        const { deployment, ...rest } = resolvePendingCreates({ pending_operations: [creating(component)] });
        assert.deepEqual(deployment.resources, [component]);
        assert.deepEqual(rest, { adopted: [], cleared: [], undecided: [] });
        const known = { resources: [component], pending_operations: [creating(component)] };
        assert.deepEqual(resolvePendingCreates(known).deployment.resources, [component], "and not twice");
    });

    it("is asked of the user where the inputs do not tell, and taken from what the user says", () => {
        const exotic = {
            urn: "urn:…::azure-native:quantum:Workspace::q",
            type: "azure-native:quantum:Workspace",
            inputs: {},
        };
        const deployment = { resources: [group], pending_operations: [creating(exotic)] };
        assert.equal(resolvePendingCreates(deployment).undecided.length, 1);
        assert.deepEqual(resolvePendingCreates(deployment, { ids: { [exotic.urn]: "/q" } }).adopted, [
            { urn: exotic.urn, id: "/q" },
        ]);
        assert.deepEqual(resolvePendingCreates(deployment, { ids: { [exotic.urn]: "" } }).cleared, [exotic.urn]);
    });

    it("is asked of the user where the resource group is not known, and never guessed", () => {
        const lost = { ...network, inputs: { virtualNetworkName: "mainstay-network" } };
        const { undecided, adopted } = resolvePendingCreates({
            resources: [group],
            pending_operations: [creating(lost)],
        });
        assert.deepEqual([undecided.length, adopted], [1, []]);
    });

    it("takes the place of the one that it was replacing, which is deleted later", () => {
        const old = { ...network, id: networkId.replace("mainstay-network", "old") };
        const { deployment } = resolvePendingCreates({
            resources: [group, old],
            pending_operations: [creating(network)],
        });
        assert.deepEqual(
            deployment.resources?.map((resource) => [resource.id, resource.delete]),
            [
                [group.id, undefined],
                [old.id, true],
                [networkId, undefined],
            ],
        );
    });

    it("is not adopted twice when the state has it already", () => {
        const { adopted, cleared, deployment } = resolvePendingCreates({
            resources: [group, { ...network, id: networkId }],
            pending_operations: [creating(network)],
        });
        assert.deepEqual([adopted, cleared], [[], [network.urn]]);
        assert.equal(deployment.resources?.length, 2);
    });

    it("leaves other pending operations, which a refresh settles, as they are", () => {
        const updating = { type: "updating", resource: group };
        assert.deepEqual(resolvePendingCreates({ pending_operations: [updating] }).deployment.pending_operations, [
            updating,
        ]);
    });

    it("finds Kubernetes objects by namespace and name, cluster-wide ones by name", () => {
        const object = (metadata: object) => ({ urn: "u", type: "kubernetes:core/v1:ConfigMap", inputs: { metadata } });
        const id = (metadata: object) =>
            resolvePendingCreates({ pending_operations: [creating(object(metadata))] }).adopted[0]?.id;
        assert.equal(id({ namespace: "a", name: "b" }), "a/b");
        assert.equal(id({ name: "b" }), "b");
    });
});

describe("the engine's processes", function () {
    before(function () {
        if (process.platform !== "linux") this.skip(); // /proc
    });

    it("of a deployment are found, told apart by whether an engine is above them, and ended; others are not", async () => {
        const folder = realpathSync(mkdtempSync(join(tmpdir(), "mainstay-orphans-")));
        const started: ChildProcess[] = [];
        const start = (script: string, env = {}) => {
            const child = spawn("bash", ["-c", script], { cwd: folder, env: { ...process.env, ...env } });
            started.push(child);
            return child;
        };
        const plugin = "exec -a pulumi-resource-azure-native sleep 60";
        try {
            const orphan = start(plugin, { WHOSE: "ours" });
            const another = start(plugin, { WHOSE: "theirs" });
            // An engine with a plugin below it, as a running deployment is; it ends with its plugin.
            const engine = start(`exec -a pulumi bash -c '(${plugin}) & wait'`, { WHOSE: "ours" });
            const exited = new Promise((resolve) => orphan.once("exit", resolve));
            await new Promise((resolve) => setTimeout(resolve, 500));

            const pids = (processes: { pid: number }[]) => processes.map(({ pid }) => pid).sort();
            const ours = engineProcesses(inherited("WHOSE", "ours"));
            assert.deepEqual(pids(ours.engines), [engine.pid]);
            assert.deepEqual(pids(ours.orphans), [orphan.pid]);
            assert.deepEqual(
                pids(engineProcesses(worksIn(folder)).orphans),
                pids([orphan, another] as { pid: number }[]),
            );
            assert.deepEqual(engineProcesses(worksIn(join(folder, "elsewhere"))), { engines: [], orphans: [] });

            await endProcesses(ours.orphans);
            await exited;
            assert.deepEqual([another.exitCode, engine.exitCode], [null, null]);
            await endProcesses(engineProcesses(worksIn(folder)).engines);
            await endProcesses(engineProcesses(worksIn(folder)).orphans);
        } finally {
            started.forEach((child) => child.kill("SIGKILL"));
            rmSync(folder, { recursive: true });
        }
    });
});

import assert from "node:assert/strict";
import { join } from "node:path";
import { type ControlPlane, startControlPlane } from "../../rehearsal/controlPlane";
import { Rehearsal, readStackConfig, root, temporaryRunFolder } from "../../rehearsal/engine";

interface ClusterSettings {
    kind: string;
    kubernetesVersion: string;
    systemPool: { maxNodes: number };
    userPools: { name: string; size: string; minNodesPerZone: number; maxNodesPerZone: number }[];
}

/** What a change of settings does to an environment that is there: it changes what it says, and replaces nothing. */
describe("a change of the settings of prod with AKS", function () {
    this.timeout(5 * 60_000);

    let runFolder: string;
    let controlPlane: ControlPlane;
    let settings: ClusterSettings;

    before(async () => {
        runFolder = await temporaryRunFolder("changes");
        controlPlane = await startControlPlane(join(runFolder, "cluster"));
        const foundation = new Rehearsal({ program: join(root, "foundation"), stack: "shared", runFolder });
        assert.equal((await foundation.up()).exitCode, 0);
        settings = (await readStackConfig(root, "prod"))["mainstay:cluster"] as ClusterSettings;
        settings.kind = "aks";
        assert.deepEqual(Object.keys(await deploy()), ["create"]);
    });
    after(async () => {
        await controlPlane?.stop();
        if (runFolder) await new Rehearsal({ program: root, stack: "prod", runFolder }).remove();
    });

    /** Preview and up, which have to agree; what they changed. */
    async function deploy(): Promise<Record<string, number>> {
        const rehearsal = new Rehearsal({
            program: root,
            stack: "prod",
            runFolder,
            config: { "mainstay:cluster": settings },
            policyPacks: [join(root, "policy")],
        });
        const preview = await rehearsal.preview();
        assert.equal(preview.exitCode, 0, preview.stdout + preview.stderr);
        const up = await rehearsal.up();
        assert.equal(up.exitCode, 0, up.stdout + up.stderr);
        assert.deepEqual(up.changes, preview.changes);
        assert.equal(up.violations.length, 0);
        return up.changes;
    }

    it("to the next minor version updates the cluster, then its pools, and nothing else", async () => {
        settings.kubernetesVersion = "1.35";
        const { update, same, ...others } = await deploy();
        assert.deepEqual(others, {});
        assert.equal(update, 1 + 3, "the cluster and a pool a zone");
        assert.ok(same > 20);
    });

    it("that gives pools more nodes updates pools in place, and their counts stay the autoscaler's", async () => {
        settings.systemPool.maxNodes += 2;
        settings.userPools[0].minNodesPerZone += 1;
        settings.userPools[0].maxNodesPerZone += 2;
        const { update, same, ...others } = await deploy();
        assert.deepEqual(others, {});
        assert.ok(update >= 1 + 3 && same > 20, `${update} updated, ${same} the same`);
    });

    it("that adds a pool makes one a zone, and leaves cluster and other pools as they are", async () => {
        settings.userPools.push({ name: "batch", size: "Standard_D4ds_v5", minNodesPerZone: 0, maxNodesPerZone: 2 });
        const { create, same, ...others } = await deploy();
        assert.deepEqual(others, {});
        assert.equal(create, 3);
        assert.ok(same > 20);
    });
});

import assert from "node:assert/strict";
import { type Figures, proof } from "../proof";
import type { Region } from ".";
import { clusterOf } from "./cluster";
import { until } from "./until";
import type { Machine } from "./machine";
import { sharedRegion } from "./shared";

/** The boot scripts for real: who initialises, and that there is one cluster whatever happens meanwhile. */
describe("three machines become one cluster", function () {
    this.timeout(10 * 60_000);

    let region: Region;
    before(async function () {
        region = await sharedRegion(this);
    });
    beforeEach(() => region.reset());

    proof("failover: started all at once, the lock decides who initialises", async (figures) => {
        await timed(figures, () => region.boot());
        await isOneCluster();
    });

    proof("failover: started in another order, the second machine initialises", async (figures) => {
        const [first, second, third] = region.machines;
        await timed(figures, async () => {
            await second.start();
            await until(
                () => second.console().includes("mainstay: initialise"),
                120,
                () => second.console(),
            );
            await region.boot([first, third]);
            await region.booted(second);
            await region.found();
        });
        assert.equal(await isOneCluster(), second);
    });

    proof("failover: the first machine's script is killed half-way and run again", async (figures) => {
        const [first, second, third] = region.machines;
        await timed(figures, async () => {
            await first.start();
            // kubeadm init is at work: etcd has begun, and no mark is written.
            await until(
                () => first.read("etc/kubernetes/manifests/etcd.yaml") !== undefined,
                120,
                () => first.console(),
            );
            assert.doesNotMatch(first.console(), /initialised the cluster/);
            const killed = await first.run("kill -KILL -- -$(cat /run/units/mainstay-boot.service)");
            assert.equal(killed.code, 0, killed.stderr);
            await region.boot([second, third]);
            await region.booted(first);
            await region.found();
        });
        await isOneCluster();
        assert.ok(first.console().match(/^mainstay: facts$/gm)!.length > 1, "the script ran again");
    });

    /** Every API server and every etcd is of the same cluster. @returns the machine that initialised it */
    async function isOneCluster(): Promise<Machine> {
        await region.whole();
        const { machines } = region;
        const clusters = await Promise.all(machines.map((machine) => clusterOf(machine)));
        assert.equal(new Set(clusters).size, 1, `there are the clusters ${clusters.join()}`);
        const nodes = await region.clients.kubectl("get nodes -o name");
        assert.deepEqual(nodes.trim().split("\n").sort(), machines.map(({ name }) => `node/${name}`).sort());
        const initialised = machines.filter((machine) => machine.console().includes(" initialised the cluster"));
        assert.equal(initialised.length, 1, "one machine says that it initialised the cluster");
        return initialised[0];
    }

    async function timed(figures: Figures, form: () => Promise<unknown>): Promise<void> {
        const began = performance.now();
        await form();
        figures.secondsFromPowerToReady = Math.round((performance.now() - began) / 100) / 10;
    }
});

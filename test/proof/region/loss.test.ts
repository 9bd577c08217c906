import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { analyseWriter } from "../clients/analysis";
import { startWriter } from "../clients/run";
import { proof } from "../proof";
import type { Region } from ".";
import { clusterOf, leaderOf, votersOf } from "./cluster";
import { until } from "./until";
import type { Machine } from "./machine";
import { otherFlag } from "./otherFlag";
import { wholeRegion } from "./shared";

/** More is lost than the control plane can do without. */
describe("machines of the control plane are lost", function () {
    this.timeout(15 * 60_000);

    let region: Region;
    beforeEach(async function () {
        region = await wholeRegion(this);
    });

    proof(
        "failover: two die, writes are refused and nothing is lost; one comes back, and service resumes",
        async (figures) => {
            const [first, second, third] = region.machines;
            const writer = await startWriter(
                { kubeconfig: region.clients.kubeconfig, name: `two-${Date.now()}`, newConnections: true },
                region.clients.spawn,
            );
            await sleep(2000);
            await Promise.all([second.kill(), third.kill()]);
            const died = Date.now();
            await sleep(15_000);
            const back = Date.now();
            await second.start();
            await writer.next(({ at, ok }) => ok && at > back);
            assert.ok(Date.now() - back < 120_000, "service resumes within two minutes");
            figures.secondsFromPowerToService = seconds(Date.now() - back);
            await third.start();
            await region.whole();
            const writes = await writer.end();
            // A write on its way at the moment may still have gone through.
            const meanwhile = writes.filter(({ at }) => at > died + 2_000 && at < back);
            assert.ok(meanwhile.length > 50);
            assert.deepEqual(
                meanwhile.filter(({ ok }) => ok),
                [],
                "one machine of three acknowledges nothing",
            );
            const { lost, failed, acknowledged } = analyseWriter(writes, await region.clients.storedNames());
            Object.assign(figures, { failed, acknowledged, lost: lost.length });
            assert.deepEqual(lost, []);
            assert.ok(first.isOn);
        },
    );

    proof("failover: a dead machine is replaced by the documented procedure", async (figures) => {
        const [, dead] = region.machines;
        const cluster = await clusterOf(dead);
        await region.clients.kubectl(`create configmap before-${Date.now()}`);
        const before = await region.clients.storedNames();
        await dead.replace();
        await region.found(region.machines.filter((machine) => machine !== dead));

        const generations = { [dead.name.replace(/^.*-/, "")]: 2 };
        await region.update(await region.program.settings({ "mainstay:controlPlane": { generations } }));
        const began = Date.now();
        await region.boot([dead]);
        await region.whole();
        figures.secondsFromPowerToMember = seconds(Date.now() - began);

        assert.match((await dead.run("cat /etc/mainstay/facts.env")).stdout, /^GENERATION='2'$/m);
        assert.equal(await clusterOf(dead), cluster);
        const names = region.machines.map(({ name }) => name).sort();
        assert.deepEqual((await votersOf(dead)).sort(), names, "three voting members, the dead one's is gone");
        assert.deepEqual(before.filter(not(await region.clients.storedNames())), []);
        await certificatesAreRight(dead);
    });

    proof(
        "failover: with every machine down and the lock expired, a replaced one begins no second cluster",
        async (figures) => {
            const cluster = await clusterOf(region.machines[0]);
            await Promise.all(region.machines.map((machine) => machine.kill()));
            region.updateUserData(otherFlag);
            const [, replaced] = region.machines;
            await replaced.replace({ etcdDisk: true });
            await replaced.start();
            await until(
                () => /mainstay: join/.test(replaced.console()),
                120,
                () => replaced.console(),
            );
            // Longer than the lock's lease, which nobody holds any more.
            await sleep(75_000);
            assert.doesNotMatch(replaced.console(), /mainstay: initialise/);
            assert.equal(replaced.read("etc/kubernetes/manifests/etcd.yaml"), undefined);
            figures.secondsWatched = 75;

            // The others come back, with a change to make one at a time, and it joins them: neither keeps the other from it.
            await region.boot(region.machines.filter((machine) => machine !== replaced));
            await region.booted(replaced);
            await region.whole();
            assert.equal(await clusterOf(replaced), cluster);
            for (const machine of region.machines)
                assert.match(machine.read("etc/kubernetes/manifests/kube-apiserver.yaml")!, /--goaway-chance=0\.002/);
        },
    );

    proof("restore: all three are lost, and the newest snapshot brings them back", async (figures) => {
        const [first, second, third] = region.machines;
        const leader = await leaderOf(region.machines);
        await region.clients.kubectl("create configmap of-the-snapshot");
        const taken = await leader.run("bash /etc/mainstay/services/etcd-snapshot.sh");
        assert.equal(taken.code, 0, taken.stderr);
        await region.clients.kubectl("create configmap younger-than-the-snapshot");

        const lost = Date.now();
        for (const machine of region.machines) await machine.replace({ etcdDisk: true });
        await first.start();
        // It waits for a cluster that does not come.
        await until(
            () => /mainstay: join/.test(first.console()),
            120,
            () => first.console(),
        );
        const restored = await first.run("systemctl stop mainstay-boot; bash /etc/mainstay/services/etcd-restore.sh");
        assert.equal(restored.code, 0, restored.stderr);
        await region.found([first]);
        figures.secondsToService = seconds(Date.now() - lost);
        await region.boot([second]);
        await region.boot([third]);
        await region.whole();
        figures.secondsToWhole = seconds(Date.now() - lost);

        const stored = await region.clients.storedNames();
        assert.ok(stored.includes("of-the-snapshot"));
        assert.ok(!stored.includes("younger-than-the-snapshot"));
        const clusters = await Promise.all(region.machines.map((machine) => clusterOf(machine)));
        assert.equal(new Set(clusters).size, 1);
    });

    /** Signed by the cluster's authorities, for this machine's name and address. */
    async function certificatesAreRight(machine: Machine): Promise<void> {
        const pki = "/etc/kubernetes/pki";
        const { code, stderr, stdout } = await machine.run(
            `openssl verify -CAfile ${pki}/ca.crt ${pki}/apiserver.crt &&
            openssl verify -CAfile ${pki}/etcd/ca.crt ${pki}/etcd/server.crt ${pki}/etcd/peer.crt &&
            openssl x509 -in ${pki}/apiserver.crt -noout -ext subjectAltName &&
            openssl x509 -in ${pki}/etcd/peer.crt -noout -ext subjectAltName`,
        );
        assert.equal(code, 0, stderr + stdout);
        assert.equal(stdout.split(machine.address).length - 1, 2, stdout);
    }

    const seconds = (milliseconds: number) => Math.round(milliseconds / 100) / 10;
    const not = (names: string[]) => (name: string) => !names.includes(name);
});

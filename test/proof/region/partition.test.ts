import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { analyseWriter } from "../clients/analysis";
import { startWriter } from "../clients/run";
import { proof } from "../proof";
import type { Region } from ".";
import { etcdctl, historiesOf, leaderOf } from "./cluster";
import { until } from "./until";
import { wholeRegion } from "./shared";

describe("a network partition isolates etcd's leader", function () {
    this.timeout(5 * 60_000);

    let region: Region;
    before(async function () {
        region = await wholeRegion(this);
    });

    proof(
        "failover: the isolated leader's side refuses writes, the majority goes on, and there is one history",
        async (figures) => {
            const isolated = await leaderOf(region.machines);
            const others = region.machines.filter((machine) => machine !== isolated);
            const name = `partition-${Date.now()}`;
            const writer = await startWriter(
                { kubeconfig: region.clients.kubeconfig, name, newConnections: true },
                region.clients.spawn,
            );
            await sleep(2000);
            const names = others.map((machine) => machine.name);
            await region.fabric.separate([isolated.name], names);
            const cut = Date.now();
            await until(
                () => leaderOf(others).then(Boolean, () => false),
                30,
                () => "the majority elects no leader",
            );

            // Asked directly, since the balancer soon sends nobody there any more.
            const refused = await isolated.run(
                `kubectl --kubeconfig /etc/kubernetes/admin.conf --server https://${isolated.address}:6443 --request-timeout=10s create configmap ${name}-of-the-minority`,
            );
            assert.notEqual(refused.code, 0, "the minority acknowledged a write");
            const own = await etcdctl(isolated, "put /minority 1");
            assert.notEqual(own.code, 0, "etcd's minority acknowledged a write");
            await sleep(8_000);
            assert.deepEqual(region.balancer.healthy(), [...names].sort(), "the probe found the minority out");

            await region.fabric.reunite([isolated.name], names);
            await region.whole();
            const writes = await writer.end();
            const stored = await region.clients.storedNames();
            const { lost, failed, longestGapMs } = analyseWriter(writes, stored);
            Object.assign(figures, { failed, longestGapMs, lost: lost.length });
            assert.ok(
                writes.some(({ at, ok }) => ok && at > cut + 5_000),
                "the majority went on",
            );
            assert.deepEqual(lost, []);
            assert.ok(!stored.includes(`${name}-of-the-minority`));
            const hashes = await historiesOf(region.machines);
            for (const machine of region.machines) assert.equal((await etcdctl(machine, "get /minority")).stdout, "");
            assert.equal(new Set(hashes).size, 1, `etcd's members have the histories ${hashes.join()}`);
        },
    );
});

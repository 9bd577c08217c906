import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { analyseWriter } from "../clients/analysis";
import { startWriter } from "../clients/run";
import { type Figures, proof } from "../proof";
import type { Region } from ".";
import type { Machine } from "./machine";
import { otherFlag } from "./otherFlag";
import { wholeRegion } from "./shared";

/** What operators do on an ordinary day, with somebody writing all the time. */
describe("the control plane is changed while somebody writes", function () {
    this.timeout(15 * 60_000);

    let region: Region;
    beforeEach(async function () {
        region = await wholeRegion(this);
    });

    proof("failover: other flags reach one machine after another, and no write fails", async (figures) => {
        region.updateUserData(otherFlag);
        // As the VM extension does it, machine by machine.
        await whileWriting(figures, async (machine) => {
            const { code, stderr } = await machine.run("/usr/local/sbin/mainstay-boot");
            assert.equal(code, 0, stderr);
            assert.match(machine.read("etc/kubernetes/manifests/kube-apiserver.yaml")!, /--goaway-chance=0\.002/);
        });
    });

    proof("failover: every certificate is renewed, and no write fails", async (figures) => {
        const pki = "/etc/kubernetes/pki";
        const leaves = `cd ${pki} && sha256sum $(ls *.crt etcd/*.crt | grep -v ca.crt | grep -v ca-signing.crt)`;
        await whileWriting(figures, async (machine) => {
            const before = (await machine.run(leaves)).stdout.trim().split("\n");
            const { code, stderr } = await machine.run(
                "CERTIFICATE_RENEWAL_DAYS=4000 bash /etc/mainstay/services/certificates.sh",
            );
            assert.equal(code, 0, stderr);
            const after = new Set((await machine.run(leaves)).stdout.trim().split("\n"));
            assert.ok(before.length >= 7, before.join());
            assert.deepEqual(
                before.filter((line) => after.has(line)),
                [],
                "certificates that are the old ones",
            );
        });
        // What runs has the new ones.
        for (const machine of region.machines)
            for (const [port, file] of [
                [6443, "apiserver.crt"],
                [2379, "etcd/server.crt"],
            ]) {
                const serial = "openssl x509 -noout -serial";
                const served = `openssl s_client -connect ${machine.address}:${port} </dev/null 2>/dev/null | ${serial}`;
                const there = await machine.run(`${serial} -in ${pki}/${file}`);
                assert.match(there.stdout, /^serial=/);
                assert.equal((await machine.run(served)).stdout, there.stdout, String(file));
            }
    });

    /** Changes all machines under a writer that tries a failed write again within its patience of ten seconds. */
    async function whileWriting(figures: Figures, change: (machine: Machine) => Promise<void>): Promise<void> {
        const writer = await startWriter(
            { kubeconfig: region.clients.kubeconfig, name: `change-${Date.now()}`, retryWithinMs: 10_000 },
            region.clients.spawn,
        );
        const began = Date.now();
        await sleep(2000);
        for (const machine of region.machines) await change(machine);
        await region.whole();
        const writes = await writer.end();
        const { acknowledged, failed, failures, lost, longestGapMs } = analyseWriter(
            writes,
            await region.clients.storedNames(),
        );
        Object.assign(figures, {
            seconds: Math.round((Date.now() - began) / 1000),
            acknowledged,
            failed,
            failures,
            lost: lost.length,
            longestGapMs,
            triedAgain: writes.filter(({ attempts }) => attempts > 1).length,
        });
        assert.deepEqual({ failed, lost }, { failed: 0, lost: [] }, JSON.stringify(failures));
    }
});

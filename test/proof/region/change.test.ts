import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { analyseWriter } from "../clients/analysis";
import { startWriter } from "../clients/run";
import { type Figures, proof } from "../proof";
import type { Region } from ".";
import type { Machine } from "./machine";
import { wholeRegion } from "./shared";

/** What operators do on an ordinary day, with somebody writing all the time. */
describe("the control plane is changed while somebody writes", function () {
    this.timeout(15 * 60_000);

    let region: Region;
    beforeEach(async function () {
        region = await wholeRegion(this);
    });

    proof("failover: other flags reach one machine after another, and no write fails", async (figures) => {
        region.updateUserData((files) => {
            for (const path of Object.keys(files).filter((path) => path.endsWith("kubeadm-init.yaml"))) {
                const changed = files[path].replace(/(name: goaway-chance\s+value: )"0.001"/, '$1"0.002"');
                assert.notEqual(changed, files[path], `${path} has no such flag any more`);
                files[path] = changed;
            }
        });
        // As the VM extension does it, machine by machine.
        await whileWriting(figures, async (machine) => {
            const { code, stderr } = await machine.run("/usr/local/sbin/mainstay-boot");
            assert.equal(code, 0, stderr);
            assert.match(machine.read("etc/kubernetes/manifests/kube-apiserver.yaml")!, /--goaway-chance=0\.002/);
        });
    });

    proof("failover: every certificate is renewed, and no write fails", async (figures) => {
        const expiry = async (machine: Machine) =>
            (await machine.run("openssl x509 -noout -serial -in /etc/kubernetes/pki/apiserver.crt")).stdout;
        await whileWriting(figures, async (machine) => {
            const before = await expiry(machine);
            const { code, stderr } = await machine.run(
                "CERTIFICATE_RENEWAL_DAYS=4000 bash /etc/mainstay/services/certificates.sh",
            );
            assert.equal(code, 0, stderr);
            assert.notEqual(await expiry(machine), before);
        });
        // What runs has the new ones.
        for (const machine of region.machines) {
            const served = await machine.run(
                `openssl s_client -connect ${machine.address}:6443 </dev/null 2>/dev/null | openssl x509 -noout -serial`,
            );
            assert.equal(served.stdout, await expiry(machine));
        }
    });

    /** Changes all machines under a writer that tries a failed write again within its patience of ten seconds. */
    async function whileWriting(figures: Figures, change: (machine: Machine) => Promise<void>): Promise<void> {
        const writer = await startWriter(
            { kubeconfig: region.kubeconfig, name: `change-${Date.now()}`, retryWithinMs: 10_000 },
            region.spawn,
        );
        const began = Date.now();
        await sleep(2000);
        for (const machine of region.machines) await change(machine);
        await region.whole();
        const writes = await writer.end();
        const { acknowledged, failed, failures, lost, longestGapMs } = analyseWriter(
            writes,
            await region.storedNames(),
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

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ClusterKind } from "../../../components/network";
import { startControlPlane, stopControlPlane } from "../../../rehearsal/controlPlane";
import { clientFor } from "../../../rehearsal/kubernetes/kubeconfig";
import { skip } from "../../skip";
import { proof } from "../proof";
import { apply, applyPod, define, readBack } from "./clusterObjects";
import { Engine, type Question, reasonNoEngine } from "./engine";
import { programFor } from "./program";
import { Table } from "./table";

for (const kind of ["selfManaged", "aks"] satisfies ClusterKind[]) {
    describe(`network: who may talk to whom, ${kind}`, function () {
        this.timeout(1_200_000); // Building Cilium's engine, the first time.
        let sandbox: string | undefined;
        let cilium: Engine;
        let table: Table;
        let question: Question;

        before(async function () {
            const reason = await reasonNoEngine("cilium");
            if (reason) skip(this, reason);
            cilium = await Engine.built("cilium");
            table = new Table(kind);
            sandbox = await mkdtemp(join(tmpdir(), "mainstay-connectivity-"));
            const program = await programFor(kind);
            const plane = await startControlPlane(join(sandbox, "cluster"));
            const client = clientFor(plane.kubeconfig);
            try {
                await define(client, await cilium.definitions());
                for (const namespace of program.namespaces) await apply(client, namespace);
                await apply(client, { apiVersion: "v1", kind: "Namespace", metadata: { name: "forgotten" } });
                for (const { namespace, name, labels } of table.pods) await applyPod(client, namespace, name, labels);
                for (const policy of program.policies) await apply(client, policy);
                const objects = await readBack(client);
                question = {
                    objects,
                    parties: table.ends,
                    ports: table.ports(objects),
                    resolver: table.resolver,
                    policyCIDRMatchMode: program.policyCIDRMatchMode,
                };
            } finally {
                client.close();
            }
        });
        after(async () => {
            if (!sandbox) return;
            await stopControlPlane(join(sandbox, "cluster"));
            await rm(sandbox, { recursive: true, force: true });
        });

        proof(`network: Cilium's engine agrees with the table of every pair, ${kind}`, async (figures) => {
            const began = performance.now();
            const answer = await cilium.judge(question);
            assert.deepEqual(answer.refused, []);
            figures.engine = answer.engine;
            figures.pairs = table.pairs;
            figures.portsPerPair = question.ports.length;
            figures.judgeSeconds = Math.round(performance.now() - began) / 1000;
            assert.deepEqual(table.differences(question, answer), []);
        });
    });
}

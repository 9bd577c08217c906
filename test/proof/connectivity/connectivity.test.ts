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
import { Engine, type EngineName, type Question, reasonNoEngine } from "./engine";
import { programFor } from "./program";
import { disagreements, Table } from "./table";

/** Whom a line of differences is about. */
const pairOf = (line: string) => line.slice(0, line.indexOf(":"));

async function engine(context: Mocha.Context, name: EngineName): Promise<Engine> {
    const reason = await reasonNoEngine(name);
    return reason ? skip(context, reason) : Engine.built(name);
}

for (const kind of ["selfManaged", "aks"] satisfies ClusterKind[]) {
    describe(`who may talk to whom, ${kind}`, function () {
        this.timeout(1_800_000); // Building Cilium's engine, the first time.
        let sandbox: string | undefined;
        let cilium: Engine;
        let cyclonus: Engine;
        let table: Table;
        let question: Question;

        before(async function () {
            cilium = await engine(this, "cilium");
            cyclonus = await engine(this, "cyclonus");
            table = new Table(kind);
            sandbox = await mkdtemp(join(tmpdir(), "mainstay-connectivity-"));
            const program = await programFor(kind);
            const plane = await startControlPlane(join(sandbox, "cluster"));
            const client = clientFor(plane.kubeconfig);
            try {
                const policyKinds = program.policies.map((policy) => policy.kind);
                const definitions = await cilium.definitions();
                await define(
                    client,
                    definitions.filter(({ spec }) => policyKinds.includes(spec.names.kind)),
                );
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

        /** What the table's test would say, had the cluster other objects. */
        async function wrongPairs(change: (object: any) => object[]): Promise<string[]> {
            const objects = question.objects.flatMap((object) => change(structuredClone(object)));
            assert.notDeepEqual(objects, question.objects, "the change has to change something");
            return table.differences(question, await cilium.judge({ ...question, objects }));
        }

        proof(`network: Cilium's engine and the table agree on every pair, ${kind}`, async (figures) => {
            const began = performance.now();
            const answer = await cilium.judge(question);
            figures.judgeSeconds = Math.round(performance.now() - began) / 1000;
            figures.engine = answer.engine;
            figures.policies = question.objects.filter((object: any) => /Policy$/.test(object.kind)).length;
            figures.pairs = table.pairs;
            figures.portsPerPair = question.ports.length;
            assert.deepEqual(answer.refused, []);
            assert.deepEqual(table.differences(question, answer), []);
        });

        proof(`network: cyclonus reads the standard policies as Cilium does, ${kind}`, async (figures) => {
            const standard = {
                ...question,
                objects: question.objects.filter((object: any) => !object.kind.startsWith("Cilium")),
                // The standard leaves open what policies say of nodes.
                parties: question.parties.filter(({ node, apiServer }) => !node && !apiServer),
            };
            const byCilium = await cilium.judge(standard);
            const byCyclonus = await cyclonus.judge(standard);
            figures.engine = byCyclonus.engine;
            figures.pairs = byCyclonus.pairs.length;
            assert.deepEqual([...byCilium.refused, ...byCyclonus.refused], []);
            assert.ok(byCyclonus.pairs.length > 200, "pairs are judged");
            assert.deepEqual(disagreements(question, byCyclonus, byCilium), []);
        });

        it("a way out to everywhere is found, with the pairs that it opens", async () => {
            const found = await wrongPairs((object) => {
                if (object.kind === "NetworkPolicy" && object.metadata.namespace === "reports")
                    for (const { to } of object.spec.egress ?? [])
                        for (const { ipBlock } of to ?? []) if (ipBlock) delete ipBlock.except;
                return [object];
            });
            // Cilium takes no range for nodes, so where API servers are nodes they stay closed.
            const opened = kind === "aks" ? ["API server", "private endpoint"] : ["private endpoint"];
            assert.deepEqual(
                found.map(pairOf),
                opened.map((to) => `from reports to ${to}`),
            );
        });

        it("a forgotten way to DNS is found", async () => {
            const found = await wrongPairs((object) => {
                if (object.kind === "NetworkPolicy" && object.metadata.namespace === "legacy")
                    object.spec.egress = object.spec.egress?.filter(
                        (rule: any) => !/\b53\b/.test(JSON.stringify(rule)),
                    );
                return [object];
            });
            assert.deepEqual(found.map(pairOf), ["from legacy to kube-dns"]);
        });

        it("a cluster without the guard rails is found: forgotten namespaces talk to everybody, and pods become their machine", async () => {
            const found = await wrongPairs((object) =>
                object.kind === "CiliumClusterwideNetworkPolicy" ? [] : [object],
            );
            for (const pair of [
                "from forgotten to internet:",
                "from forgotten to metadata:",
                "from internet to forgotten:",
            ])
                assert.ok(
                    found.some((line) => line.startsWith(pair)),
                    `${pair} is not among\n${found.join("\n")}`,
                );
        });

        it("a name opens nothing to pods whose lookups Cilium does not see", async () => {
            const found = await wrongPairs((object) => {
                if (object.kind === "CiliumNetworkPolicy" && object.metadata.namespace === "web")
                    for (const rule of object.spec.egress) for (const ports of rule.toPorts ?? []) delete ports.rules;
                return [object];
            });
            assert.deepEqual(found.map(pairOf), ["from web to www.example.org"]);
        });

        it("Cilium refuses what it does not know", async () => {
            const objects = [
                {
                    apiVersion: "cilium.io/v2",
                    kind: "CiliumNetworkPolicy",
                    spec: { endpointSelector: {}, egres: [{}] },
                },
                {
                    apiVersion: "cilium.io/v2",
                    kind: "CiliumNetworkPolicy",
                    spec: { endpointSelector: {}, egress: [{ toFQDNs: [{ matchName: "a b" }] }] },
                },
            ].map((object) => ({ ...object, metadata: { name: "wrong", namespace: "shop" } }));
            const { refused } = await cilium.judge({ ...question, objects: [...question.objects, ...objects] });
            assert.deepEqual(
                refused.map(({ object }) => object),
                ["CiliumNetworkPolicy shop/wrong", "CiliumNetworkPolicy shop/wrong"],
            );
            assert.match(refused[0].reason, /egres/);
        });
    });
}

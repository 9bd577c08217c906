import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ITEMS, type Report } from "../../rehearsal/report";
import { StartCommand } from "./startCommand";

describe("a stack, rehearsed end to end", function () {
    this.timeout(300_000);
    let start: StartCommand;

    before(async () => {
        start = await StartCommand.prepare();
    });
    after(() => start.remove());

    const readReport = async (name: string) => JSON.parse(await readFile(join(start.sandbox, name), "utf8")) as Report;

    for (const [stack, kind] of ["staging", "prod"].flatMap((stack) =>
        ["selfManaged", "aks"].map((kind) => [stack, kind]),
    )) {
        describe(`${stack}, ${kind}`, () => {
            const asked = [stack, "--cluster", kind];
            const kept = () => join(start.sandbox, "cache", "rehearsals", stack);

            it("comes up on a simulated Azure and a real API server, and meets what is built so far", async () => {
                const { code, stdout, stderr } = await start.run([...asked, "--keep", "--report", "first.json"]);
                assert.equal(code, 0, stdout + stderr);
                const report = await readReport("first.json");
                assert.equal(report.stack, stack);
                assert.equal(report.cluster, kind);
                assert.ok(report.seconds > 0);
                assert.ok(report.resources.create > 30);
                assert.deepEqual(report.resources, {
                    create: report.resources.create,
                    update: 0,
                    delete: 0,
                    replace: 0,
                    same: 0,
                });
                assert.ok(report.policies.rules > 20);
                assert.ok(report.policies.evaluations > report.policies.rules);
                assert.deepEqual(report.policies.mandatory, []);
                assert.ok(report.policies.undecided.every(({ expected }) => expected));
                assert.ok(report.policies.undecided.every(({ decidedByUp }) => decidedByUp === "passed"));
                assert.deepEqual(
                    report.checklist.map(({ item }) => item),
                    [...ITEMS],
                );
                for (const { item, status, evidence } of report.checklist) {
                    if (status === "met") assert.ok(evidence.length > 0, item);
                }
                for (const item of ["access by group", "control plane on several", "cloud load balancer"]) {
                    assert.equal(report.checklist.find((one) => one.item.startsWith(item))?.status, "met", item);
                }
                assert.match(stdout, /checklist: \d+ met/);
                for (const line of stdout.split("\n── checklist")[0].split("\n")) assert.ok(line.length <= 100, line);
            });

            it("answers kubectl while it is kept, by the kubeconfig that was shown", () => {
                const kubeconfig = join(kept(), "cluster", "kubeconfig");
                const kubectl = join(start.sandbox, "tools", "kubectl");
                const nodes = execFileSync(kubectl, ["--kubeconfig", kubeconfig, "get", "nodes", "-o", "json"], {
                    encoding: "utf8",
                });
                const zones = (
                    JSON.parse(nodes) as { items: { metadata: { labels: Record<string, string> } }[] }
                ).items.map(({ metadata }) => metadata.labels["topology.kubernetes.io/zone"]);
                assert.equal(new Set(zones).size, 3, "nodes in three zones");
            });

            it("is the same throughout when it is rehearsed again", async () => {
                const { code, stdout, stderr } = await start.run([...asked, "--keep", "--report", "second.json"]);
                assert.equal(code, 0, stdout + stderr);
                const [first, second] = [await readReport("first.json"), await readReport("second.json")];
                const same = first.resources.create;
                assert.deepEqual(second.resources, { create: 0, update: 0, delete: 0, replace: 0, same });
                assert.deepEqual(
                    second.checklist.map(({ status }) => status),
                    first.checklist.map(({ status }) => status),
                );
            });

            it("is gone when it is destroyed", async () => {
                const { code, stdout } = await start.run([stack, "--destroy"]);
                assert.equal(code, 0, stdout);
                assert.equal(existsSync(kept()), false);
                assert.deepEqual(start.processes(), []);
            });
        });
    }

    it("comes up although Azure throttles, and leaves nothing behind when it is not kept", async () => {
        const { code, stdout, stderr } = await start.run(["--fault", "throttle=0.1", "--fault", "seed=3"]);
        assert.equal(code, 0, stdout + stderr);
        assert.doesNotMatch(stdout, /kubectl/);
        assert.deepEqual(start.processes(), []);
        assert.deepEqual(await start.runFolders(), []);
    });
});

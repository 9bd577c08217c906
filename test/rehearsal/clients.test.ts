import assert from "node:assert/strict";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startControlPlane, stopControlPlane, type ControlPlane } from "../../rehearsal/controlPlane";
import { clientFor } from "../../rehearsal/kubernetes/kubeconfig";
import { analyseWatch, analyseWriter } from "../proof/clients/analysis";
import { clientProgram, reasonNoClient } from "../proof/clients/build";
import { reach, startWatch, startWriter, type RunningClient, type WriterArgs } from "../proof/clients/run";
import type { Write } from "../proof/clients/lines";
import { skip } from "../skip";

describe("the proofs' clients", function () {
    this.timeout(180_000);
    let runFolder: string;
    let folder: string;
    let plane: ControlPlane;
    const running: RunningClient<unknown>[] = [];

    before(async function () {
        const reason = await reasonNoClient();
        if (reason) skip(this, reason);
        await clientProgram();
        runFolder = await mkdtemp(join(tmpdir(), "mainstay-clients-test-"));
        folder = join(runFolder, "cluster");
        plane = await startControlPlane(folder);
    });
    after(async () => {
        await Promise.allSettled(running.map((client) => client.end()));
        if (!runFolder) return;
        await stopControlPlane(folder);
        await rm(runFolder, { recursive: true, force: true });
    });

    const writer = async (args: Omit<WriterArgs, "kubeconfig">): Promise<RunningClient<Write>> => {
        const client = await startWriter({ kubeconfig: plane.kubeconfig, ...args });
        running.push(client);
        return client;
    };
    const watcher = async () => {
        const client = await startWatch({ kubeconfig: plane.kubeconfig });
        running.push(client);
        return client;
    };
    const storedNames = async (): Promise<string[]> => {
        const client = clientFor(plane.kubeconfig);
        try {
            const { body } = await client.request("GET", "/api/v1/namespaces/default/configmaps");
            return body.items.map((item: { metadata: { name: string } }) => item.metadata.name);
        } finally {
            client.close();
        }
    };
    const apiServer = async (): Promise<number> =>
        JSON.parse(await readFile(join(folder, "processes.json"), "utf8")).children["kube-apiserver"];
    const acknowledged = (client: RunningClient<Write>, after: number) =>
        client.next((line) => line.ok && line.at > after);

    it("see an API server that stands still for two seconds as failed writes and a gap, and nothing as lost or missed", async () => {
        const watch = await watcher();
        const kept = await writer({ name: "still-kept" });
        const fresh = await writer({ name: "still-new", newConnections: true });
        const patient = await writer({ name: "still-patient", retryWithinMs: 10_000 });
        const writers = [kept, fresh, patient];
        await Promise.all(writers.map((client) => acknowledged(client, 0)));

        const pid = await apiServer();
        process.kill(pid, "SIGSTOP");
        await sleep(2_000);
        process.kill(pid, "SIGCONT");
        await Promise.all(writers.map((client) => acknowledged(client, Date.now())));
        const lines = await Promise.all(writers.map((client) => client.end()));

        const stored = await storedNames();
        const figures = lines.map((writes) => analyseWriter(writes, stored));
        for (const { lost, longestGapMs } of figures) {
            assert.deepEqual(lost, []);
            assert.ok(longestGapMs >= 1_900, `the gap was ${longestGapMs} ms`);
        }
        const [keptFigures, freshFigures, patientFigures] = figures;
        assert.ok(keptFigures.failures.timeout > 0, JSON.stringify(keptFigures.failures));
        assert.ok(freshFigures.failures.timeout > 0, JSON.stringify(freshFigures.failures));
        assert.equal(patientFigures.failed, 0);
        assert.ok(
            lines[2].some(({ attempts }) => attempts > 1),
            "nothing was tried again",
        );

        const portsOf = (writes: Write[]) => new Set(writes.filter(({ ok }) => ok).map(({ port }) => port));
        assert.equal(portsOf(lines[0]).size, 1, "a kept connection is one connection");
        assert.equal(portsOf(lines[1]).size, freshFigures.acknowledged, "a connection for each request");

        const names = stored.filter((name) => name.startsWith("still-"));
        await watch.next(({ name }) => name === lines[2].at(-1)!.name);
        const { missed, repeated, startedAnew } = analyseWatch(await watch.end(), names);
        assert.deepEqual({ missed, repeated, startedAnew }, { missed: [], repeated: [], startedAnew: 0 });
    });

    it("go on by themselves when the API server is killed and started again", async () => {
        const watch = await watcher();
        const plain = await writer({ name: "killed-plain" });
        const patient = await writer({ name: "killed-patient", retryWithinMs: 60_000 });
        await Promise.all([plain, patient].map((client) => acknowledged(client, 0)));

        process.kill(await apiServer(), "SIGKILL");
        await stopControlPlane(folder);
        await plain.next(({ error }) => error === "connection refused");
        plane = await startControlPlane(folder);
        const again = Date.now();
        await Promise.all([plain, patient].map((client) => acknowledged(client, again)));
        const [plainLines, patientLines] = await Promise.all([plain.end(), patient.end()]);

        const stored = await storedNames();
        assert.deepEqual(analyseWriter(plainLines, stored).lost, []);
        const { lost, failed } = analyseWriter(patientLines, stored);
        assert.deepEqual({ lost, failed }, { lost: [], failed: 0 });

        const names = stored.filter((name) => name.startsWith("killed-"));
        const last = patientLines.at(-1)!.name;
        await watch.next(({ name }) => name === last);
        const { missed, neverLearned, startedAnew } = analyseWatch(await watch.end(), names);
        assert.deepEqual(neverLearned, []);
        // A new API server remembers nothing from before it started: what the watch had not said by then it only lists.
        if (startedAnew === 0) assert.deepEqual(missed, []);
    });

    it("a name that somebody else took is no success", async () => {
        await (
            await writer({ name: "taken", ratePerSecond: 1, seconds: 1 })
        ).ended;
        const again = await (await writer({ name: "taken", ratePerSecond: 1, seconds: 1, retryWithinMs: 5_000 })).ended;
        assert.deepEqual(
            again.map(({ ok, error, attempts }) => ({ ok, error, attempts })),
            [{ ok: false, error: "AlreadyExists", attempts: 1 }],
        );
    });

    it("a request for reach is a connection of its own, and 200 alone is an answer", async () => {
        const { certificateAuthority } = JSON.parse(await readFile(join(folder, "api-server.json"), "utf8"));
        const lines = await reach({
            authority: certificateAuthority,
            urls: [`${plane.server}/readyz`, `${plane.server}/nowhere`],
            times: 5,
        });
        assert.deepEqual(
            lines.map(({ ok }) => ok),
            [...Array(5).fill(true), ...Array(5).fill(false)],
        );
        assert.equal(new Set(lines.map(({ port }) => port)).size, 10);
        assert.ok(
            lines.slice(5).every(({ status }) => status === 401),
            "nobody signed in, and the path is not a public one",
        );
    });

    it("a wrong authority is told from a server that does not answer", async () => {
        const { certificateAuthority } = JSON.parse(await readFile(join(folder, "api-server.json"), "utf8"));
        const unknown = createServer({
            key: await readFile(join(folder, "pki", "authority.key")),
            cert: await readFile(certificateAuthority),
        });
        await new Promise<void>((resolve) => unknown.listen(0, "127.0.0.1", resolve));
        try {
            const url = `https://127.0.0.1:${(unknown.address() as AddressInfo).port}/`;
            const [line] = await reach({ authority: certificateAuthority, urls: [url], times: 1 });
            assert.equal(line.ok, false);
            assert.match(line.error ?? "", /x509/);
        } finally {
            unknown.close();
        }
    });

    it("a client that cannot begin says why", async () => {
        const nowhere = join(runFolder, "nowhere");
        const client = await startWriter({ kubeconfig: nowhere, name: "x" });
        await assert.rejects(client.ended, /client write ended with 1: .*nowhere: no such file/);
        await writeFile(nowhere, "");
        await assert.rejects(startWatch({ kubeconfig: nowhere, seconds: 5 }), /client watch ended with/);
    });
});

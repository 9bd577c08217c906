import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { analyseWatch, analyseWriter } from "../clients/analysis";
import type { Watched, Write } from "../clients/lines";
import { type RunningClient, startWatch, startWriter, type WriterArgs } from "../clients/run";
import { medianOf, type Run, tableOf } from "../clients/table";
import { timelineOf } from "../clients/timeline";
import { type Figures, proof } from "../proof";
import type { Region } from ".";
import { initialiserOf, leaderOf } from "./cluster";
import { Balancer } from "./fabric/balancer";
import type { Machine } from "./machine";
import { wholeRegion } from "./shared";

/** A quick repetition in CI; `npm run test:proof -- --all` has all ten. */
const repetitions = process.env.MAINSTAY_PROOF_ALL ? 10 : 3;
const quickProbe = { intervalSeconds: 1, threshold: 2 };
/** docs/control-plane.md says why. */
const recommendedPing = { readIdleSeconds: 5, timeoutSeconds: 5 };
const BEFORE_SECONDS = 3;
/** Plots of the last run of each fault. */
const timelines = join(__dirname, "../../../proof-timelines");

type Fault = "killed" | "cut off";

/** How long writes stop, and that nothing which was acknowledged is lost, when a machine of the control plane dies. */
describe("a machine of the control plane dies", function () {
    this.timeout(30 * 60_000);

    let region: Region;
    /** The same machines behind another frontend, whose probe is quicker than the program's. */
    let quick: Balancer;
    before(async function () {
        region = await wholeRegion(this);
        const { spec } = region.balancer;
        quick = new Balancer(region.fabric, { ...spec, address: spec.address.replace(/\d+$/, "100") }, quickProbe);
        await quick.start();
    });
    after(() => quick?.stop());
    beforeEach(async function () {
        await wholeRegion(this);
    });

    const roles: Record<string, () => Promise<Machine>> = {
        "etcd's leader": () => leaderOf(region.machines),
        "a follower": async () => {
            const leader = await leaderOf(region.machines);
            return region.machines.find((machine) => machine !== leader)!;
        },
    };
    for (const [role, find] of Object.entries(roles)) {
        proof(`failover: ${role} dies, ${repetitions} times, killed and cut off by turns`, async (figures) => {
            const runs: Run[] = [];
            for (let number = 0; number < repetitions; number++) {
                const fault: Fault = number % 2 === 0 ? "killed" : "cut off";
                runs.push(...(await newConnections(`${role} is ${fault}`, await find(), fault)));
            }
            report(figures, runs);
            noGapIsLongerThanTheProbe(runs);
            const goal = role === "a follower" ? 2_500 : 3_000;
            assert.ok(medianOf(gapsOf(runs, quicker)) <= goal, JSON.stringify(figures));
        });
    }

    proof(
        "failover: the machine that initialised the cluster dies, and is no other than the others",
        async (figures) => {
            const runs = await newConnections(
                "the initialiser is killed",
                await initialiserOf(region.machines),
                "killed",
            );
            report(figures, runs);
            noGapIsLongerThanTheProbe(runs);
        },
    );

    proof(
        "failover: connections that are kept, by client-go's defaults and by the recommended pings",
        async (figures) => {
            const runs: Run[] = [];
            for (const fault of ["killed", "cut off"] as Fault[]) runs.push(...(await keptConnections(fault)));
            report(figures, runs);
        },
    );

    const asProgrammed = "new connection per request";
    const quicker = "new connection per request, probe of 1 s × 2";

    /** The goal: what the probe takes to find out, and two seconds. */
    function noGapIsLongerThanTheProbe(runs: Run[]): void {
        const { intervalSeconds, threshold } = region.balancer.spec.probe;
        for (const run of runs.filter(({ client }) => client === asProgrammed))
            assert.ok(run.longestGapMs <= (intervalSeconds * threshold + 2) * 1000, JSON.stringify(run));
    }

    async function newConnections(fault: string, machine: Machine, how: Fault): Promise<Run[]> {
        const kubeconfig = region.clients.kubeconfig;
        const name = `n${Date.now()}`;
        const watch = await startWatch({ kubeconfig, ping: recommendedPing }, region.clients.spawn);
        const writers = {
            [asProgrammed]: await startWriter({ kubeconfig, name, newConnections: true }, region.clients.spawn),
            [quicker]: await startWriter(
                {
                    kubeconfig: region.clients.kubeconfigFor(quick.spec.address),
                    name: `${name}-quick`,
                    newConnections: true,
                },
                region.clients.spawn,
            ),
        };
        await sleep(BEFORE_SECONDS * 1000);
        // Until the program's probe has found out, and what follows.
        const { intervalSeconds, threshold } = region.balancer.spec.probe;
        return observe(fault, machine, how, writers, watch, intervalSeconds * (threshold + 1) + 2);
    }

    /**
     * Writers whose connections lead to the machine that dies. client-go asks a silent connection for a sign of life after 30 s and gives it
     * 15; a busy one fills its 100 streams with requests that hang, and dials anew before that.
     */
    async function keptConnections(how: Fault): Promise<Run[]> {
        const kubeconfig = region.clients.kubeconfig;
        const machine = await leaderOf(region.machines);
        const kinds: Record<string, Partial<WriterArgs>> = {
            "kept connection, client-go's defaults, 10 writes/s": {},
            "kept connection, client-go's defaults, 2 writes/s": { ratePerSecond: 2 },
            "kept connection, pings of 5 s and 5 s, 2 writes/s": { ratePerSecond: 2, ping: recommendedPing },
        };
        const writers: Record<string, RunningClient<Write>> = {};
        for (const [kind, args] of Object.entries(kinds))
            writers[kind] = await writerTo(machine, (name) =>
                startWriter({ kubeconfig, name, ...args }, region.clients.spawn),
            );
        const watch = await startWatch({ kubeconfig, ping: recommendedPing }, region.clients.spawn);
        await sleep(BEFORE_SECONDS * 1000);
        return observe(`etcd's leader is ${how}`, machine, how, writers, watch, how === "killed" ? 15 : 60);
    }

    /** The balancer decides by hash where a connection goes: another one is made until it goes there. */
    async function writerTo(
        machine: Machine,
        startOne: (name: string) => Promise<RunningClient<Write>>,
    ): Promise<RunningClient<Write>> {
        for (let attempt = 0; ; attempt++) {
            const writer = await startOne(`k${Date.now()}`);
            const { port } = await writer.next(({ ok }) => ok);
            if ((await region.backendOf(port!)) === machine) return writer;
            await writer.end();
            assert.ok(attempt < 50, `no connection goes to ${machine.name}`);
        }
    }

    async function observe(
        fault: string,
        machine: Machine,
        how: Fault,
        writers: Record<string, RunningClient<Write>>,
        watch: RunningClient<Watched>,
        seconds: number,
    ): Promise<Run[]> {
        const died = Date.now();
        if (how === "killed") await machine.kill();
        else await region.fabric.cut(machine.name);
        await sleep(seconds * 1000);
        const written = await Promise.all(Object.values(writers).map((writer) => writer.end()));
        const changes = region.balancer.changes.filter(({ at }) => at >= died);
        if (how === "killed") await machine.start();
        else await region.fabric.mend(machine.name);
        await region.whole();

        const stored = await region.clients.storedNames();
        const watched = await seenBy(watch, stored);
        const { missed } = analyseWatch(watched, stored);
        const runs = Object.keys(writers).map((client, index) => {
            const { longestGapMs, failed, lost, acknowledged } = analyseWriter(written[index], stored);
            assert.ok(acknowledged > 0, `${client} never wrote`);
            assert.ok(
                written[index].some(({ at, ok }) => ok && at > died),
                `${client} never wrote again`,
            );
            return { client, fault, longestGapMs, failed, lost: lost.length, missed: missed.length };
        });
        mkdirSync(timelines, { recursive: true });
        writeFileSync(
            join(timelines, `${slug(`${fault}, ${Object.keys(writers)[0].split(",")[0]}`)}.svg`),
            timelineOf({
                title: `Writes while ${fault}`,
                subtitle: `three nodes of Kubernetes ${region.versions.kubernetes} and etcd ${region.versions.etcd} on one machine of ${cpus().length} processors`,
                writers: Object.keys(writers).map((client, index) => ({ label: client, writes: written[index] })),
                moments: [
                    { at: died, label: fault },
                    ...changes.map(({ at, backend, up }) => ({ at, label: `probe: ${backend} ${up ? "up" : "down"}` })),
                ],
            }),
        );
        assert.deepEqual(
            runs.map(({ lost, missed }) => ({ lost, missed })),
            runs.map(() => ({ lost: 0, missed: 0 })),
        );
        return runs;
    }

    /** What the watch saw, once it had the time to resume. */
    async function seenBy(watch: RunningClient<Watched>, stored: string[]): Promise<Watched[]> {
        const deadline = Date.now() + 30_000;
        while (analyseWatch(watch.lines, stored).missed.length > 0 && Date.now() < deadline) await sleep(200);
        return watch.end();
    }

    function report(figures: Figures, runs: Run[]): void {
        Object.assign(figures, { runs, table: tableOf(runs) });
        console.log(tableOf(runs));
    }

    const slug = (text: string) => text.toLowerCase().replaceAll(/[^a-z]+/g, "-");
    const gapsOf = (runs: Run[], client: string) =>
        runs.filter((run) => run.client === client).map(({ longestGapMs }) => longestGapMs);
});

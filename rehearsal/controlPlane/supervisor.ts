/**
 * Parent of a control plane's processes: `supervisor.ts <folder>`. It starts them, plays the cloud's part of the
 * cluster (nodes, load balancers, disks, the issuer of tokens), boots the machines of a program in their place, and ends
 * them when told to, when one of them dies, or when its starter does, which it notices by the end of its standard input.
 */
import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Cloud } from "../azure/state/cloud";
import { SimulatedCloud } from "./cloud";
import { openDoor } from "./door/server";
import type { Ways } from "./door/ways";
import { layout, readJson, writeJson } from "./folder";
import { administratorGroups } from "./administrators";
import { serveIssuer } from "./issuer";
import type { Boots } from "./machine/boots";
import { currentPlan, type Plan, type Runnable } from "./plan";
import type { RunningProcesses } from "./processes";
import { Running } from "./running";
import { signInHost } from "../kubelogin/token";

const START_SECONDS = 60;

const folder = process.argv[2];
const place = layout(folder);
const plan = readJson<Plan>(place.plan)!;
const proxy = `http://127.0.0.1:${plan.door.port}`;
const ending = new AbortController();
const refused = new Set<string>();
const azure = new Cloud(plan.azureFolder);
let running: Running | undefined;
let runs: Runnable = currentPlan(place);
let cloud: SimulatedCloud | undefined;

function record(children: Record<string, number>): void {
    const processes: RunningProcesses = { supervisor: process.pid, children };
    writeJson(place.processes, processes);
}

/** @throws StartError, with nothing left running */
async function start(wanted: Runnable): Promise<void> {
    const next = new Running(wanted, place, proxy, record, (why) => void end(why));
    running = next;
    try {
        await next.start(START_SECONDS);
    } catch (error) {
        await next.kill();
        throw error;
    }
    runs = wanted;
    cloud = new SimulatedCloud(next.client, plan.azureFolder, place);
}

/** Puts another control plane in place of the one that runs. @throws StartError, with the former running again */
async function replace(wanted: Runnable): Promise<Running> {
    const former = runs;
    cloud = undefined;
    await running?.kill();
    try {
        await start(wanted);
    } catch (error) {
        running?.keepLogs();
        await start(former);
        throw error;
    }
    return running!;
}

async function end(why: string): Promise<void> {
    if (ending.signal.aborted) return;
    ending.abort();
    console.log(why);
    rmSync(place.door, { force: true });
    await running?.end();
    process.exit(0);
}

let boots: Promise<Boots> | undefined;
let ways: Promise<Ways> | undefined;

/** Most rehearsals boot nothing, and start without reading how that is done. */
function loadBoots(): Promise<Boots> {
    return (boots ??= import("./machine/boots").then(({ Boots }) => new Boots({ azure, place, plan, replace })));
}

function loadWays(): Promise<Ways> {
    return (ways ??= import("./door/ways").then(({ Ways }) => new Ways(azure, place, plan.ports)));
}

/** The API server asks for its issuer's documents every ten seconds. */
function logOnce(line: string): void {
    if (refused.has(line)) return;
    refused.add(line);
    console.log(line);
}

async function main(): Promise<void> {
    process.on("SIGTERM", () => void end("told to end"));
    process.on("SIGINT", () => undefined);
    process.on("SIGHUP", () => undefined);
    if (plan.endsWithStarter) {
        process.stdin.on("end", () => void end("the starter has gone"));
        process.stdin.on("error", () => void end("the starter has gone"));
        process.stdin.resume();
    }
    record({});
    await serveIssuer({ ...plan.issuer, port: plan.ports.issuer, signIn: place.signIn });

    await openDoor(plan.door, {
        way: async (host, port) =>
            host === signInHost && port === 443 ? plan.ports.issuer : (await loadWays()).find(host, port),
        boot: async (vmId) => (await loadBoots()).boot(vmId),
        administrators: async () => administratorGroups(running!.client),
        log: logOnce,
    });
    writeJson(place.door, { address: proxy, token: plan.door.token });
    await start(runs);

    while (!ending.signal.aborted) {
        await cloud?.step().catch((error) => {
            if (!ending.signal.aborted && cloud) console.log(String(error?.message ?? error));
        });
        await sleep(300, undefined, { signal: ending.signal }).catch(() => undefined);
    }
}

main().catch((error) => end(String(error?.stack ?? error)));

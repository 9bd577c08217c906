/**
 * Parent of a control plane's processes: `supervisor.ts <folder>`. It starts them, plays the cloud's part of the
 * cluster (nodes, load balancers, disks, the issuer of tokens), and ends them when told to, when one of them dies, or
 * when its starter does, which it notices by the end of its standard input.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { clientFor } from "../kubernetes/kubeconfig";
import { serveIssuer } from "./issuer";
import { layout, readJson, writeJson } from "./folder";
import type { Plan, Program } from "./plan";
import type { RunningProcesses } from "./processes";
import { SimulatedCloud } from "./cloud";
import { waitUntilReady } from "./ready";

const folder = process.argv[2];
const place = layout(folder);
const plan = readJson<Plan>(place.plan)!;
const children = new Map<string, ChildProcess>();
const ending = new AbortController();

function start(program: Program): void {
    const log = openSync(join(place.logs, `${program.name}.log`), "w", 0o600);
    const child = spawn(program.path, program.args, {
        cwd: folder,
        stdio: ["ignore", log, log],
        // A group of its own: Ctrl-C in the terminal is the starter's affair.
        detached: true,
        // Proxies and kubeconfigs of the user's have no business here.
        env: { PATH: process.env.PATH, HOME: folder, GOMAXPROCS: process.env.GOMAXPROCS ?? "" },
    });
    children.set(program.name, child);
    record();
    child.on("error", (error) => void end(`${program.name} could not be started: ${error.message}`));
    child.on("exit", (code, signal) => {
        children.delete(program.name);
        if (!ending.signal.aborted) void end(`${program.name} ended (${signal ?? code}); its log is in ${place.logs}`);
    });
}

function record(): void {
    const running: RunningProcesses = {
        supervisor: process.pid,
        children: Object.fromEntries([...children].map(([name, child]) => [name, child.pid ?? 0])),
    };
    writeJson(place.processes, running);
}

/** etcd last, so that the others can still write what they want to. */
async function end(why: string): Promise<void> {
    if (ending.signal.aborted) return;
    ending.abort();
    console.log(why);
    await endChildren([...children.keys()].filter((name) => name !== "etcd"));
    await endChildren([...children.keys()]);
    process.exit(0);
}

async function endChildren(names: string[]): Promise<void> {
    const ended = names.flatMap((name) => {
        const child = children.get(name);
        if (!child || child.exitCode !== null || child.signalCode !== null) return [];
        child.kill("SIGTERM");
        const overdue = setTimeout(() => child.kill("SIGKILL"), 1_500);
        return new Promise<void>((resolve) =>
            child.once("exit", () => {
                clearTimeout(overdue);
                resolve();
            }),
        );
    });
    await Promise.all(ended);
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
    record();
    await serveIssuer(plan.issuer);
    for (const program of plan.programs.filter((program) => !program.afterApiServer)) start(program);

    const client = clientFor(plan.kubeconfig);
    await waitUntilReady(client, ending.signal);
    for (const program of plan.programs.filter((program) => program.afterApiServer)) start(program);

    const cloud = new SimulatedCloud(client, plan.azureFolder);
    while (!ending.signal.aborted) {
        await cloud.step().catch((error) => {
            if (!ending.signal.aborted) console.log(String(error?.message ?? error));
        });
        await sleep(300, undefined, { signal: ending.signal }).catch(() => undefined);
    }
}

main().catch((error) => end(String(error?.stack ?? error)));

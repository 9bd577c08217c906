import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface Process {
    pid: number;
    parent: number;
    command: string[];
    folder: string;
}

/** Which deployment a process belongs to. */
export type Belongs = (process: Process) => boolean;

/** By where they work: a deployment's engine and plugins in the project's folder, an analyzer in its pack's. */
export function worksIn(...folders: string[]): Belongs {
    return ({ folder }) => folders.some((one) => folder === one || folder.startsWith(`${one}/`));
}

/** By what they inherited: a rehearsal's plugins work in the project's folder, as those of any other rehearsal do. */
export function inherited(name: string, value: string): Belongs {
    return ({ pid }) => read(`/proc/${pid}/environ`)?.split("\0").includes(`${name}=${value}`) ?? false;
}

export interface EngineProcesses {
    /** Engines that still run, and so do their plugins. */
    engines: Process[];
    /** Plugins that nobody waits for: every engine above them has gone. */
    orphans: Process[];
}

/** The engine's own processes that belong to a deployment. Linux only: elsewhere there is no /proc to read. */
export function engineProcesses(belongs: Belongs): EngineProcesses {
    const all = listProcesses();
    const byPid = new Map(all.map((process) => [process.pid, process]));
    const hasEngine = (process: Process | undefined): boolean =>
        process !== undefined && (isEngine(process) || hasEngine(byPid.get(process.parent)));
    const own = all.filter((process) => isOfEngine(process.command) && belongs(process));
    return { engines: own.filter(isEngine), orphans: own.filter((process) => !hasEngine(process)) };
}

const isEngine = ({ command }: Process) => basename(command[0] ?? "") === "pulumi";

/** `pulumi` itself, a `pulumi-resource-…` or `pulumi-language-…` plugin, or the Node program or pack that one started. */
function isOfEngine(command: string[]): boolean {
    return (
        command.slice(0, 2).some((word) => /^pulumi(-(resource|language|analyzer)-.*)?$/.test(basename(word))) ||
        command.some((word) => /@pulumi\/pulumi\/cmd\/(run|run-policy-pack)(\/|$)/.test(word))
    );
}

/** Asks, then insists: a provider that is in the middle of a request may take a moment to leave. */
export async function endProcesses(processes: Process[], graceMilliseconds = 2000): Promise<void> {
    processes.forEach(({ pid }) => signal(pid, "SIGTERM"));
    const deadline = Date.now() + graceMilliseconds;
    // Only those that never left: the number of one that did may be another's by now.
    let left = processes;
    while ((left = left.filter(({ pid }) => signal(pid, 0))).length > 0 && Date.now() < deadline) await sleep(50);
    left.forEach(({ pid }) => signal(pid, "SIGKILL"));
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
    try {
        return process.kill(pid, name);
    } catch {
        return false;
    }
}

function listProcesses(): Process[] {
    if (process.platform !== "linux") return [];
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    return pids.flatMap((pid) => {
        const status = read(`/proc/${pid}/stat`);
        const command = read(`/proc/${pid}/cmdline`);
        const folder = workingFolder(pid);
        // Gone in the meantime, or not ours to read.
        if (status === undefined || command === undefined || folder === undefined) return [];
        const parent = Number(status.slice(status.lastIndexOf(")") + 2).split(" ")[1]);
        return [{ pid: Number(pid), parent, command: command.split("\0").filter(Boolean), folder }];
    });
}

function read(path: string): string | undefined {
    try {
        return readFileSync(path, "utf8");
    } catch {
        return undefined;
    }
}

function workingFolder(pid: string): string | undefined {
    try {
        return readlinkSync(`/proc/${pid}/cwd`);
    } catch {
        return undefined;
    }
}

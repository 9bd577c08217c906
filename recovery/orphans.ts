import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface Process {
    pid: number;
    parent: number;
    command: string[];
    folder: string;
}

/** The engine's own processes that work in one of the folders. Linux only: elsewhere there is no /proc to read. */
export function engineProcesses(folders: string[]): Process[] {
    return listProcesses().filter(
        (process) => folders.some((folder) => within(process.folder, folder)) && isEngineProcess(process.command),
    );
}

/** `pulumi` itself, a `pulumi-resource-…` or `pulumi-language-…` plugin, or the Node program or pack that one started. */
function isEngineProcess(command: string[]): boolean {
    return (
        command.slice(0, 2).some((word) => /^pulumi(-(resource|language|analyzer)-.*)?$/.test(basename(word))) ||
        command.some((word) => /@pulumi\/pulumi\/cmd\/(run|run-policy-pack)(\/|$)/.test(word))
    );
}

/** Those that nobody waits for any more: every engine above them has gone. */
export function orphansOf(processes: Process[]): { orphans: Process[]; engines: Process[] } {
    const engines = processes.filter(({ command }) => basename(command[0] ?? "") === "pulumi");
    const byPid = new Map(processes.map((process) => [process.pid, process]));
    const belongsToEngine = (process: Process | undefined): boolean =>
        process !== undefined && (engines.includes(process) || belongsToEngine(byPid.get(process.parent)));
    return { engines, orphans: processes.filter((process) => !belongsToEngine(process)) };
}

/** Asks, then insists: a provider that is in the middle of a request may take a moment to leave. */
export async function endProcesses(processes: Process[], graceMilliseconds = 2000): Promise<void> {
    processes.forEach(({ pid }) => signal(pid, "SIGTERM"));
    const deadline = Date.now() + graceMilliseconds;
    while (Date.now() < deadline && processes.some(({ pid }) => signal(pid, 0))) await sleep(50);
    processes.forEach(({ pid }) => signal(pid, "SIGKILL"));
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
    try {
        return process.kill(pid, name);
    } catch {
        return false;
    }
}

function listProcesses(): Process[] {
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    return pids.flatMap((pid) => {
        try {
            const status = readFileSync(`/proc/${pid}/stat`, "utf8");
            const parent = Number(status.slice(status.lastIndexOf(")") + 2).split(" ")[1]);
            const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").filter(Boolean);
            return [{ pid: Number(pid), parent, command, folder: readlinkSync(`/proc/${pid}/cwd`) }];
        } catch {
            return []; // gone in the meantime, or not ours to read
        }
    });
}

const within = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`);

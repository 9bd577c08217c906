import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { layout, readJson } from "./folder";

/** What `processes.json` holds. */
export interface RunningProcesses {
    supervisor: number;
    children: Record<string, number>;
}

/**
 * Processes of this folder's control plane that still run, the supervisor first. A number alone proves nothing, since
 * numbers are used again: the command line has to name the folder.
 */
export function ownProcesses(folder: string): number[] {
    const recorded = readJson<RunningProcesses>(layout(folder).processes);
    if (!recorded) return [];
    return [recorded.supervisor, ...Object.values(recorded.children)].filter((pid) => isOurs(pid, folder));
}

/** Ends them: politely, and after a few seconds for good. */
export async function endProcesses(folder: string): Promise<void> {
    const [first] = ownProcesses(folder);
    // The supervisor ends its own children in the right order; without one, each is told.
    const recorded = readJson<RunningProcesses>(layout(folder).processes);
    const told = first !== undefined && first === recorded?.supervisor ? [first] : ownProcesses(folder);
    for (const pid of told) signal(pid, "SIGTERM");

    for (let waited = 0; waited < 6_000; waited += 50) {
        if (ownProcesses(folder).length === 0) return;
        await sleep(50);
    }
    for (const pid of ownProcesses(folder)) signal(pid, "SIGKILL");
    while (ownProcesses(folder).length > 0) await sleep(50);
}

function isOurs(pid: number, folder: string): boolean {
    return Number.isInteger(pid) && pid > 1 && commandLineOf(pid).includes(folder);
}

/** Empty when there is no such process, or only its remains. */
function commandLineOf(pid: number): string {
    try {
        if (process.platform === "linux") return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
        return execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" });
    } catch {
        return "";
    }
}

export function signal(pid: number, name: NodeJS.Signals): void {
    try {
        process.kill(pid, name);
    } catch {
        // It has gone meanwhile.
    }
}

import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

/** Every process below one, itself first. The engine puts each plugin into a process group of its own, so groups do not tell. */
export async function processTree(pid: number): Promise<number[]> {
    const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid="]);
    const children = new Map<number, number[]>();
    for (const line of stdout.trim().split("\n")) {
        const [child, parent] = line.trim().split(/\s+/).map(Number);
        children.set(parent, [...(children.get(parent) ?? []), child]);
    }
    const tree: number[] = [];
    const collect = (process: number) => {
        tree.push(process);
        children.get(process)?.forEach(collect);
    };
    collect(pid);
    return tree;
}

/** Kills a process and everything below it, at once and for good. */
export async function killTree(pid: number): Promise<void> {
    // The root is stopped first: it starts nothing more while its children are counted.
    send(pid, "SIGSTOP");
    for (const process of await processTree(pid)) send(process, "SIGKILL");
}

/** Returns when these processes are gone, which leave by themselves; who still runs after the grace is killed. */
export async function untilGone(pids: number[], graceMilliseconds: number): Promise<void> {
    const deadline = Date.now() + graceMilliseconds;
    for (let left = pids; (left = left.filter((pid) => send(pid, 0))).length > 0; await sleep(20)) {
        if (Date.now() > deadline) return left.forEach((pid) => send(pid, "SIGKILL"));
    }
}

/** @returns whether there is such a process */
function send(pid: number, signal: NodeJS.Signals | 0): boolean {
    try {
        return process.kill(pid, signal);
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
        return false;
    }
}

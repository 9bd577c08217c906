import { readdirSync, readFileSync } from "node:fs";

const SAMPLE_MILLISECONDS = 50;
/** `sysconf(_SC_CLK_TCK)`: 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Watches a process and everything that comes below it. */
export interface CostWatch {
    /** User and system seconds of all of them, as last seen. */
    stop(): number;
}

/**
 * Adds up the processor time of a process tree from /proc, which is read 20 times a second: children of children whose
 * parent never waits for them are in no `rusage`. What a process uses between the last look and its end is missed, which
 * is as much on both sides of a comparison.
 */
export function watchCost(root: number): CostWatch {
    const seconds = new Map<number, number>();
    const stop = watchTree(root, ({ pid, ticks }) => seconds.set(pid, ticks / TICKS_PER_SECOND));
    return {
        stop() {
            stop();
            return [...seconds.values()].reduce((sum, value) => sum + value, 0);
        },
    };
}

/** Watches the program that an engine runs, which is below `root`. @returns ends it: the most memory that it held, in bytes */
export function watchProgramMemory(root: number): () => number {
    let bytes = 0;
    const stop = watchTree(root, ({ pid }) => {
        try {
            if (isProgram(pid)) bytes = Math.max(bytes, peakMemory(pid));
        } catch {
            // Ended meanwhile.
        }
    });
    return () => {
        stop();
        return bytes;
    };
}

function isProgram(pid: number): boolean {
    return /@pulumi\/pulumi\/cmd\/run(\/index\.js)?\0/.test(readFileSync(`/proc/${pid}/cmdline`, "utf8"));
}

/** Shows every process at and below `root` again and again. @returns ends it, after a last look */
function watchTree(root: number, see: (process: Process) => void): () => void {
    const tree = new Set([root]);
    const look = () => {
        const processes = readProcesses();
        // A child may come before its parent in the listing; and one whose parent has gone stays in the tree.
        for (let grown = true; grown;) {
            grown = false;
            for (const { pid, parent } of processes) {
                if (!tree.has(pid) && tree.has(parent)) {
                    tree.add(pid);
                    grown = true;
                }
            }
        }
        for (const process of processes) if (tree.has(process.pid)) see(process);
    };
    look();
    const timer = setInterval(look, SAMPLE_MILLISECONDS);
    return () => {
        clearInterval(timer);
        look();
    };
}

/** Most memory that a process has held so far, in bytes. */
export function peakMemory(pid: number): number {
    const kilobytes = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    if (!kilobytes) throw new Error(`/proc/${pid}/status tells no peak memory`);
    return Number(kilobytes) * 1024;
}

interface Process {
    pid: number;
    parent: number;
    /** User and system time. */
    ticks: number;
}

function readProcesses(): Process[] {
    const processes: Process[] = [];
    for (const name of readdirSync("/proc")) {
        if (!/^\d+$/.test(name)) continue;
        try {
            const stat = readFileSync(`/proc/${name}/stat`, "utf8");
            // The second field is the command in brackets, which may hold anything.
            const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
            processes.push({
                pid: Number(name),
                parent: Number(fields[1]),
                ticks: Number(fields[11]) + Number(fields[12]),
            });
        } catch {
            // Ended meanwhile.
        }
    }
    return processes;
}

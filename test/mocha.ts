import { spawn, type ChildProcess } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { duration } from "../rehearsal/progress";
import type { Counts } from "./reporter";

/** What came of test files. */
export interface Outcome extends Counts {
    /** What is wrong with them as a whole. */
    problem?: string;
}

const tree = join(__dirname, "..");
const mocha = join(tree, "node_modules", "mocha", "bin", "mocha.js");

/** A process whose last test is done has nothing left to do; one that stays has left something open. */
const leaveWithinMs = 15_000;

/** One that was asked to end is asked again, and enter.sh then kills what it runs; it still has to sweep up behind it. */
const askAgainAfterMs = 2_000;
const sweepWithinMs = 15_000;

/** What a process said is there with its end, but for the last of it. */
const outputWithinMs = 5_000;

/** More would not fit into the memory of a common machine: each rehearses a whole environment. */
const mostSideBySide = 4;

const running = new Set<ChildProcess>();
let stopped: NodeJS.Signals | undefined;

/** Whoever stops this run stops the tests, whose own hooks then tidy up; no others begin. */
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
        stopped = name;
        // A terminal interrupts all processes by itself; a second time would end them before their hooks are done.
        if (name !== "SIGINT" || !process.stdin.isTTY) for (const child of running) child.kill(name);
    });
}

/** Runs test files in one process, and shows what it says. */
export async function runMocha(files: string[], within: string[] = []): Promise<Outcome> {
    return (await run(files, within, false)).outcome;
}

/**
 * Runs each test file in a process of its own, as many at a time as the machine has processors: rehearsals wait as much
 * as they compute. What each says is shown whole when it is done.
 */
export async function runSideBySide(files: string[]): Promise<Outcome> {
    const waiting = [...files];
    const outcomes: Outcome[] = [];
    const lane = async (): Promise<void> => {
        for (let file = waiting.shift(); file !== undefined && !stopped; file = waiting.shift()) {
            console.log(`… ${file}`);
            const began = Date.now();
            const { outcome, said } = await run([file], [], true);
            console.log(`\n── ${file}  ${duration(Date.now() - began)}${said.trimEnd()}\n`);
            outcomes.push({ ...outcome, problem: outcome.problem && `${file}: ${outcome.problem}` });
        }
    };
    await Promise.all(Array.from({ length: Math.min(mostSideBySide, availableParallelism()) }, lane));
    const sum = sumOf(outcomes);
    const left = files.length - outcomes.length;
    return left === 0 ? sum : { ...sum, problem: `stopped by ${stopped}, ${left} of ${files.length} files not run` };
}

export function sumOf(outcomes: Outcome[]): Outcome {
    const sum = (of: (outcome: Outcome) => number): number => outcomes.reduce((all, one) => all + of(one), 0);
    return {
        passed: sum(({ passed }) => passed),
        failed: sum(({ failed }) => failed),
        failures: outcomes.flatMap(({ failures }) => failures),
        skipped: outcomes.flatMap(({ skipped }) => skipped),
        problem: outcomes.flatMap(({ problem }) => problem ?? []).join("; ") || undefined,
    };
}

function run(files: string[], within: string[], quiet: boolean): Promise<{ outcome: Outcome; said: string }> {
    const nothing: Counts = { passed: 0, failed: 0, failures: [], skipped: [] };
    if (stopped) return Promise.resolve({ outcome: { ...nothing, problem: `not run: ${stopped}` }, said: "" });
    return new Promise((resolve, reject) => {
        const command = [...within, process.execPath, mocha, "--reporter", join(__dirname, "reporter.ts")];
        if (quiet && process.stdout.isTTY) command.push("--color");
        const output = quiet ? "pipe" : "inherit";
        const child = spawn(command[0], [...command.slice(1), ...files], {
            cwd: tree,
            stdio: ["ignore", output, output, "ipc"],
        });
        running.add(child);
        let said = "";
        for (const stream of [child.stdout, child.stderr])
            stream?.setEncoding("utf8").on("data", (text: string) => (said += text));
        let counts: Counts | undefined;
        let problem: string | undefined;
        const deadlines: NodeJS.Timeout[] = [];
        const killAfter = (milliseconds: number, signal: NodeJS.Signals, why?: string): void => {
            const kill = () => {
                problem ??= why;
                child.kill(signal);
            };
            deadlines.push(setTimeout(kill, milliseconds));
        };
        child.on("message", (message) => {
            counts = message as Counts;
            const late = `the process did not end ${duration(leaveWithinMs)} after its last test`;
            killAfter(leaveWithinMs, "SIGTERM", `a test left something open: ${late}`);
            killAfter(leaveWithinMs + askAgainAfterMs, "SIGTERM");
            killAfter(leaveWithinMs + askAgainAfterMs + sweepWithinMs, "SIGKILL");
        });
        child.on("error", reject);
        const end = (code: number | null, signal: NodeJS.Signals | null) => {
            // Of its exit and the end of its output, whichever is first.
            if (!running.delete(child)) return;
            deadlines.forEach(clearTimeout);
            if (!counts) problem = `mocha ended with ${signal ?? code} before its last test`;
            else if (code !== 0 && counts.failed === 0) problem ??= `mocha ended with ${signal ?? code}`;
            resolve({ outcome: { ...(counts ?? nothing), problem }, said });
        };
        child.on("close", end);
        // What a killed test has left behind may hold its output open: that is not waited for.
        child.on("exit", (code, signal) => setTimeout(end, outputWithinMs, code, signal).unref());
    });
}

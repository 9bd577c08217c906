import Mocha from "mocha";
import type { Skippable } from "./skip";

/** What a tier tells {@link file://./run.ts} when its last test is done. */
export interface Counts {
    passed: number;
    failed: number;
    /** Titles of those that failed. */
    failures: string[];
    skipped: { title: string; reason: string }[];
}

/** mocha's own report, and the counts for whoever runs the tiers. */
export default class CountingReporter extends Mocha.reporters.Spec {
    constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
        super(runner, options);
        const counts: Counts = { passed: 0, failed: 0, failures: [], skipped: [] };
        runner.on("pass", () => counts.passed++);
        // A failing hook is a failure too, although no test of its name was counted.
        runner.on("fail", (test) => {
            counts.failed++;
            counts.failures.push(test.fullTitle());
        });
        runner.on("pending", (test) => counts.skipped.push({ title: test.fullTitle(), reason: reasonOf(test) }));
        runner.on("end", () => process.send?.(counts));
        // A run that is stopped ends where it is; what hooks would have taken away at the end, they take away now.
        for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
            process.once(signal, () => {
                runner.abort();
                runner.currentRunnable?.timeout(1);
            });
        }
    }
}

function reasonOf(test: Mocha.Test): string {
    for (let at: Skippable | undefined = test as Skippable; at; at = at.parent) {
        if (at.skipReason) return at.skipReason;
    }
    return "no reason given";
}

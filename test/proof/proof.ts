import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What a proof measured, by name; units in the names. */
export type Figures = Record<string, unknown>;

interface Entry {
    proof: string;
    passed: boolean;
    seconds: number;
    figures: Figures;
}

const report = join(__dirname, "../../proof-report.json");

/**
 * A test in which a real program is the judge. Its name begins with what it proves (crash, access, network, scheduling,
 * autoscaling, alerts, restore, failover, fault); what it measures goes into `proof-report.json`, also when it fails.
 */
export function proof(name: string, body: (this: Mocha.Context, figures: Figures) => Promise<void>): void {
    it(name, async function () {
        const entry: Entry = { proof: name, passed: false, seconds: 0, figures: {} };
        const started = performance.now();
        try {
            await body.call(this, entry.figures);
            entry.passed = true;
        } finally {
            entry.seconds = Math.round((performance.now() - started) / 100) / 10;
            // Proofs run in more than one process, one after another; whoever starts them removes the report of before.
            const earlier = existsSync(report) ? (JSON.parse(readFileSync(report, "utf8")) as Entry[]) : [];
            const entries = [...earlier.filter((one) => one.proof !== name), entry];
            writeFileSync(report, JSON.stringify(entries, null, 4) + "\n");
        }
    });
}

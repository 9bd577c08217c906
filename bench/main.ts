/*
 * npm run bench -- [NAME…] [--json FILE] [--write]
 *
 * Measures what docs/performance.md promises, each figure in turns with its baseline on this machine. Linux only.
 */
import { writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { createProgress, type Progress } from "../rehearsal/progress";
import { coldSetup } from "./coldSetup";
import { rounded, writeFigures } from "./document";
import type { Figure, Measured } from "./figure";
import { stop } from "./loadBalancers";
import { pack } from "./pack";
import { preview, previewLinear } from "./preview";
import { programStart } from "./programStart";
import { tenants } from "./tenants";
import { up } from "./up";
import { warmStart } from "./warmStart";

const BENCHES: Record<string, (progress: Progress) => Promise<Measured[]>> = {
    "program-start": programStart,
    preview,
    linear: previewLinear,
    up,
    pack,
    tenants,
    start: warmStart,
    cold: coldSetup,
};

const USAGE = `npm run bench -- [NAME…] [--json FILE] [--write]

    NAME          ${Object.keys(BENCHES).join(", ")}; all of them, in some 15 minutes, without a name
    --json FILE   write the figures: [{name, value, unit, baseline, ratio, goal, met}]
    --write       put them into docs/performance.md`;

async function main(): Promise<void> {
    const { values, positionals } = parseArgs({
        allowPositionals: true,
        options: { json: { type: "string" }, write: { type: "boolean", default: false } },
    });
    const unknown = positionals.filter((name) => !(name in BENCHES));
    if (unknown.length > 0) throw new Error(`there is no bench ${unknown.join(", ")}\n\n${USAGE}`);
    if (process.platform !== "linux") throw new Error("processor time and memory are read from Linux' /proc");

    const progress = createProgress();
    if (loadavg()[0] > cpus().length / 2) {
        progress.note(
            `this machine is busy (load ${loadavg()[0].toFixed(1)}): figures will be worse than they should be`,
        );
    }
    process.once("SIGINT", stop);
    const measured: Measured[] = [];
    for (const name of positionals.length > 0 ? positionals : Object.keys(BENCHES)) {
        measured.push(...(await BENCHES[name](progress)));
        // Each as it comes, so that a run that is cut off has not been for nothing.
        if (values.json) await writeFile(values.json, `${JSON.stringify(measured.map(withoutRuns), undefined, 4)}\n`);
    }
    if (values.write) await writeFigures(measured);
    for (const figure of measured) console.log(describe(figure));
    if (measured.some(({ met }) => met === false)) process.exitCode = 1;
}

function withoutRuns({ runs: _, ...figure }: Measured): Figure {
    return figure;
}

function describe({ name, value, unit, baseline, ratio, goal, met }: Figure): string {
    const against = baseline === null ? "" : `, baseline ${rounded(baseline)} ${unit}`;
    const times = ratio === null ? "" : `, ${rounded(ratio)} ×`;
    const verdict = met === null ? "" : met ? ": met" : ": NOT MET";
    return `${name}: ${rounded(value)} ${unit}${against}${times} (${goal}${verdict})`;
}

main().catch((error: Error) => {
    console.error(`bench: ${error.message}`);
    process.exitCode = 1;
});

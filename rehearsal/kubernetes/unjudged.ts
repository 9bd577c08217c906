import { appendFileSync } from "node:fs";
import { join } from "node:path";

const said = new Set<string>();

/** Tells the rehearsal's report that something was let through which nothing here can judge. Once a process. */
export function reportUnjudged(urn: string, what: string, why: string): void {
    const folder = process.env.MAINSTAY_REHEARSAL;
    const line = JSON.stringify({ urn, what, why });
    if (!folder || said.has(line)) return;
    said.add(line);
    appendFileSync(join(folder, "unjudged.jsonl"), line + "\n");
}

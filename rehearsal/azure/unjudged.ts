import { appendFileSync } from "node:fs";
import { dirname, join } from "node:path";

const noted = new Set<string>();

/** Says in the rehearsal's report that something could not be judged, and why; once for each. */
export function noteUnjudged(cloudFolder: string, entry: { urn: string; what: string; why: string }): void {
    const line = JSON.stringify(entry);
    const file = join(dirname(cloudFolder), "unjudged.jsonl");
    if (noted.has(file + line)) return;
    noted.add(file + line);
    appendFileSync(file, `${line}\n`);
}

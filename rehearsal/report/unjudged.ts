import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Unjudged } from "./report";

/** What the providers of a run have let through, from `unjudged.jsonl` in its run folder. */
export async function readUnjudged(runFolder: string): Promise<Unjudged[]> {
    const text = await readFile(fileIn(runFolder), "utf8").catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return "";
        throw error;
    });
    // A provider that was killed may leave half a line.
    return text.split("\n").flatMap((line) => {
        try {
            return [JSON.parse(line) as Unjudged];
        } catch {
            return [];
        }
    });
}

/** A kept run begins with none. */
export async function forgetUnjudged(runFolder: string): Promise<void> {
    await rm(fileIn(runFolder), { force: true });
}

function fileIn(runFolder: string): string {
    return join(runFolder, "unjudged.jsonl");
}

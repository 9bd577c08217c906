import { realpathSync } from "node:fs";
import { delimiter, resolve } from "node:path";
import { readEntry } from "./cacheEntry";
import { isExecutable } from "./files";
import { pins, type ToolName } from "./pins";
import { askVersion, whyRefused } from "./version";

/** A tool that is there and fit to be used. */
export interface FoundTool {
    path: string;
    /** `unknown` where a program that somebody gave by hand does not say. */
    version: string;
    source: "given" | "path" | "cache";
}

/** Looks in the folder given by hand, on PATH and in the cache; `notes` says what was passed over and why. */
export async function findTool(name: ToolName, notes: string[] = []): Promise<FoundTool | undefined> {
    return (await findGiven(name)) ?? (await findOnPath(name, notes)) ?? (await findInCache(name, notes));
}

/** Whoever names a folder decides: what is in it is taken whatever its version. */
async function findGiven(name: ToolName): Promise<FoundTool | undefined> {
    const folder = process.env.MAINSTAY_TOOLS;
    if (!folder) return undefined;
    const path = resolve(folder, name);
    if (!isExecutable(path)) return undefined;
    return { path, version: (await askVersion(path, pins[name])) ?? "unknown", source: "given" };
}

async function findOnPath(name: ToolName, notes: string[]): Promise<FoundTool | undefined> {
    const seen = new Set<string>();
    for (const folder of (process.env.PATH ?? "").split(delimiter).filter(Boolean)) {
        const path = resolve(folder, name);
        if (!isExecutable(path)) continue;
        // /bin is often a link to /usr/bin.
        const real = realpathSync(path);
        if (seen.has(real)) continue;
        seen.add(real);
        const version = await askVersion(path, pins[name]);
        const refused = version === undefined ? "of unknown version" : whyRefused(pins[name], version);
        if (version !== undefined && refused === undefined) return { path, version, source: "path" };
        notes.push(`${path} is ${version ?? ""}${version ? ", " : ""}${refused}: passed over`);
    }
    return undefined;
}

async function findInCache(name: ToolName, notes: string[]): Promise<FoundTool | undefined> {
    const entry = await readEntry(name, pins[name].version);
    if (entry.state === "complete") return { path: entry.path, version: entry.version, source: "cache" };
    if (entry.state === "broken") notes.push(`${entry.reason}: made again`);
    return undefined;
}

/**
 * The programs of others that a rehearsal runs: found, downloaded or built.
 *
 * Order for each: the folder named by `MAINSTAY_TOOLS` → one on PATH that is new enough → the cache → the publisher's
 * download, verified by its checksum → a build from its Go module.
 */
import { dirname, join } from "node:path";
import { createProgress, type Progress } from "../progress";
import { isExecutable } from "./files";
import { findTool } from "./find";
import { type Group, makeTools } from "./make";
import { type BuildName, builds, pins, type ToolName } from "./pins";

export { cacheFolder } from "./cacheFolder";
export { nodeToolNames, type ToolName, toolNames } from "./pins";

export interface Tool {
    path: string;
    /** `unknown` where a program in `MAINSTAY_TOOLS` does not say. */
    version: string;
    source: "given" | "path" | "cache" | "download" | "build";
    /** What it took to find or make it; programs of one build share theirs. */
    seconds: number;
}

const located = new Map<ToolName, Promise<string>>();

/** Absolute path of a tool. Looked up once a process; made first where it is nowhere to be found. */
export function toolPath(name: ToolName): Promise<string> {
    let path = located.get(name);
    if (!path) {
        path = ensureTools([name], createProgress()).then((tools) => tools[name].path);
        path.catch(() => located.delete(name));
        located.set(name, path);
    }
    return path;
}

/**
 * Has all these tools ready. Where some cannot be had the others are made all the same, so that the next try has less to
 * do, and then one error names every one that is missing.
 */
export async function ensureTools<Name extends ToolName>(
    names: readonly Name[],
    progress: Progress,
): Promise<Record<Name, Tool>> {
    const tools: Partial<Record<ToolName, Tool>> = {};
    const missing = new Map<BuildName, ToolName[]>();
    // Whoever puts lists together may name one twice.
    for (const name of new Set(names)) {
        const began = Date.now();
        const notes: string[] = [];
        const found = await findTool(name, notes);
        if (found) {
            tools[name] = { ...found, seconds: (Date.now() - began) / 1000 };
            continue;
        }
        for (const note of notes) progress.note(note);
        missing.set(pins[name].build, [...(missing.get(pins[name].build) ?? []), name]);
    }
    const problems: string[] = [];
    for (const [build, wanted] of missing) {
        const group: Group = { name: build, build: builds[build], pins };
        try {
            for (const [name, made] of await makeTools(wanted, group, progress)) tools[name] = made;
        } catch (error) {
            problems.push(`${wanted.join(", ")}: ${(error as Error).message}`);
        }
    }
    if (problems.length > 0) throw new Error(`tools are missing:\n  ${problems.join("\n  ")}`);
    return tools as Record<Name, Tool>;
}

/** The official Node language host, where the Pulumi CLI in use came with one; a CLI that was built here has none. */
export async function pulumiLanguageHost(): Promise<string | undefined> {
    const beside = join(dirname(await toolPath("pulumi")), "pulumi-language-nodejs");
    return isExecutable(beside) ? beside : undefined;
}

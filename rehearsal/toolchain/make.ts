import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Progress, Step } from "../progress";
import { buildTools } from "./buildTools";
import { cacheFolder } from "./cacheFolder";
import { type Origin, readEntry, writeEntry } from "./cacheEntry";
import { fetchTool } from "./fetchTool";
import { withLock } from "./lock.cjs";
import type { Build, Platform, ToolName, ToolPin } from "./pins";
import { askVersion } from "./version";

/** Tools that are built together. */
export interface Group {
    name: string;
    build: Build;
    pins: Partial<Record<ToolName, ToolPin>>;
}

export interface MadeTool {
    path: string;
    version: string;
    source: Origin | "cache";
    seconds: number;
}

const platform: Platform = { os: process.platform, arch: process.arch === "x64" ? "amd64" : process.arch };

/** Puts tools of one group into the cache: each from its publisher, the rest by one build. */
export async function makeTools(names: ToolName[], group: Group, progress: Progress): Promise<Map<ToolName, MadeTool>> {
    const step = progress.step(names.join(", "));
    const made = new Map<ToolName, MadeTool>();
    try {
        await withLock(
            join(cacheFolder(), "locks", `${group.name}.lock`),
            () => makeLocked(names, group, step, progress, made),
            (pid) => step.awaiting(`process ${pid} is making the same, waiting for it`),
        );
    } catch (error) {
        step.failed((error as Error).message);
        throw error;
    }
    step.done([...new Set([...made.values()].map((tool) => `${tool.version} by ${tool.source}`))].join(", "));
    return made;
}

async function makeLocked(
    names: ToolName[],
    group: Group,
    step: Step,
    progress: Progress,
    made: Map<ToolName, MadeTool>,
): Promise<void> {
    const bin = join(cacheFolder(), "bin");
    mkdirSync(bin, { recursive: true });
    const draft = `.making-${group.name}-`;
    // Under the lock, whatever is there was left by a process that was killed.
    for (const left of readdirSync(bin).filter((file) => file.startsWith(draft))) {
        rmSync(join(bin, left), { recursive: true, force: true });
    }
    const work = mkdtempSync(join(bin, draft));
    try {
        const missing: ToolName[] = [];
        for (const name of names) {
            const pin = group.pins[name] as ToolPin;
            // Whoever held the lock before us may have made it.
            const entry = await readEntry(name, pin.version);
            if (entry.state === "complete") {
                made.set(name, { path: entry.path, version: entry.version, source: "cache", seconds: 0 });
                continue;
            }
            const began = Date.now();
            const failure = await tryDownload(name, pin, work, step);
            if (failure === undefined) made.set(name, await enter(name, pin, "download", began));
            else {
                progress.note(`${name}: ${failure}; built instead`);
                missing.push(name);
            }
        }
        if (missing.length === 0) return;
        const began = Date.now();
        const programs = await buildTools(missing, group.build, step);
        const builtIn = (Date.now() - began) / 1000;
        for (const name of missing) {
            const pin = group.pins[name] as ToolPin;
            await verifyRuns(name, pin, join(programs, name));
            await writeEntry(name, pin.version, "build", programs, [name], builtIn);
            made.set(name, await enter(name, pin, "build", began));
        }
    } finally {
        rmSync(work, { recursive: true, force: true });
    }
}

async function enter(name: ToolName, pin: ToolPin, source: Origin, began: number): Promise<MadeTool> {
    const entry = await readEntry(name, pin.version);
    if (entry.state !== "complete") throw new Error(`${name} was made and then not found in ${cacheFolder()}`);
    return { path: entry.path, version: pin.version, source, seconds: (Date.now() - began) / 1000 };
}

/** @returns why it did not work, `undefined` when the tool is in the cache */
async function tryDownload(name: ToolName, pin: ToolPin, work: string, step: Step): Promise<string | undefined> {
    const from = pin.download(platform);
    if (!from) return `its publisher has none for ${platform.os}/${platform.arch}`;
    step.awaiting(`${name} ${pin.version} from ${new URL(from.url).host}`);
    const folder = join(work, name);
    mkdirSync(folder);
    const began = Date.now();
    try {
        const files = await fetchTool(name, from, folder);
        await verifyRuns(name, pin, join(folder, name));
        await writeEntry(name, pin.version, "download", folder, files, (Date.now() - began) / 1000);
        return undefined;
    } catch (error) {
        return (error as Error).message;
    }
}

/** A program for another machine, or of another version than its name said, is found out before it is kept. */
async function verifyRuns(name: ToolName, pin: ToolPin, path: string): Promise<void> {
    const version = await askVersion(path, pin);
    if (version === pin.version) return;
    throw new Error(
        `${name} ${version === undefined ? "does not run here" : `says it is ${version}, not ${pin.version}`}`,
    );
}

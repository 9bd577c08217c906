import { execFile, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { promisify } from "node:util";
import { createProgress, type Progress } from "../../rehearsal/progress";
import { cacheFolder } from "../../rehearsal/toolchain";
import { readEntry, writeEntry } from "../../rehearsal/toolchain/cacheEntry";
import { withLock } from "../../rehearsal/toolchain/lock.cjs";

const tree = join(__dirname, "..", "..");

/** A Go module of this repository, whose programs proofs run. */
export interface GoModule<Program extends string> {
    /** Name of its entry in the cache. */
    name: string;
    folder: string;
    /** Each program's package, relative to the folder. */
    packages: Record<Program, string>;
    /** What people are told while it is built: `usually 1 min`. */
    usual: string;
}

/** Why its programs cannot be had here, for a test to be skipped by; `undefined` where they are built already or Go is there. */
export async function reasonNotBuilt(module: GoModule<string>): Promise<string | undefined> {
    if (await inCache(module)) return undefined;
    return spawnSync("go", ["version"]).status === 0
        ? undefined
        : `${module.name} is built by Go, which is not on PATH: install it from https://go.dev/dl`;
}

/**
 * Paths of its programs, each static, so that it also runs in an image with nothing else in it. Built once for each version of
 * the sources, into the toolchain's cache.
 */
export async function builtPrograms<Program extends string>(
    module: GoModule<Program>,
    progress: Progress = createProgress(),
): Promise<Record<Program, string>> {
    const found = await inCache(module);
    if (found) return found;
    const step = progress.step(module.name);
    try {
        const made = await withLock(
            // The toolchain's own lock: the compiler takes every core, so two builds side by side only make both late.
            join(cacheFolder(), "locks", "build.lock"),
            async () => (await inCache(module)) ?? (await make(module, (what) => step.awaiting(what))),
            (pid) => step.awaiting(`process ${pid} is building something; builds run one at a time`),
        );
        step.done("by build");
        return made;
    } catch (error) {
        step.failed((error as Error).message);
        throw error;
    }
}

async function inCache<Program extends string>(
    module: GoModule<Program>,
): Promise<Record<Program, string> | undefined> {
    const entry = await readEntry(module.name, sourceVersion(module));
    if (entry.state !== "complete") return undefined;
    return Object.fromEntries(entry.files.map((path) => [basename(path), path])) as Record<Program, string>;
}

/** What the programs are made of, as the version of their entry in the cache. */
function sourceVersion({ folder }: GoModule<string>): string {
    const hash = createHash("sha256");
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    for (const path of files.map((file) => join(file.parentPath, file.name)).sort()) {
        hash.update(`${relative(folder, path)}\0`)
            .update(readFileSync(path))
            .update("\0");
    }
    return hash.digest("hex").slice(0, 16);
}

async function make<Program extends string>(
    module: GoModule<Program>,
    say: (what: string) => void,
): Promise<Record<Program, string>> {
    const began = Date.now();
    say(`building from ${relative(tree, module.folder)}, ${module.usual}`);
    const bin = join(cacheFolder(), "bin");
    mkdirSync(bin, { recursive: true });
    const work = mkdtempSync(join(bin, `.making-${module.name}-`));
    try {
        const programs = Object.entries<string>(module.packages);
        for (const [program, path] of programs) await compile(module, path, join(work, program));
        const names = programs.map(([program]) => program);
        await writeEntry(
            module.name,
            sourceVersion(module),
            "build",
            work,
            names,
            Math.round(Date.now() - began) / 1000,
        );
    } finally {
        rmSync(work, { recursive: true, force: true });
    }
    const made = await inCache(module);
    if (!made) throw new Error(`${module.name} was made and then not found in ${cacheFolder()}`);
    return made;
}

async function compile({ folder }: GoModule<string>, path: string, output: string): Promise<void> {
    // -trimpath as the toolchain has it, so that what was compiled for Kubernetes is not compiled again.
    const flags = ["-trimpath", "-buildvcs=false", "-tags", "netgo,osusergo", "-ldflags", "-s -w"];
    try {
        await promisify(execFile)("go", ["build", ...flags, "-o", output, path], {
            cwd: folder,
            env: { ...process.env, CGO_ENABLED: "0", GOWORK: "off", GOFLAGS: "-mod=readonly" },
        });
    } catch (error) {
        const { stderr, message } = error as Error & { stderr?: string };
        throw new Error(`go build of ${relative(tree, join(folder, path))} failed: ${stderr?.trim() || message}`);
    }
}

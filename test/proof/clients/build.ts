import { execFile, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { createProgress, type Progress } from "../../../rehearsal/progress";
import { cacheFolder } from "../../../rehearsal/toolchain";
import { readEntry, writeEntry } from "../../../rehearsal/toolchain/cacheEntry";
import { withLock } from "../../../rehearsal/toolchain/lock.cjs";

/** Where the client's Go module is. */
export const programFolder = join(__dirname, "program");

const name = "client";

/**
 * Why the client cannot be had on this machine, for a test to be skipped by; `undefined` where it is built already or
 * there is Go to build it.
 */
export async function reasonNoClient(): Promise<string | undefined> {
    if ((await readEntry(name, sourceVersion())).state === "complete") return undefined;
    return spawnSync("go", ["version"]).status === 0
        ? undefined
        : "the proofs' client is built by Go, which is not on PATH: install it from https://go.dev/dl";
}

/**
 * Path of the client, one static program that also runs in an image with nothing else in it. Built once for each
 * version of its sources, into the toolchain's cache.
 */
export async function clientProgram(progress: Progress = createProgress()): Promise<string> {
    const version = sourceVersion();
    return (await inCache(version)) ?? (await build(version, progress));
}

async function inCache(version: string): Promise<string | undefined> {
    const entry = await readEntry(name, version);
    return entry.state === "complete" ? entry.path : undefined;
}

/** What the program is made of, as the version of its entry in the cache. */
function sourceVersion(): string {
    const hash = createHash("sha256");
    for (const file of readdirSync(programFolder).sort()) {
        hash.update(`${file}\0`)
            .update(readFileSync(join(programFolder, file)))
            .update("\0");
    }
    return hash.digest("hex").slice(0, 16);
}

async function build(version: string, progress: Progress): Promise<string> {
    const step = progress.step("the proofs' client");
    // The toolchain's own lock: the compiler takes every core, so two builds side by side only make both late.
    const made = withLock(
        join(cacheFolder(), "locks", "build.lock"),
        async () => {
            const before = await inCache(version);
            if (before) return before;
            const began = Date.now();
            step.awaiting(
                "building from test/proof/clients/program, usually 1 min, seconds where kubectl was built before",
            );
            const bin = join(cacheFolder(), "bin");
            mkdirSync(bin, { recursive: true });
            const work = mkdtempSync(join(bin, `.making-${name}-`));
            try {
                await compile(join(work, name));
                await writeEntry(name, version, "build", work, [name], (Date.now() - began) / 1000);
            } finally {
                rmSync(work, { recursive: true, force: true });
            }
            const path = await inCache(version);
            if (!path) throw new Error(`it was made and then not found in ${cacheFolder()}`);
            return path;
        },
        (pid) => step.awaiting(`process ${pid} is building something; builds run one at a time`),
    );
    try {
        const path = await made;
        step.done(`${version} by build`);
        return path;
    } catch (error) {
        step.failed((error as Error).message);
        throw error;
    }
}

async function compile(output: string): Promise<void> {
    try {
        await promisify(execFile)(
            "go",
            // -trimpath as the toolchain has it, so that what was compiled for kubectl is not compiled again.
            [
                "build",
                "-trimpath",
                "-buildvcs=false",
                "-tags",
                "netgo,osusergo",
                "-ldflags",
                "-s -w",
                "-o",
                output,
                ".",
            ],
            { cwd: programFolder, env: { ...process.env, CGO_ENABLED: "0", GOWORK: "off", GOFLAGS: "-mod=readonly" } },
        );
    } catch (error) {
        const { stderr, message } = error as Error & { stderr?: string };
        throw new Error(`go build of test/proof/clients/program failed: ${stderr?.trim() || message}`);
    }
}

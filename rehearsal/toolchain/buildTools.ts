import { execFile, spawn } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import type { Step } from "../progress";
import { cacheFolder } from "./cacheFolder";
import { withLock } from "./lock.cjs";
import type { Build, ToolName } from "./pins";

/**
 * Builds programs of one Go module by one `go build`, so that they share what is compiled.
 * What was compiled before an interruption is in Go's own build cache, so the next try goes on from there.
 *
 * @returns the folder that the programs are in
 */
export async function buildTools(names: ToolName[], build: Build, step: Step): Promise<string> {
    await requireGo(build);
    // The compiler takes every core that there is: two builds side by side only make both late.
    return withLock(
        join(cacheFolder(), "locks", "build.lock"),
        () => compile(names, build, step),
        (pid) => step.awaiting(`process ${pid} is building something; builds run one at a time`),
    );
}

async function requireGo(build: Build): Promise<void> {
    try {
        await promisify(execFile)("go", ["version"]);
    } catch {
        throw new Error(
            `Go is not on PATH, and without it ${build.module} cannot be built. ` +
                `Install Go ${build.go} or newer from https://go.dev/dl, or name a folder that has the programs by MAINSTAY_TOOLS`,
        );
    }
}

async function compile(names: ToolName[], build: Build, step: Step): Promise<string> {
    const folder = join(cacheFolder(), "build", `${build.module.replaceAll("/", "-")}-${build.version}`);
    const programs = join(folder, "bin");
    mkdirSync(programs, { recursive: true });

    const minutes = build.usualMinutes;
    const usual = minutes < 1 ? `${minutes * 60} s` : `${minutes} min`;
    const what = `building from Go module ${build.module} v${build.version}, usually ${usual}`;
    step.awaiting(what);
    writeFileSync(join(folder, "go.mod"), await goMod(build, folder));
    await go(
        [
            ...["build", "-mod=mod", "-buildvcs=false", "-trimpath", "-v"],
            ...["-ldflags", `-s -w ${build.linkerFlags}`, "-o", `${programs}/`],
            ...names.map((name) => build.packages[name] as string),
        ],
        folder,
        (compiled) => step.awaiting(`${what} (${compiled} packages so far)`),
    );
    for (const name of names)
        renameSync(join(programs, goNameOf(build.packages[name] as string)), join(programs, name));
    return programs;
}

/** Go names a program after its package's folder; where that is a major version, after the one above. */
function goNameOf(packagePath: string): string {
    return basename(packagePath.replace(/\/v\d+$/, ""));
}

/** The smallest module that needs nothing but the one that is built; `go build -mod=mod` adds what that one asks for. */
async function goMod(build: Build, folder: string): Promise<string> {
    const lines = ["module build", `go ${build.go}`, `require ${build.module} v${build.version}`];
    for (const module of build.beside ?? []) lines.push(`require ${module} v${build.version}`);
    for (const [module, by] of Object.entries(build.replace ?? {})) lines.push(`replace ${module} => ${by}`);
    if (build.stagingVersion) {
        for (const module of await stagingModules(build, folder)) {
            lines.push(`replace ${module} => ${module} v${build.stagingVersion}`);
        }
    }
    return `${lines.join("\n")}\n`;
}

/** Dependencies that the module's own go.mod replaces by a folder beside it, `=> ./staging/src/k8s.io/api`. */
async function stagingModules({ module, version }: Build, folder: string): Promise<string[]> {
    const { stdout } = await promisify(execFile)("go", ["mod", "download", "-json", `${module}@v${version}`], {
        cwd: folder,
        env: goEnvironment(),
    });
    const { GoMod } = JSON.parse(stdout) as { GoMod: string };
    const found = readFileSync(GoMod, "utf8").matchAll(/=> \.\/staging\/src\/(\S+)/g);
    return [...new Set([...found].map((match) => match[1]))].sort();
}

function goEnvironment(): NodeJS.ProcessEnv {
    return { ...process.env, CGO_ENABLED: "0", GOWORK: "off" };
}

function go(args: string[], folder: string, onCompiled: (packages: number) => void): Promise<void> {
    return new Promise((resolve, reject) => {
        const child = spawn("go", args, { cwd: folder, env: goEnvironment(), stdio: ["ignore", "ignore", "pipe"] });
        const release = stopWithUs(() => child.kill("SIGINT"));
        const problems: string[] = [];
        let compiled = 0;
        createInterface({ input: child.stderr }).on("line", (line) => {
            // With -v each compiled package is a line of its own; whatever else Go says has a space in it.
            if (/^\S+$/.test(line)) onCompiled(++compiled);
            else if (!line.startsWith("go: downloading")) problems.push(line);
        });
        child.on("error", reject);
        child.on("close", (code, signal) => {
            release();
            if (code === 0) resolve();
            else reject(new Error(`go build ended with ${signal ?? code}: ${problems.slice(-5).join("; ")}`));
        });
    });
}

/** Has `stop` called when this process is told to end, which would otherwise leave a compiler running. */
function stopWithUs(stop: () => void): () => void {
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
    const onSignal = (signal: NodeJS.Signals): void => {
        stop();
        release();
        // Nobody else listens: end as if we had not listened either.
        if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    };
    const release = (): void => signals.forEach((signal) => void process.off(signal, onSignal));
    signals.forEach((signal) => process.on(signal, onSignal));
    return release;
}

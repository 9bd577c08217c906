import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import type { Progress } from "../rehearsal/progress";
import { copyDefaultWay } from "./defaultWay";
import { timesAsMuch, timesBetter, type Measured } from "./figure";
import { startFirstCallEngine, type FirstCallEngine } from "./firstCall";
import { peakMemory } from "./processCost";
import { root } from "../rehearsal/engine";
import { inTurns } from "./rounds";

/** Until the process asks the engine for the first thing. */
interface Start {
    seconds: number;
    bytes: number;
}

/**
 * The program of prod's preview, from the start of its process to the first thing that it asks the engine for: how long,
 * and the most memory until then. The process is the one that a language host starts; only the engine is a stand-in.
 */
export async function programStart(progress: Progress): Promise<Measured[]> {
    const engine = await startFirstCallEngine();
    const copy = await mkdtemp(join(tmpdir(), "mainstay-bench-"));
    try {
        await copyDefaultWay(root, copy);
        const config = await configOf("prod");
        const tsconfig = await tsconfigOf(root);
        const { ours, usual, sdk } = await inTurns<Start, "ours" | "usual" | "sdk">(
            {
                ours: {
                    title: "program start, ours",
                    runs: 7,
                    measure: () => startProgram(engine, root, config, { MAINSTAY_LEAN: "on", ...tsconfig }),
                },
                sdk: { title: 'require("@pulumi/pulumi") alone', runs: 7, measure: () => startSdk() },
                usual: {
                    title: "program start, the default way",
                    runs: 3,
                    measure: () => startProgram(engine, copy, config, { MAINSTAY_LEAN: "off" }),
                },
            },
            progress,
            ({ seconds, bytes }) => `${seconds.toFixed(2)} s, ${Math.round(bytes / 1e6)} MB`,
        );
        const seconds = (starts: Start[]) => starts.map((start) => start.seconds);
        const megabytes = (starts: Start[]) => starts.map((start) => start.bytes / 1e6);
        return [
            timesBetter({ name: "program-start", unit: "s", ours: seconds(ours), baseline: seconds(usual) }, 8),
            timesBetter(
                { name: "program-start-memory", unit: "MB", ours: megabytes(ours), baseline: megabytes(usual) },
                5,
            ),
            timesAsMuch(
                { name: "program-start-against-sdk", unit: "s", ours: seconds(ours), baseline: seconds(sdk) },
                2,
            ),
        ];
    } finally {
        engine.close();
        await rm(copy, { recursive: true, force: true });
    }
}

async function configOf(stack: string): Promise<Record<string, string>> {
    const { config } = parse(await readFile(join(root, `Pulumi.${stack}.yaml`), "utf8")) as { config: object };
    const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
    return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, text(value)]));
}

/** What a language host tells the runner of the settings file that Pulumi.yaml names. */
async function tsconfigOf(folder: string): Promise<NodeJS.ProcessEnv> {
    type Project = { runtime: { options?: { tsconfig?: string } } };
    const project = parse(await readFile(join(folder, "Pulumi.yaml"), "utf8")) as Project;
    const file = project.runtime.options?.tsconfig;
    return file ? { PULUMI_NODEJS_TSCONFIG_PATH: file } : {};
}

function startProgram(
    engine: FirstCallEngine,
    folder: string,
    config: Record<string, string>,
    environment: NodeJS.ProcessEnv,
): Promise<Start> {
    const args = ["--monitor", engine.address, "--engine", engine.address, "--project", "mainstay", "--stack", "prod"];
    const runner = require.resolve("@pulumi/pulumi/cmd/run");
    return startNode(
        [runner, ...args, "--pwd", folder, "--root-directory", folder, "--dry-run", "--parallel", "16", "."],
        folder,
        {
            PULUMI_CONFIG: JSON.stringify(config),
            PULUMI_CONFIG_SECRET_KEYS: "[]",
            PULUMI_NODEJS_TYPESCRIPT: "true",
            ...environment,
        },
        (reached) => (engine.onFirstCall = reached),
    );
}

/** The least that any program needs. It says when the SDK is there and waits to be ended. */
function startSdk(): Promise<Start> {
    const text = 'require("@pulumi/pulumi"); process.send("there"); setInterval(() => {}, 1000)';
    return startNode(["-e", text], root, {});
}

async function startNode(
    args: string[],
    cwd: string,
    environment: NodeJS.ProcessEnv,
    onReached?: (reached: () => void) => void,
): Promise<Start> {
    const began = performance.now();
    const child = spawn(process.execPath, args, {
        cwd,
        env: { ...process.env, ...environment },
        stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    let output = "";
    child.stdout!.on("data", (text) => (output += text));
    child.stderr!.on("data", (text) => (output += text));
    const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
    try {
        return await new Promise<Start>((resolve, reject) => {
            const reached = () =>
                resolve({ seconds: (performance.now() - began) / 1000, bytes: peakMemory(child.pid!) });
            onReached?.(reached);
            child.on("message", reached);
            child.on("error", reject);
            child.on("close", (code) =>
                reject(new Error(`the program ended with ${code} before it asked for anything\n${output}`)),
            );
        });
    } finally {
        child.kill("SIGKILL");
        await ended;
    }
}

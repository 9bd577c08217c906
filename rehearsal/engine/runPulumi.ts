import { spawn } from "node:child_process";
import { mkdir, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import type { EngineEvent } from "./events";
import { toolPath } from "../toolchain";
import { followEvents } from "./eventLog";
import { killTree, processTree, untilGone } from "./processTree";

/** How long an engine that was told to stop may take before everything is killed: its steps end on their own in that time. */
const GRACE_SECONDS = 20;

/** How long plugins may take once their engine is gone. */
const PLUGINS_GRACE_SECONDS = 5;

export interface PulumiOptions {
    /** Folder of the project, where the command runs. */
    cwd: string;
    env: NodeJS.ProcessEnv;
    /** Follow the engine's events; only commands that deploy or preview have any. */
    onEvent?: (event: EngineEvent) => void;
    /** Called with each piece of output. */
    onOutput?: (text: string) => void;
    /** Called once the process runs. Its process group is its own, so a crash test may kill it as it likes. */
    onStart?: (pid: number) => void;
    /** Stops as Ctrl-C does: the engine lets running steps end; whoever still runs after 20 s is killed. */
    signal?: AbortSignal;
}

export interface PulumiResult {
    /** The engine's exit code; 128 and the signal's number where it was killed. */
    exitCode: number;
    stdout: string;
    stderr: string;
    seconds: number;
}

/** Runs the Pulumi CLI. Never throws for what the engine reports: that is in the exit code and the output. */
export async function runPulumi(args: string[], options: PulumiOptions): Promise<PulumiResult> {
    options.signal?.throwIfAborted();
    const command = await toolPath("pulumi");
    const started = performance.now();

    const eventLog = options.onEvent && join(options.cwd, `.events-${process.pid}-${eventLogs++}.jsonl`);
    if (eventLog) await writeFile(eventLog, "", { mode: 0o600 }); // it holds secrets: see followEvents
    const stopFollowing = eventLog ? followEvents(eventLog, options.onEvent!) : undefined;

    const child = spawn(
        command,
        [...args, "--non-interactive", "--color", "never", ...(eventLog ? ["--event-log", eventLog] : [])],
        { cwd: options.cwd, env: options.env, stdio: ["ignore", "pipe", "pipe"], detached: true },
    );
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
        stdout += text;
        options.onOutput?.(text);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
        stderr += text;
        options.onOutput?.(text);
    });

    let grace: NodeJS.Timeout | undefined;
    /** Those that the engine has started when it is told to stop: they notice its end, and leave a moment later. */
    let plugins: number[] = [];
    const stop = async () => {
        grace = setTimeout(() => void killTree(child.pid!), GRACE_SECONDS * 1000);
        plugins = (await processTree(child.pid!).catch(() => [])).slice(1);
        child.kill("SIGINT");
    };
    // When this process leaves in a hurry, nothing of the engine stays.
    const leave = () => child.kill("SIGINT");

    try {
        const exitCode = await new Promise<number>((resolve, reject) => {
            child.on("error", reject);
            child.on("spawn", () => {
                // It may have been told while the program was looked for.
                if (options.signal?.aborted) void stop();
                else options.signal?.addEventListener("abort", stop, { once: true });
                process.on("exit", leave);
                options.onStart?.(child.pid!);
            });
            child.on("close", (code, signal) => resolve(code ?? 128 + (signal === "SIGKILL" ? 9 : 15)));
        });
        await stopFollowing?.();
        await untilGone(plugins, PLUGINS_GRACE_SECONDS * 1000);
        return { exitCode, stdout, stderr, seconds: (performance.now() - started) / 1000 };
    } finally {
        clearTimeout(grace);
        options.signal?.removeEventListener("abort", stop);
        process.off("exit", leave);
        await stopFollowing?.().catch(() => undefined);
        if (eventLog) await rm(eventLog, { force: true });
    }
}

let eventLogs = 0;

/**
 * The environment in which the engine runs: a home of the rehearsal's own, state in a file, no network, no questions.
 * What would reach a real cloud or a real backend is taken out.
 */
export async function engineEnvironment(runFolder: string, pluginsFolder: string): Promise<NodeJS.ProcessEnv> {
    const home = join(runFolder, "home");
    const state = join(runFolder, "state");
    await mkdir(home, { recursive: true });
    await mkdir(state, { recursive: true });
    await linkTo(pluginsFolder, join(home, "plugins"));

    const own = Object.entries(process.env).filter(
        ([name]) => !/^(PULUMI|ARM|AZURE|TS_NODE)_/.test(name) && name !== "KUBECONFIG",
    );
    return {
        ...Object.fromEntries(own),
        // The rehearsed cluster's sign-in plugin; and node, for which the plugins' first line asks.
        PATH: [join(runFolder, "cluster", "bin"), dirname(process.execPath), process.env.PATH]
            .filter(Boolean)
            .join(delimiter),
        PULUMI_HOME: home,
        // Without the backend's metadata files, which it does not write whole: a killed engine leaves an empty one at times,
        // and then the state beside it can no longer be read ("failed to load checkpoint: EOF").
        PULUMI_BACKEND_URL: `file://${state}?metadata=skip`,
        PULUMI_CONFIG_PASSPHRASE: "rehearsal",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_SUPPRESS_NEO_LINK: "true",
        PULUMI_DEBUG_COMMANDS: "true",
    };
}

async function linkTo(target: string, link: string): Promise<void> {
    const current = await readlink(link).catch(() => undefined);
    if (current === target) return;
    if (current !== undefined) await rm(link);
    await symlink(target, link);
}

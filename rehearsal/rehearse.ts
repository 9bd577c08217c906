import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Faults, writeFaults } from "./azure";
import { type ControlPlane, startControlPlane, stopControlPlane } from "./controlPlane";
import { ensureContracts } from "./contracts";
import { killTree, readStackConfig, Rehearsal, root, runFolderOf, temporaryRunFolder } from "./engine";
import type { CommandOptions, CommandResult, Config, EngineEvent } from "./engine";
import { deployFoundation } from "./foundation";
import type { Progress, Step } from "./progress";
import { buildReport, expectedUndecided, forgetUnjudged, problemsOf, readCatalogue, readUnjudged } from "./report";
import type { Report } from "./report";
import { cacheFolder, ensureTools, toolNames } from "./toolchain";
import { withLock } from "./toolchain/lock.cjs";

export interface RehearseOptions {
    stack: string;
    /** Kind of cluster instead of the one that the stack's file says. */
    cluster?: string;
    /** Settings instead of those that the stack's file has. */
    config?: Config;
    /** What the simulated Azure does wrong. @default nothing */
    faults?: Faults;
    /** Go on from what an earlier run kept, and leave cloud, state and API server for the next. @default a fresh stack, removed at the end */
    keep?: boolean;
    /** Folder of the program. @default this project */
    program?: string;
    /** Folder of the policy pack. @default this project's */
    policyPack?: string;
    progress: Progress;
    /** Stops the rehearsal: the engine lets running steps end, and nothing is left behind. */
    signal?: AbortSignal;
    /** Ends what runs at once. */
    killSignal?: AbortSignal;
}

export interface Rehearsed {
    report: Report;
    /** Why the rehearsal failed; none where it succeeded. */
    problems: string[];
    /** Of the API server, where it was kept. */
    kubeconfig?: string;
}

/** Preview, then up, both with the pack, on the real engine, against the simulated Azure and a real API server. */
export async function rehearse(options: RehearseOptions): Promise<Rehearsed> {
    if (!options.keep) {
        const runFolder = await temporaryRunFolder(options.stack);
        try {
            return await rehearseIn(runFolder, options);
        } finally {
            await rm(runFolder, { recursive: true, force: true, maxRetries: 3 });
        }
    }
    return withKept(options.stack, options.progress, async (runFolder) => {
        await mkdir(runFolder, { recursive: true });
        return rehearseIn(runFolder, options);
    });
}

/** Removes what `keep` left of a stack's rehearsal. @returns whether there was anything */
export function removeKept(stack: string, progress: Progress): Promise<boolean> {
    return withKept(stack, progress, async (runFolder) => {
        if (!existsSync(runFolder)) return false;
        await stopControlPlane(join(runFolder, "cluster"));
        await rm(runFolder, { recursive: true, force: true, maxRetries: 3 });
        return true;
    });
}

/** One process at a time works on a kept rehearsal. */
function withKept<T>(stack: string, progress: Progress, work: (runFolder: string) => Promise<T>): Promise<T> {
    return withLock(
        join(cacheFolder(), "locks", `rehearsal-${stack}.lock`),
        () => work(runFolderOf(stack)),
        (pid) => progress.note(`process ${pid} is at the kept rehearsal of ${stack}: waiting for it`),
    );
}

async function rehearseIn(runFolder: string, options: RehearseOptions): Promise<Rehearsed> {
    const { stack, keep = false, progress, signal } = options;
    const program = options.program ?? root;
    const policyPack = options.policyPack ?? join(root, "policy");
    const config = { ...(await readStackConfig(program, stack)), ...options.config };
    const override = { ...options.config, ...overrideCluster(config, options.cluster) };
    const catalogue = await readCatalogue(policyPack);

    await prepareTools(progress);
    signal?.throwIfAborted();
    await prepareContracts(progress);
    signal?.throwIfAborted();

    writeFaults(runFolder, {});
    await deployFoundation(program, runFolder, policyPack, progress);
    signal?.throwIfAborted();

    await forgetUnjudged(runFolder);
    writeFaults(runFolder, options.faults ?? {});

    const begun = new Follower();
    const rehearsal = new Rehearsal({
        program,
        stack,
        config: override,
        policyPacks: [policyPack],
        runFolder,
        // What is kept can be brought back after a crash.
        checkpoints: keep,
        onEvent: (event) => begun.see(event),
    });

    const began = performance.now();
    // It comes up beside the preview. Where it fails, the preview is stopped, and its error is what is thrown.
    const controlPlane = startShown(join(runFolder, "cluster"), keep, progress);
    const failed = new AbortController();
    controlPlane.catch((error) => failed.abort(error));
    const stopped = AbortSignal.any([failed.signal, ...(signal ? [signal] : [])]);
    const command = { signal: stopped, ...killable(options.killSignal) };
    const deploy = (name: "preview" | "up") =>
        begun.follow(progress.step(name), async () => {
            const result = await rehearsal[name](command);
            stopped.throwIfAborted();
            return result;
        });
    try {
        // The first preview meets no API server: the kubeconfig is unknown yet. One of a kept rehearsal asks it.
        if (keep) await controlPlane;

        const preview = await deploy("preview");
        let up: CommandResult | undefined;
        if (preview.exitCode === 0) {
            await controlPlane;
            up = await deploy("up");
        }

        const report = buildReport({
            stack,
            cluster: kindOf({ ...config, ...override }),
            seconds: (performance.now() - began) / 1000,
            preview,
            up,
            deployed: up?.exitCode === 0,
            unjudged: await readUnjudged(runFolder),
            catalogue,
            expected: expectedUndecided,
        });
        const last = up ?? preview;
        const problems = [
            ...(last.exitCode === 0 ? [] : complaintsOf(last, up ? "up" : "preview", stack)),
            ...problemsOf(report),
        ];
        return { report, problems, kubeconfig: keep ? (await controlPlane).kubeconfig : undefined };
    } finally {
        // Whatever happened: it has come up or failed by itself, and then goes.
        const started = await controlPlane.catch(() => undefined);
        if (!keep) await started?.stop();
    }
}

async function prepareTools(progress: Progress): Promise<void> {
    const step = progress.step("tools");
    try {
        const tools = Object.values(await ensureTools(toolNames, progress));
        const made = tools.filter(({ source }) => source === "build" || source === "download").length;
        step.done(made === 0 ? `${tools.length} reused` : `${made} made, ${tools.length - made} reused`);
    } catch (error) {
        step.failed("not all can be had");
        throw error;
    }
}

async function prepareContracts(progress: Progress): Promise<void> {
    const contracts = await ensureContracts(progress);
    if (contracts.state === "unreachable") {
        progress.note(`NOTHING JUDGES: no contracts (ARM's schemas, CRDs, charts' values): ${contracts.reason}`);
        progress.note("Wrong inputs will pass. MAINSTAY_CONTRACTS names a folder that has contracts.");
    } else if (contracts.state !== "fetched") progress.note(`contracts: ${contracts.state}, ${contracts.path}`);
}

async function startShown(folder: string, keep: boolean, progress: Progress): Promise<ControlPlane> {
    const step = progress.step("control plane");
    step.awaiting("etcd, kube-apiserver, controllers, scheduler, kwok");
    try {
        const started = await startControlPlane(folder, { keep });
        step.done(started.server);
        return started;
    } catch (error) {
        step.failed("did not become ready");
        throw error;
    }
}

/** A second Ctrl-C does not wait for the steps that run. */
function killable(killSignal: AbortSignal | undefined): CommandOptions {
    if (!killSignal) return {};
    return {
        onStart: (pid) => {
            if (killSignal.aborted) void killTree(pid);
            else killSignal.addEventListener("abort", () => void killTree(pid), { once: true });
        },
    };
}

/** Shows how far the engine has come. */
class Follower {
    private step: Step | undefined;
    private count = 0;

    see({ resOutputsEvent, resourcePreEvent }: EngineEvent): void {
        if (resOutputsEvent) this.count++;
        const name = (resourcePreEvent ?? resOutputsEvent)?.metadata.urn.split("::").at(-1);
        if (name) this.step?.awaiting(`${this.count} resources, at ${name}`);
    }

    async follow(step: Step, run: () => Promise<CommandResult>): Promise<CommandResult> {
        this.step = step;
        this.count = 0;
        step.awaiting("the program starts");
        try {
            const result = await run();
            const changes = Object.entries(result.changes).map(([op, count]) => `${count} ${op}`);
            const outcome = changes.join(", ") || "no changes";
            if (result.exitCode === 0) step.done(outcome);
            else step.failed(outcome);
            return result;
        } catch (error) {
            step.failed("stopped");
            throw error;
        }
    }
}

const CLUSTER = "mainstay:cluster";

function overrideCluster(config: Config, kind: string | undefined): Config {
    return kind ? { [CLUSTER]: { ...(config[CLUSTER] as object | undefined), kind } } : {};
}

function kindOf(config: Config): string {
    return (config[CLUSTER] as { kind?: string } | undefined)?.kind ?? "of no stated kind";
}

/** What the engine says went wrong, by resource; its own closing words (“update failed”) only where there is nothing else. */
function complaintsOf(result: CommandResult, command: string, stack: string): string[] {
    const errors = result.diagnostics
        .filter(({ severity }) => severity === "error")
        .map(({ urn, message }) => ({ urn, text: message.replace(/^error: /, "") }));
    const real = errors.filter(({ text }) => !/^(update|preview) failed$/.test(text));
    const lines = (real.length > 0 ? real : errors).map(({ urn, text }) =>
        urn ? `${urn.split("::").at(-1)}: ${text}` : text,
    );
    if (/currently locked by|pending operations/i.test(result.stderr + result.stdout)) {
        lines.push(
            `the kept rehearsal was cut off: npm run recover -- ${stack} --rehearsal brings it back, npm start -- ${stack} --destroy removes it`,
        );
    }
    if (lines.length > 0) return lines;
    return [`the ${command} failed: ${`${result.stderr}\n${result.stdout}`.trim().slice(-2000)}`];
}

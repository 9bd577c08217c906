import { mkdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { EngineEvent } from "./events";
import { pluginsFolder, type Plugin } from "./home";
import { layOutProject, writeInlineProgram, type Config, type InlineProgram } from "./project";
import { root } from "./root";
import { temporaryRunFolder } from "./runFolder";
import { engineEnvironment, runPulumi, type PulumiOptions, type PulumiResult } from "./runPulumi";
import { summarize, type Summary } from "./summary";

export interface RehearsalOptions {
    /** Folder of a Pulumi program, or the files of a small one: `{ "index.js": "…" }`. */
    program: string | InlineProgram;
    /** @default "test" */
    stack?: string;
    /** Settings that override the stack file's, by full name: `{ "mainstay:cluster": { kind: "aks" } }`. */
    config?: Config;
    /** Folders of policy packs, used by `preview` and `up`. @default none */
    policyPacks?: string[];
    /** File with settings for the pack of the same position. */
    policyPackConfigs?: string[];
    /** Where everything of the run is kept. @default a folder of its own, removed by {@link Rehearsal.remove} */
    runFolder?: string;
    /** What the simulated Azure is to do wrong, written to `azure/faults.json`; its shape is rehearsal/azure's. */
    faults?: unknown;
    /** Write the state after each step, as a real deployment does: for tests that kill. @default false */
    checkpoints?: boolean;
    /** More environment variables for the engine and all that it starts. */
    env?: NodeJS.ProcessEnv;
    /** Providers of a test's own, beside the rehearsal's. */
    providers?: Omit<Plugin, "kind">[];
    /** Each event as it comes. */
    onEvent?: (event: EngineEvent) => void;
    /** Each piece of the engine's output as it comes. */
    onOutput?: (text: string) => void;
}

export interface CommandOptions {
    /** More of the CLI's own arguments, such as `["--refresh"]` or `["--target", urn]`. */
    args?: string[];
    /** Stops as Ctrl-C does. */
    signal?: AbortSignal;
    /** Called with the engine's process number once it runs, for tests that kill it. */
    onStart?: (pid: number) => void;
}

export type CommandResult = PulumiResult & Summary & { events: EngineEvent[] };

export type UpResult = CommandResult & { outputs: Record<string, unknown> };

/**
 * A program on the real engine with the rehearsal's providers: a stack of its own, in a run folder of its own.
 * Commands answer what happened, also when the engine fails; look at `exitCode`.
 */
export class Rehearsal {
    readonly stack: string;
    /** Known once the first command ran, or from the beginning where it was given. */
    runFolder: string | undefined;
    private readonly isTemporary: boolean;
    private preparing: Promise<Prepared> | undefined;

    constructor(private readonly options: RehearsalOptions) {
        this.stack = options.stack ?? "test";
        this.runFolder = options.runFolder && resolve(options.runFolder);
        this.isTemporary = !options.runFolder;
    }

    preview(options: CommandOptions = {}): Promise<CommandResult> {
        return this.deploy(["preview", ...this.policyArguments()], options);
    }

    /** Without a preview of its own. */
    async up(options: CommandOptions = {}): Promise<UpResult> {
        const result = await this.deploy(["up", "--yes", "--skip-preview", ...this.policyArguments()], options);
        return { ...result, outputs: await this.outputs() };
    }

    refresh(options: CommandOptions = {}): Promise<CommandResult> {
        return this.deploy(["refresh", "--yes", "--skip-preview"], options);
    }

    /** Deletes the stack's resources. */
    destroy(options: CommandOptions = {}): Promise<CommandResult> {
        return this.deploy(["destroy", "--yes", "--skip-preview"], options);
    }

    /** Any other command of the CLI on this stack, such as `["stack", "export"]`. */
    async pulumi(args: string[], options: Pick<PulumiOptions, "signal" | "onStart"> = {}): Promise<PulumiResult> {
        const { project, env } = await this.prepare();
        return runPulumi(args, { cwd: project, env, onOutput: this.options.onOutput, ...options });
    }

    /** The stack's outputs, secrets in the clear. */
    async outputs(): Promise<Record<string, unknown>> {
        const { stdout, exitCode } = await this.quiet(["stack", "output", "--json", "--show-secrets"]);
        return exitCode === 0 ? (JSON.parse(stdout) as Record<string, unknown>) : {};
    }

    /** The state as the engine keeps it: `{ deployment: { resources: [...] } }`, secrets encrypted. */
    async state(): Promise<{ deployment: { resources?: StateResource[]; pending_operations?: PendingOperation[] } }> {
        const { stdout, stderr, exitCode } = await this.quiet(["stack", "export"]);
        if (exitCode !== 0) throw new Error(`the state could not be read: ${stderr}`);
        return JSON.parse(stdout) as Awaited<ReturnType<Rehearsal["state"]>>;
    }

    /** Sets what the simulated Azure does wrong from now on; `undefined` ends it. */
    async setFaults(faults: unknown): Promise<void> {
        const { runFolder } = await this.prepare();
        const file = join(runFolder, "azure", "faults.json");
        if (faults === undefined) return rm(file, { force: true });
        await mkdir(join(runFolder, "azure"), { recursive: true });
        await writeFile(file, JSON.stringify(faults));
    }

    /** Rewrites the files of an inline program between two commands. */
    async change(files: InlineProgram): Promise<void> {
        const { program } = await this.prepare();
        if (typeof this.options.program === "string") throw new Error("only an inline program can be changed");
        await writeInlineProgram(program, { ...this.options.program, ...files });
    }

    /** Forgets everything, whatever state it is in. A run folder that was given is removed too. */
    async remove(): Promise<void> {
        await this.preparing?.catch(() => undefined);
        if (this.runFolder) await rm(this.runFolder, { recursive: true, force: true, maxRetries: 3 });
        this.preparing = undefined;
        if (this.isTemporary) this.runFolder = undefined;
    }

    private async deploy(args: string[], options: CommandOptions): Promise<CommandResult> {
        const { project, env } = await this.prepare();
        const events: EngineEvent[] = [];
        const result = await runPulumi([...args, "--stack", this.stack, ...(options.args ?? [])], {
            cwd: project,
            env,
            onOutput: this.options.onOutput,
            onEvent: (event) => {
                events.push(event);
                this.options.onEvent?.(event);
            },
            signal: options.signal,
            onStart: options.onStart,
        });
        return { ...result, ...summarize(events), events };
    }

    private async quiet(args: string[]): Promise<PulumiResult> {
        const { project, env } = await this.prepare();
        return runPulumi([...args, "--stack", this.stack], { cwd: project, env });
    }

    private policyArguments(): string[] {
        const { policyPacks = [], policyPackConfigs = [] } = this.options;
        return [
            ...policyPacks.flatMap((pack) => ["--policy-pack", resolve(pack)]),
            ...policyPackConfigs.flatMap((config) => ["--policy-pack-config", resolve(config)]),
        ];
    }

    private prepare(): Promise<Prepared> {
        this.preparing ??= this.makeReady();
        return this.preparing;
    }

    private async makeReady(): Promise<Prepared> {
        const { options } = this;
        const runFolder = (this.runFolder ??= await temporaryRunFolder());
        await mkdir(runFolder, { recursive: true });

        let program: string;
        if (typeof options.program === "string") program = resolve(options.program);
        else {
            program = join(runFolder, "source");
            await writeInlineProgram(program, options.program);
        }
        const project = await layOutProject(runFolder, program, this.stack, options.config ?? {});

        const extra = (options.providers ?? []).map((plugin): Plugin => ({ ...plugin, kind: "resource" }));
        const env: NodeJS.ProcessEnv = {
            ...(await engineEnvironment(runFolder, await pluginsFolder(extra))),
            MAINSTAY_REHEARSAL: runFolder,
            MAINSTAY_ROOT: root,
            ...(options.checkpoints ? {} : { PULUMI_SKIP_CHECKPOINTS: "true", PULUMI_EXPERIMENTAL: "true" }),
            ...options.env,
        };

        const prepared: Prepared = { runFolder, program, project, env };
        const made = await runPulumi(["stack", "select", this.stack, "--create"], { cwd: project, env });
        if (made.exitCode !== 0) throw new Error(`the stack ${this.stack} could not be made: ${made.stderr}`);
        if (options.faults !== undefined) {
            await mkdir(join(runFolder, "azure"), { recursive: true });
            await writeFile(join(runFolder, "azure", "faults.json"), JSON.stringify(options.faults));
        }
        return prepared;
    }
}

interface Prepared {
    runFolder: string;
    program: string;
    project: string;
    env: NodeJS.ProcessEnv;
}

export interface StateResource {
    urn: string;
    type: string;
    custom?: boolean;
    id?: string;
    inputs?: Record<string, unknown>;
    outputs?: Record<string, unknown>;
    parent?: string;
    protect?: boolean;
}

export interface PendingOperation {
    resource: StateResource;
    type: string;
}

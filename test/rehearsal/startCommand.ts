import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contractsFolder } from "../../rehearsal/contracts";
import { root } from "../../rehearsal/engine";
import { silentProgress } from "../../rehearsal/progress";
import { cacheFolder, ensureTools, toolNames, type ToolName } from "../../rehearsal/toolchain";
import { pins } from "../../rehearsal/toolchain/pins";

export interface Started {
    code: number | null;
    /** Standard output: the table. */
    stdout: string;
    /** Standard error: the steps. */
    stderr: string;
}

/**
 * `npm start` as a user has it, less the installation of packages, with a cache and a temporary folder of its own: kept
 * rehearsals of whoever runs the tests stay as they are. Tools, contracts and what is compiled are those of this machine.
 */
export class StartCommand {
    private readonly running = new Set<ChildProcess>();

    private constructor(
        readonly sandbox: string,
        private readonly env: NodeJS.ProcessEnv,
    ) {}

    static async prepare(): Promise<StartCommand> {
        const tools = await ensureTools(toolNames, silentProgress);
        const sandbox = await mkdtemp(join(tmpdir(), "mainstay-start-test-"));
        for (const folder of ["tools", "cache", "tmp"]) await mkdir(join(sandbox, folder));
        // What is named by its content serves everybody; kept rehearsals and locks are the sandbox's own.
        for (const folder of ["transpiled", "engine"]) {
            await mkdir(join(cacheFolder(), folder), { recursive: true });
            await symlink(join(cacheFolder(), folder), join(sandbox, "cache", folder));
        }
        for (const name of toolNames) await symlink(tools[name].path, join(sandbox, "tools", name));
        return new StartCommand(sandbox, {
            ...process.env,
            MAINSTAY_TOOLS: join(sandbox, "tools"),
            MAINSTAY_CACHE: join(sandbox, "cache"),
            MAINSTAY_CONTRACTS: contractsFolder()?.path,
            TMPDIR: join(sandbox, "tmp"),
            TS_NODE_PROJECT: join(root, "lean", "program.tsconfig.json"), // as rehearsal/setup.mjs says
            INIT_CWD: sandbox,
        });
    }

    /** A shell script in place of one of the tools; its version it says as the tool does. */
    async replaceTool(name: ToolName, script: string): Promise<void> {
        const tool = join(this.sandbox, "tools", name);
        const real = await readlink(tool);
        await rm(tool);
        const versionArguments = pins[name].versionArguments.join(" ");
        await writeFile(tool, `#!/bin/sh\n[ "$*" = "${versionArguments}" ] && exec '${real}' "$@"\n${script}\n`, {
            mode: 0o755,
        });
    }

    /** @param onStep called with each line of progress, and the process */
    run(args: string[], onStep?: (line: string, child: ChildProcess) => void): Promise<Started> {
        const child = spawn(
            process.execPath,
            ["-r", "ts-node/register", join(root, "rehearsal", "start.ts"), ...args],
            {
                cwd: root,
                env: this.env,
                stdio: ["ignore", "pipe", "pipe"],
            },
        );
        this.running.add(child);
        let [stdout, stderr] = ["", ""];
        child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
        child.stderr.setEncoding("utf8").on("data", (text: string) => {
            stderr += text;
            for (const line of text.split("\n")) onStep?.(line, child);
        });
        return new Promise((resolve, reject) => {
            child.on("error", reject);
            child.on("close", (code) => {
                this.running.delete(child);
                resolve({ code, stdout, stderr });
            });
        });
    }

    /** Processes that have the sandbox in their command line: engine, plugins, control plane. */
    processes(): string[] {
        return execFileSync("ps", ["-A", "-o", "pid=,args="], { encoding: "utf8", maxBuffer: 1 << 26 })
            .split("\n")
            .filter((line) => line.includes(this.sandbox));
    }

    /** Run folders that are there, other than kept ones. */
    runFolders(): Promise<string[]> {
        return readdir(join(this.sandbox, "tmp")).then((names) => names.filter((name) => name.startsWith("mainstay-")));
    }

    /** Whatever happened, nothing stays. */
    async remove(): Promise<void> {
        for (const child of this.running) child.kill("SIGKILL");
        for (const line of this.processes()) {
            try {
                process.kill(parseInt(line), "SIGKILL");
            } catch {
                // It has gone by itself.
            }
        }
        await rm(this.sandbox, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    }
}

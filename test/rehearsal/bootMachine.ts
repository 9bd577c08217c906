import { execFile, spawn } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { factsFile } from "../../components/controlPlane/boot/facts";
import { toolPath, type ToolName } from "../../rehearsal/toolchain";

const scripts = join(__dirname, "../../components/controlPlane/boot/scripts");

export interface Outcome {
    code: number;
    stdout: string;
    stderr: string;
}

/** A folder that scripts take for a machine: everything that they touch is below it. */
export class Machine {
    private constructor(
        readonly root: string,
        private readonly path: string[],
    ) {}

    /** With the bundle's scripts where a machine has them, these tools on PATH, and no other program's network. */
    static async create(tools: ToolName[] = []): Promise<Machine> {
        const root = await mkdtemp(join(tmpdir(), "mainstay-machine-test-"));
        await cp(scripts, join(root, "etc/mainstay"), { recursive: true });
        await mkdir(join(root, "bin"));
        const folders = await Promise.all(tools.map(async (name) => dirname(await toolPath(name))));
        return new Machine(root, [join(root, "bin"), ...new Set(folders)]);
    }

    at(path: string): string {
        return join(this.root, path);
    }

    async write(path: string, content: string, mode = 0o600): Promise<void> {
        await mkdir(dirname(this.at(path)), { recursive: true });
        await writeFile(this.at(path), content);
        await chmod(this.at(path), mode);
    }

    read(path: string): Promise<string> {
        return readFile(this.at(path), "utf8");
    }

    /** Names in a folder; none where there is no such folder. */
    async list(path: string): Promise<string[]> {
        return (await readdir(this.at(path)).catch(() => [])).sort();
    }

    facts(facts: Record<string, string>): Promise<void> {
        return this.write("etc/mainstay/facts.env", factsFile(facts));
    }

    /** A command in place of one that a test machine lacks; it notes how it was called in `/calls`. */
    command(name: string, body = ""): Promise<void> {
        return this.write(`bin/${name}`, `#!/bin/bash\necho "${name} $*" >>'${this.at("calls")}'\n${body}\n`, 0o755);
    }

    /** Ends with the machine's own code; never rejects. */
    run(service: string, args: string[] = [], environment: Record<string, string> = {}): Promise<Outcome> {
        return new Promise((resolve) => {
            execFile(
                "bash",
                [this.at(`etc/mainstay/services/${service}.sh`), ...args],
                {
                    env: { PATH: [...this.path, process.env.PATH].join(":"), MAINSTAY_ROOT: this.root, ...environment },
                    maxBuffer: 16 << 20,
                },
                (error, stdout, stderr) =>
                    resolve({ code: error ? ((error as { code?: number }).code ?? -1) : 0, stdout, stderr }),
            );
        });
    }

    remove(): Promise<void> {
        return rm(this.root, { recursive: true, force: true });
    }
}

/** Lines by which a script says that it failed: there is to be one, or none. */
export const failures = (outcome: Outcome): string[] =>
    outcome.stderr.split("\n").filter((line) => line.startsWith("mainstay: FAILED "));

/** A program that runs beside the test, ended by its own number. */
export function start(program: string, args: string[]): { log: () => string; stop(): Promise<void> } {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    let log = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (log += data));
    const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
    return {
        log: () => log,
        async stop() {
            child.kill("SIGKILL");
            await ended;
        },
    };
}

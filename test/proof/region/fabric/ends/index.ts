/** Machines and clients that do nothing but answer and ask: for proofs of the network itself, without Kubernetes. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";

/** What a server said, or why it did not. */
export interface Said {
    /** The server's. */
    name?: string;
    /** The client's address as the server sees it. */
    from?: string;
    error?: string;
}

class End {
    protected readonly lines: Interface;
    private readonly child: ChildProcessByStdio<Writable, Readable, null>;

    protected constructor(command: string, args: string[]) {
        this.child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
        this.lines = createInterface({ input: this.child.stdout });
    }

    /** A process of its network namespace. */
    get pid(): number {
        return this.child.pid!;
    }

    protected async listening(): Promise<this> {
        await once(this.lines, "line");
        return this;
    }

    protected say(line: string): void {
        this.child.stdin.write(`${line}\n`);
    }

    /** It ends, and its sockets with it. */
    async end(): Promise<void> {
        const ended = once(this.child, "exit");
        if (this.child.kill("SIGKILL")) await ended;
    }
}

/** A machine behind the balancer, in a network namespace of its own. */
export class Server extends End {
    static start(
        name: string,
        port: number,
        { key, certificate }: { key: string; certificate: string },
    ): Promise<Server> {
        const script = join(__dirname, "serve.cjs");
        const args = ["--net", process.execPath, script, name, String(port), key, certificate];
        return new Server("unshare", args).listening();
    }

    /** What it answers to `/readyz` from now on. */
    answerProbes(readiness: 200 | 302 | 500 | "silence"): void {
        this.say(String(readiness));
    }
}

/** Who asks: in a network namespace of its own, or on a machine. */
export class Client extends End {
    static start(on?: Server): Promise<Client> {
        const script = [process.execPath, join(__dirname, "ask.cjs")];
        return on
            ? new Client("nsenter", ["--target", String(on.pid), "--net", ...script]).listening()
            : new Client("unshare", ["--net", ...script]).listening();
    }

    /** Asks so many times, over a connection each or over the one that is kept. */
    async ask(url: string, count: number, { kept = false, from, patience = 10_000 }: Asking = {}): Promise<Said[]> {
        this.say(JSON.stringify({ url, count, kept, from, patience }));
        const [line] = (await once(this.lines, "line")) as [string];
        return JSON.parse(line) as Said[];
    }
}

export interface Asking {
    kept?: boolean;
    /** An address of its own that it asks from. */
    from?: string;
    /** Milliseconds to wait for each answer. */
    patience?: number;
}

import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, openSync, readFileSync, renameSync } from "node:fs";
import { request as http } from "node:http";
import { request as https } from "node:https";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { KubernetesClient } from "../kubernetes/client";
import { clientFor } from "../kubernetes/kubeconfig";
import type { Layout } from "./folder";
import type { RunningProbe } from "./machine/programs";
import type { Program, Runnable } from "./plan";

/** Programs that could not be started; the message names the one and what it said last. */
export class StartError extends Error {}

/** The programs of one plan, as children of this process. */
export class Running {
    /** Of somebody who may do everything. */
    readonly client: KubernetesClient;
    private readonly children = new Map<string, ChildProcess>();
    private readonly ending = new AbortController();
    /** The first that ended without being told to. */
    private lost: string | undefined;
    private settled = false;

    /**
     * @param changed - called with the process numbers whenever they change
     * @param onLoss - called when one ends by itself after all were up
     * @param proxy - whom they have to ask for anything beyond this machine
     */
    constructor(
        private readonly plan: Runnable,
        private readonly place: Layout,
        private readonly proxy: string,
        private readonly changed: (children: Record<string, number>) => void,
        private readonly onLoss: (why: string) => void,
    ) {
        this.client = clientFor(plan.kubeconfig);
    }

    /**
     * Returns when the API server is ready and the others run.
     *
     * @throws StartError when one of them ends, or does not answer in time
     */
    async start(withinSeconds: number): Promise<void> {
        const overdue = Date.now() + withinSeconds * 1000;
        for (const program of this.plan.programs.filter((program) => !program.afterApiServer)) this.spawn(program);
        await this.until(overdue, "kube-apiserver", async () => {
            await this.client.request("GET", "/readyz", { signal: this.ending.signal });
        });
        for (const program of this.plan.programs.filter((program) => program.afterApiServer)) this.spawn(program);
        for (const probe of this.plan.probes ?? []) {
            await this.until(overdue, probe.program, async () => {
                const code = await codeOf(probe);
                // Nobody else answers there, so it will not answer otherwise in a while.
                if (code === 401 || code === 403)
                    throw new StartError(
                        `${probe.program}: its ${probe.kind} GET ${new URL(probe.url).pathname} is answered ${code}, so the kubelet would end it again and again`,
                    );
                if (code < 200 || code > 399) throw new Error(`its ${probe.kind} is answered ${code}`);
            });
        }
        this.settled = true;
    }

    /** etcd last, so that the others can still write what they want to. */
    async end(): Promise<void> {
        this.ending.abort();
        this.client.close();
        await this.endChildren([...this.children.keys()].filter((name) => name !== "etcd"));
        await this.endChildren([...this.children.keys()]);
    }

    /** Makes room for others at once; etcd's data stand that. */
    async kill(): Promise<void> {
        for (const child of this.children.values()) child.kill("SIGKILL");
        await this.end();
    }

    private spawn(program: Program): void {
        const log = openSync(this.logOf(program.name), "w", 0o600);
        const child = spawn(program.path, program.args, {
            cwd: this.place.folder,
            stdio: ["ignore", log, log],
            // A group of its own: Ctrl-C in the terminal is the starter's affair.
            detached: true,
            env: { ...program.env, ...this.environment() },
        });
        this.children.set(program.name, child);
        this.record();
        child.on("error", (error) => this.lose(program.name, `could not be started: ${error.message}`));
        child.on("exit", (code, signal) => {
            this.children.delete(program.name);
            if (!this.ending.signal.aborted) this.lose(program.name, `ended (${signal ?? code})`);
        });
    }

    /** Proxies and kubeconfigs of the user's have no business here, and nobody leaves this machine: for Entra's keys they come to its stand-in. */
    private environment(): NodeJS.ProcessEnv {
        return {
            PATH: process.env.PATH,
            HOME: this.place.folder,
            GOMAXPROCS: process.env.GOMAXPROCS ?? "",
            HTTP_PROXY: this.proxy,
            HTTPS_PROXY: this.proxy,
            // So that Go's own roots trust the stand-in for Entra.
            SSL_CERT_FILE: join(this.place.pki, "authority.crt"),
            NO_PROXY: "localhost,127.0.0.1,::1",
        };
    }

    private lose(name: string, how: string): void {
        this.lost ??= `${name}: ${how}: ${this.lastLineOf(name)}`;
        if (this.settled) this.onLoss(`${name} ${how}; its log is in ${this.place.logs}`);
    }

    private record(): void {
        this.changed(Object.fromEntries([...this.children].map(([name, child]) => [name, child.pid ?? 0])));
    }

    private async until(overdue: number, name: string, attempt: () => Promise<void>): Promise<void> {
        for (;;) {
            if (this.lost) throw new StartError(this.lost);
            this.ending.signal.throwIfAborted();
            try {
                return await attempt();
            } catch (error) {
                if (error instanceof StartError) throw error;
                if (Date.now() > overdue)
                    throw new StartError(
                        `${name}: not ready in time: ${(error as Error).message}: ${this.lastLineOf(name)}`,
                    );
            }
            await sleep(50, undefined, { signal: this.ending.signal });
        }
    }

    private async endChildren(names: string[]): Promise<void> {
        const ended = names.flatMap((name) => {
            const child = this.children.get(name);
            if (!child || child.exitCode !== null || child.signalCode !== null) return [];
            child.kill("SIGTERM");
            const overdue = setTimeout(() => child.kill("SIGKILL"), 1_500);
            return new Promise<void>((resolve) =>
                child.once("exit", () => {
                    clearTimeout(overdue);
                    resolve();
                }),
            );
        });
        await Promise.all(ended);
    }

    private logOf(name: string): string {
        return join(this.place.logs, `${name}.log`);
    }

    private lastLineOf(name: string): string {
        try {
            return readFileSync(this.logOf(name), "utf8").trim().split("\n").at(-1) || "it said nothing";
        } catch {
            return "it has no log";
        }
    }

    /** Their logs, from before others write theirs: `<name>.failed.log`. */
    keepLogs(): void {
        for (const { name } of this.plan.programs)
            if (existsSync(this.logOf(name))) renameSync(this.logOf(name), join(this.place.logs, `${name}.failed.log`));
    }
}

/** Asked without a name, and without looking at who answers: as a kubelet and a balancer ask. */
export function codeOf({ url }: Pick<RunningProbe, "url">): Promise<number> {
    return new Promise((resolve, reject) => {
        const options = { timeout: 5_000, agent: false as const, rejectUnauthorized: false };
        const asked = (url.startsWith("https:") ? https : http)(url, options, (answer) => {
            answer.resume();
            resolve(answer.statusCode ?? 0);
        });
        asked.on("timeout", () => asked.destroy(new Error("no answer in 5 s")));
        asked.on("error", reject).end();
    });
}

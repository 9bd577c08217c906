import { type ChildProcess, spawn as spawnHere, type SpawnOptions } from "node:child_process";
import { createInterface } from "node:readline";
import { clientProgram } from "./build";
import type { Reached, Watched, Write } from "./lines";

/** Starts a program where a client is to run, such as in a network namespace; the program itself must get the signals. */
export type Spawn = (program: string, args: string[], options: SpawnOptions) => ChildProcess;

/** When an idle connection is asked for a sign of life by an HTTP/2 PING, and how long it may take. Whole seconds. */
export interface Ping {
    /** client-go reads it from `HTTP2_READ_IDLE_TIMEOUT_SECONDS`. */
    readIdleSeconds: number;
    /** client-go reads it from `HTTP2_PING_TIMEOUT_SECONDS`. */
    timeoutSeconds: number;
}

export interface ClientArgs {
    /** Path of the kubeconfig that says where and as whom. */
    kubeconfig: string;
    /** Namespace of the ConfigMaps. @default `default` */
    namespace?: string;
    /** @default client-go's, 30 s and 15 s */
    ping?: Ping;
    /** When it ends by itself. @default never */
    seconds?: number;
}

export interface WriterArgs extends ClientArgs {
    /** ConfigMaps are named so, with a hyphen and a number from 0. */
    name: string;
    /** @default 10 */
    ratePerSecond?: number;
    /** Of one attempt. @default 1000 */
    timeoutMs?: number;
    /** How long a create that failed is tried again, by the same name. @default 0, never */
    retryWithinMs?: number;
    /** A connection and a TLS handshake for each request. @default false, kept as client-go keeps them */
    newConnections?: boolean;
}

export interface ReachArgs {
    /** Path of the certificates to trust, PEM. */
    authority: string;
    urls: string[];
    /** Requests for each URL, one after another. @default 100 */
    times?: number;
    /** Of one request. @default 1000 */
    timeoutMs?: number;
}

/** A client that runs. */
export interface RunningClient<Line> {
    /** What it said so far. */
    readonly lines: Line[];
    /** Resolves with the first line, said before or yet to come, that `fits`; rejects when the client ends without one. */
    next(fits: (line: Line) => boolean): Promise<Line>;
    /** Resolves with all that it said when it has ended by itself; rejects with what it complained of. */
    ended: Promise<Line[]>;
    /** Has it end in order: what is under way is waited for. */
    end(): Promise<Line[]>;
}

/** Starts a writer: ConfigMaps at a steady rate, each by itself, so that one that hangs delays no other. */
export async function startWriter(args: WriterArgs, spawn: Spawn = spawnHere): Promise<RunningClient<Write>> {
    return start(await clientProgram(), writerArguments(args), spawn);
}

/** Starts a watch, and waits until it watches. */
export async function startWatch(args: ClientArgs, spawn: Spawn = spawnHere): Promise<RunningClient<Watched>> {
    const running = start<Watched>(await clientProgram(), ["watch", ...clientArguments(args)], spawn);
    await running.next(({ event }) => event === "STARTED");
    return running;
}

/** Asks URLs by a new TLS connection each time, and waits for the end. */
export async function reach(args: ReachArgs, spawn: Spawn = spawnHere): Promise<Reached[]> {
    const lines = await start<Reached>(await clientProgram(), reachArguments(args), spawn).ended;
    // The last line for each URL is only their sum.
    return lines.filter((line) => "at" in line);
}

/** What follows the program's name; for a pod that runs it from the image. */
export function reachArguments({ authority, urls, times = 100, timeoutMs = 1000 }: ReachArgs): string[] {
    return ["reach", "--ca", authority, "--times", String(times), "--timeout", `${timeoutMs}ms`, ...urls];
}

/** What follows the program's name. */
export function writerArguments(args: WriterArgs): string[] {
    const { name, ratePerSecond = 10, timeoutMs = 1000, retryWithinMs = 0, newConnections = false } = args;
    return [
        ...["write", ...clientArguments(args), "--name", name, "--rate", String(ratePerSecond)],
        ...["--timeout", `${timeoutMs}ms`, "--retry-within", `${retryWithinMs}ms`],
        ...(newConnections ? ["--new-connections"] : []),
    ];
}

function clientArguments({ kubeconfig, namespace = "default", ping, seconds = 0 }: ClientArgs): string[] {
    return [
        ...["--kubeconfig", kubeconfig, "--namespace", namespace, "--seconds", String(seconds)],
        ...(ping ? ["--ping", `${ping.readIdleSeconds},${ping.timeoutSeconds}`] : []),
    ];
}

function start<Line>(program: string, args: string[], spawn: Spawn): RunningClient<Line> {
    // It ends with its stdin, so with this process too, however that ends.
    const child = spawn(program, ["--until-stdin-ends", ...args], { stdio: ["pipe", "pipe", "pipe"] });
    const lines: Line[] = [];
    const waiting = new Set<(line: Line) => void>();
    createInterface({ input: child.stdout! }).on("line", (text) => {
        const line = JSON.parse(text) as Line;
        lines.push(line);
        for (const look of waiting) look(line);
    });
    let complaints = "";
    child.stderr!.on("data", (chunk: Buffer) => (complaints = (complaints + chunk.toString()).slice(-2000)));
    const ended = new Promise<Line[]>((resolve, reject) => {
        child.on("error", reject);
        child.on("close", (code, signal) => {
            if (code === 0) resolve(lines);
            else reject(new Error(`client ${args[0]} ended with ${signal ?? code}: ${complaints.trim()}`));
        });
    });
    // Whoever asks gets it; that nobody asked yet is no fault.
    ended.catch(() => undefined);
    return {
        lines,
        ended,
        next: (fits) => {
            const already = lines.find(fits);
            if (already) return Promise.resolve(already);
            return new Promise((resolve, reject) => {
                const look = (line: Line): void => {
                    if (!fits(line)) return;
                    waiting.delete(look);
                    resolve(line);
                };
                waiting.add(look);
                ended.then(() => reject(new Error(`client ${args[0]} ended before it said that`)), reject);
            });
        },
        end: () => {
            child.kill("SIGTERM");
            return ended;
        },
    };
}

import { type ChildProcess, spawn } from "node:child_process";

export interface Child {
    stop(): Promise<void>;
}

/**
 * Starts a program that serves until it is stopped.
 *
 * @param isReady looked at after each of its lines
 * @throws when it ends before it is ready, with what it said
 */
export async function startChild(
    program: string,
    args: string[],
    environment: Record<string, string>,
    isReady: (said: string) => boolean,
): Promise<Child> {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...environment } });
    const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
    await readiness(child, program, isReady);
    return {
        async stop() {
            child.kill("SIGKILL");
            await ended;
        },
    };
}

function readiness(child: ChildProcess, program: string, isReady: (said: string) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
        let said = "";
        for (const stream of [child.stdout!, child.stderr!])
            stream.on("data", (data) => {
                // Read on after it is ready, too: a full pipe would stop it.
                said = (said + data).slice(-8_000);
                if (isReady(said)) resolve();
            });
        child.once("error", reject);
        child.once("close", (code, signal) => reject(new Error(`${program} ended (${signal ?? code}): ${said}`)));
    });
}

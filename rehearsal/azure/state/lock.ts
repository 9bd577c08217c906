import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Longer than any change takes: behind a lock are a few small files. */
const PATIENCE_MILLISECONDS = 30_000;

/**
 * Runs one change of the state at a time, over all processes: what a rule saw still holds when the file is written.
 * A lock whose owner was killed is taken over.
 */
export function exclusively<Result>(folder: string, change: () => Result): Result {
    const lock = join(folder, ".lock");
    const claim = join(folder, `.lock-${process.pid}`);
    const deadline = Date.now() + PATIENCE_MILLISECONDS;
    writeFileSync(claim, String(process.pid));
    try {
        while (!acquired(claim, lock)) {
            if (Date.now() > deadline)
                throw new Error(
                    `${lock} has been held for ${PATIENCE_MILLISECONDS / 1000} s by process ${holder(lock) ?? "?"}.`,
                );
            releaseIfAbandoned(lock, claim);
            Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
        }
        try {
            return change();
        } finally {
            unlinkSync(lock);
        }
    } finally {
        unlinkSync(claim);
    }
}

function acquired(claim: string, lock: string): boolean {
    try {
        linkSync(claim, lock);
        return true;
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
        throw error;
    }
}

function holder(lock: string): number | undefined {
    try {
        return Number(readFileSync(lock, "utf8")) || undefined;
    } catch {
        return undefined;
    }
}

function releaseIfAbandoned(lock: string, claim: string): void {
    const pid = holder(lock);
    if (pid === undefined || isAlive(pid)) return;
    const taken = `${claim}-abandoned`;
    try {
        // Of several that notice, one renames. It may have caught a lock that was taken afresh meanwhile: then it goes back.
        renameSync(lock, taken);
        if (holder(taken) !== pid) acquired(taken, lock);
        unlinkSync(taken);
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
}

function isAlive(pid: number): boolean {
    try {
        process.kill(pid, 0);
        return true;
    } catch (error) {
        return (error as NodeJS.ErrnoException).code === "EPERM";
    }
}

import { setTimeout as sleep } from "node:timers/promises";
import { AzureError } from "../error";
import { draw, type FaultFile, type Faults } from "./faults";

/** azure-native's client asks three times more where Azure is busy (429, or 409 `AnotherOperationInProgress`). */
const TRIES = 4;
/** The real client waits 20, 60 and 120 seconds: nothing that a rehearsal would learn from. */
const CONFLICT_WAIT_MILLISECONDS = 1000;

export interface Request {
    method: "GET" | "PUT" | "DELETE" | "POST";
    id: string;
    /** Aborted when the engine cancels. */
    signal?: AbortSignal;
}

/** Lets requests of the simulated Azure fail as its faults say. */
export class Requests {
    private writes = 0;

    constructor(private readonly file: FaultFile) {}

    get faults(): Faults {
        return this.file.now();
    }

    /** Waits as long as the request has to wait, or throws what Azure would answer. */
    async admit(request: Request): Promise<void> {
        const faults = this.faults;
        const options = request.signal ? { signal: request.signal } : undefined;
        if (faults.latencyMilliseconds) await sleep(faults.latencyMilliseconds, undefined, options);

        const seconds = faults.retryAfterSeconds ?? 1;
        for (let attempt = 1; this.hit("throttle", request, attempt); attempt++) {
            if (attempt === TRIES) {
                throw new AzureError(
                    429,
                    "TooManyRequests",
                    `The request is being throttled as the limit has been reached for operation type '${request.method}'. Retry-After: ${seconds}`,
                );
            }
            await sleep(seconds * 1000, undefined, options);
        }
        if (request.method === "GET" || request.method === "POST") return;
        for (let attempt = 1; this.hit("conflict", request, attempt); attempt++) {
            if (attempt === TRIES) {
                throw new AzureError(
                    409,
                    "AnotherOperationInProgress",
                    `Another operation on this or dependent resource is in progress: ${request.id}. Retry later.`,
                );
            }
            await sleep(CONFLICT_WAIT_MILLISECONDS, undefined, options);
        }
    }

    /** Carries a write out, unless the process is to die of it. */
    write<Result>(change: () => Result): Result {
        this.writes++;
        const crash = this.faults.crash;
        if (crash?.write === this.writes && crash.when === "before") die();
        const result = change();
        if (crash?.write === this.writes && crash.when === "after") die();
        return result;
    }

    private hit(kind: "throttle" | "conflict", request: Request, attempt: number): boolean {
        const faults = this.faults;
        const share = faults[kind] ?? 0;
        return share > 0 && draw(faults.seed ?? 1, kind, request.method, request.id.toLowerCase(), attempt) < share;
    }
}

function die(): never {
    process.kill(process.pid, "SIGKILL");
    throw new Error("killed by the fault `crash`");
}

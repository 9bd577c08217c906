/** One write, as a line of `client write` says it. */
export interface Write {
    /** When it was begun, in Unix milliseconds. */
    at: number;
    /** Milliseconds until it was answered or given up. */
    ms: number;
    /** Of the ConfigMap: the writer's, a hyphen, a number. */
    name: string;
    /** It was acknowledged. */
    ok: boolean;
    /** Why it was not: `timeout`, `connection refused`, or the reason of the API server's status. */
    error?: string;
    attempts: number;
    /** The client's own, of the connection last used: tells one connection from the next. Absent where it got none. */
    port?: number;
}

/**
 * What `client watch` saw. `LISTED` is what was there when it started, or started anew; `STARTED` says that it watches from
 * here on; `ANEW` that it could not go on after the last event, so may have missed some.
 */
export interface Watched {
    /** Unix milliseconds. */
    at: number;
    event: "ADDED" | "MODIFIED" | "DELETED" | "LISTED" | "STARTED" | "ANEW";
    /** Of the ConfigMap. */
    name?: string;
    resourceVersion?: string;
    error?: string;
}

/** One request of `client reach`, by a connection of its own. */
export interface Reached {
    /** When it was begun, in Unix milliseconds. */
    at: number;
    ms: number;
    url: string;
    /** The answer was 200. */
    ok: boolean;
    status?: number;
    error?: string;
    port?: number;
}

/** When a write's end was known, in Unix milliseconds. */
export function endOf(write: Write): number {
    return write.at + write.ms;
}

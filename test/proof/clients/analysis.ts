import { endOf, type Watched, type Write } from "./lines";

/** A time in which nothing was acknowledged; Unix milliseconds. */
export interface Gap {
    from: number;
    to: number;
}

export interface WriterFigures {
    writes: number;
    acknowledged: number;
    failed: number;
    /** How many failed for which reason, as the client said it. */
    failures: Record<string, number>;
    longestGapMs: number;
    /** Writes that were acknowledged and are not stored. */
    lost: string[];
    /** Writes that failed by what the client knows, and are stored all the same: no fault, they were never said to be either. */
    storedThoughFailed: string[];
}

/** @param stored - names of the ConfigMaps that are there in the end, those of others too */
export function analyseWriter(writes: readonly Write[], stored: Iterable<string>): WriterFigures {
    const there = new Set(stored);
    const acknowledged = writes.filter((write) => write.ok);
    const failed = writes.filter((write) => !write.ok);
    const failures: Record<string, number> = {};
    for (const { error = "no reason given" } of failed) failures[error] = (failures[error] ?? 0) + 1;
    const gap = longestGap(writes);
    return {
        writes: writes.length,
        acknowledged: acknowledged.length,
        failed: failed.length,
        failures,
        longestGapMs: gap ? gap.to - gap.from : 0,
        lost: acknowledged.map(({ name }) => name).filter((name) => !there.has(name)),
        storedThoughFailed: failed.map(({ name }) => name).filter((name) => there.has(name)),
    };
}

/**
 * The longest time between one acknowledgement and the next. What lies before the first and after the last counts too,
 * from the first write's beginning to the last one's end: a service that does not come back has a gap, not a short run.
 */
export function longestGap(writes: readonly Write[]): Gap | undefined {
    if (writes.length === 0) return undefined;
    const ends = writes.map(endOf);
    const acknowledgements = writes.filter((write) => write.ok).map(endOf);
    const times = [...acknowledgements, Math.max(...ends)].sort((a, b) => a - b);
    let from = Math.min(...writes.map((write) => write.at));
    let longest: Gap = { from, to: from };
    for (const to of times) {
        if (to - from > longest.to - longest.from) longest = { from, to };
        from = to;
    }
    return longest;
}

export interface WatchFigures {
    /** Names whose creation no event said, though they were not there when it started. */
    missed: string[];
    /** Of those, the ones that it did not learn of by listing anew either, as an informer does. */
    neverLearned: string[];
    /** Creations said more than once. */
    repeated: string[];
    /** How often it could not resume after the last event that it had seen. */
    startedAnew: number;
    /** Longest time from a write's acknowledgement until the watch said it. */
    longestDelayMs: number;
}

/**
 * @param stored - names that the watch should have said, such as {@link analyseWriter}'s of that writer
 * @param writes - for the delay
 */
export function analyseWatch(
    lines: readonly Watched[],
    stored: Iterable<string>,
    writes: readonly Write[] = [],
): WatchFigures {
    const started = lines.findIndex(({ event }) => event === "STARTED");
    const before = new Set((started < 0 ? [] : lines.slice(0, started)).map(({ name }) => name));
    const said = new Map<string, number>();
    const repeated = new Set<string>();
    for (const { event, name, at } of lines) {
        if (event !== "ADDED" || name === undefined) continue;
        if (said.has(name)) repeated.add(name);
        else said.set(name, at);
    }
    const listed = new Set(lines.filter(({ event }) => event === "LISTED").map(({ name }) => name));
    const missed = [...stored].filter((name) => !said.has(name) && !before.has(name));
    const delays = writes
        .filter((write) => write.ok && said.has(write.name))
        .map((write) => (said.get(write.name) as number) - endOf(write));
    return {
        missed,
        neverLearned: missed.filter((name) => !listed.has(name)),
        repeated: [...repeated],
        startedAnew: lines.filter(({ event }) => event === "ANEW").length,
        longestDelayMs: delays.reduce((longest, delay) => Math.max(longest, delay), 0),
    };
}

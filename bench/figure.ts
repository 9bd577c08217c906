/** One measured figure, as `--json` writes it. */
export interface Figure {
    name: string;
    /** Ours, the median of its runs. */
    value: number;
    unit: string;
    /** What it is held against, measured in the same run; absent where the goal is a plain number. */
    baseline: number | null;
    /** How many times better than the baseline, or (where the goal says `at most`) how many times as much. */
    ratio: number | null;
    goal: string;
    met: boolean | null;
}

/** A figure and how it came about, for docs/performance.md. */
export interface Measured extends Figure {
    /** Runs of ours and of the baseline, such as `3 and 1`. */
    runs: string;
}

interface Sides {
    name: string;
    unit: string;
    ours: number[];
    baseline: number[];
}

/** Ours takes at most one `times`-th of the baseline. */
export function timesBetter(sides: Sides, times: number): Measured {
    const ratio = median(sides.baseline) / median(sides.ours);
    return compared(sides, { ratio, goal: `at least ${times} × better`, met: ratio >= times });
}

/** Ours takes at most `times` as much as the baseline. */
export function timesAsMuch(sides: Sides, times: number): Measured {
    const ratio = median(sides.ours) / median(sides.baseline);
    return compared(sides, { ratio, goal: `at most ${times} × as much`, met: ratio <= times });
}

function compared({ name, unit, ours, baseline }: Sides, verdict: Pick<Measured, "ratio" | "goal" | "met">): Measured {
    const runs = `${ours.length} and ${baseline.length}`;
    return { name, value: median(ours), unit, baseline: median(baseline), ...verdict, runs };
}

/** A plain limit. */
export function atMost(name: string, unit: string, ours: number[], limit: number): Measured {
    const value = median(ours);
    const runs = String(ours.length);
    return {
        name,
        value,
        unit,
        baseline: null,
        ratio: null,
        goal: `at most ${limit} ${unit}`,
        met: value <= limit,
        runs,
    };
}

/** A figure that is only stated. */
export function stated(name: string, unit: string, value: number, runs: string): Measured {
    return { name, value, unit, baseline: null, ratio: null, goal: "stated", met: null, runs };
}

export function median(values: readonly number[]): number {
    const sorted = [...values].sort((a, b) => a - b);
    const middle = sorted.length >> 1;
    return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

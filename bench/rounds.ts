import type { Progress } from "../rehearsal/progress";

/** One side of a comparison. */
export interface Side<Reading> {
    title: string;
    runs: number;
    measure(): Promise<Reading>;
}

/**
 * Measures the sides in turns, so that whatever else the machine does meets all alike; one with fewer runs has them spread
 * over the rounds.
 *
 * @param show how a reading is put into the progress
 */
export async function inTurns<Reading, Name extends string>(
    sides: Record<Name, Side<Reading>>,
    progress: Progress,
    show: (reading: Reading) => string,
): Promise<Record<Name, Reading[]>> {
    const all = Object.entries(sides) as [Name, Side<Reading>][];
    const readings = Object.fromEntries(all.map(([name]) => [name, [] as Reading[]])) as Record<Name, Reading[]>;
    const rounds = Math.max(...all.map(([, side]) => side.runs));
    for (let round = 1; round <= rounds; round++) {
        for (const [name, side] of all) {
            const run = Math.ceil((round * side.runs) / rounds);
            if (run === Math.ceil(((round - 1) * side.runs) / rounds)) continue;
            const step = progress.step(`${side.title} ${run}/${side.runs}`);
            try {
                const reading = await side.measure();
                readings[name].push(reading);
                step.done(show(reading));
            } catch (error) {
                step.failed("did not run");
                throw error;
            }
        }
    }
    return readings;
}

/** One run of one kind of client under one fault. */
export interface Run {
    /** Such as `new connection per request`. */
    client: string;
    /** Such as `the leader vanishes`. */
    fault: string;
    longestGapMs: number;
    failed: number;
    lost: number;
    /** Watch events missed; left out where nobody watched. */
    missed?: number;
}

/** A Markdown table: median and worst of each figure by fault and kind of client, in the order in which they first come. */
export function tableOf(runs: readonly Run[]): string {
    const groups = new Map<string, Run[]>();
    for (const run of runs) {
        const key = JSON.stringify([run.fault, run.client]);
        groups.set(key, [...(groups.get(key) ?? []), run]);
    }
    const rows = [...groups.values()]
        .sort((a, b) => faultOrder(runs, a[0]) - faultOrder(runs, b[0]))
        .map((group) => [
            group[0].fault,
            group[0].client,
            String(group.length),
            ...medianAndWorst(
                group.map(({ longestGapMs }) => longestGapMs),
                elapsed,
            ),
            ...medianAndWorst(group.map(({ failed }) => failed)),
            ...medianAndWorst(group.map(({ lost }) => lost)),
            ...medianAndWorst(group.flatMap(({ missed }) => missed ?? [])),
        ]);
    const figures = ["longest gap", "failed writes", "lost writes", "missed events"];
    const lines = [
        ["fault", "client", "runs", ...figures.flatMap((figure) => [`${figure}, median`, "worst"])],
        ["---", "---", "--:", ...figures.flatMap(() => ["--:", "--:"])],
        ...rows,
    ];
    return lines.map((cells) => `| ${cells.map(escaped).join(" | ")} |\n`).join("");
}

function faultOrder(runs: readonly Run[], { fault }: Run): number {
    return runs.findIndex((run) => run.fault === fault);
}

function medianAndWorst(values: number[], show: (value: number) => string = count): [string, string] {
    return values.length === 0 ? ["–", "–"] : [show(medianOf(values)), show(Math.max(...values))];
}

/** The middle one; of an even number the mean of the two. */
export function medianOf(values: readonly number[]): number {
    const sorted = [...values].sort((a, b) => a - b);
    const middle = Math.floor(sorted.length / 2);
    return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** `3.2 s`; below a tenth in milliseconds. */
function elapsed(milliseconds: number): string {
    return milliseconds < 100 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

function count(value: number): string {
    return String(value);
}

function escaped(cell: string): string {
    return cell.replaceAll("|", "\\|");
}

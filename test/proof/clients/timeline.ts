import { type Gap, longestGap } from "./analysis";
import { endOf, type Write } from "./lines";

/** What one writer met, for one row of a {@link timelineOf}. */
export interface TimelineWriter {
    /** Such as `new connection per request`. */
    label: string;
    writes: readonly Write[];
    /** Follows what the plot says itself of failed writes and the gap, such as `0 lost`. */
    note?: string;
}

export interface Timeline {
    title: string;
    /** One line below the title: machine, versions, what was done. */
    subtitle?: string;
    writers: readonly TimelineWriter[];
    /** What was done or seen when, in Unix milliseconds; the first is the zero of the time axis. */
    moments: readonly { at: number; label: string }[];
}

const left = 88;
const plotWidth = 760;
const panelHeight = 96;
/** Above the latencies, where writes without an answer are marked. */
const failedBand = 28;
const panelHeader = 26;
const labelRow = 17;
/** Width of a letter of the labels at 12 px, on average and a little more. */
const letterWidth = 6.6;

/**
 * An SVG of the writers' latency over time: a row each, on a common clock and a common logarithmic scale, failed writes
 * above, each row's longest gap shaded, moments as lines through all rows. It brings its own paper, so it is legible on a
 * page of any colour, and follows the reader's preference for a dark one.
 */
export function timelineOf({ title, subtitle, writers, moments }: Timeline): string {
    const writes = writers.flatMap((writer) => writer.writes);
    if (writes.length === 0) throw new Error("a timeline needs at least one write");
    const ordered = [...moments].sort((a, b) => a.at - b.at);
    const begins = Math.min(...writes.map((write) => write.at));
    const zero = ordered[0]?.at ?? begins;
    const seconds = (at: number): number => (at - zero) / 1000;
    const times = [begins, ...writes.map(endOf), ...ordered.map(({ at }) => at)];
    const [first, last] = [seconds(Math.min(...times)), seconds(Math.max(...times))];
    const x = (second: number): number => left + ((second - first) / Math.max(last - first, 0.001)) * plotWidth;

    const decades = decadesOf(writes);
    const labels = placeLabels(ordered.map(({ at, label }) => ({ x: x(seconds(at)), label })));
    const labelsEnd = Math.max(0, ...labels.map((label) => label.x + label.width));
    const width = Math.ceil(Math.max(left + plotWidth + 28, labelsEnd + 16));
    const labelsTop = subtitle ? 62 : 44;
    const rows = Math.max(0, ...labels.map(({ row }) => row + 1));
    const panelsTop = labelsTop + rows * labelRow + 6;
    const pitch = panelHeader + failedBand + panelHeight + 12;
    const bottom = panelsTop + writers.length * pitch - 12;
    const height = bottom + 76;

    const panelTop = (index: number): number => panelsTop + index * pitch + panelHeader;
    const panels = writers.map((writer, index) => panelOf(writer, panelTop(index), decades, (at) => x(seconds(at))));
    // Broken off where the rows' headings stand.
    const panelLines = writers.map((_, index) => `V${panelTop(index) + failedBand + panelHeight}`);
    const momentLines = labels.map((label) => {
        const top = labelsTop + label.row * labelRow;
        const at = fixed(label.x);
        const segments = panelLines.map((line, index) => `M${at} ${panelTop(index)}${line}`);
        return (
            `<path class="moment" d="M${at} ${top}V${panelsTop + 2}${segments.join("")}"/>` +
            text("label", label.x + 5, top + 11, label.label)
        );
    });
    const ticks = ticksOf(first, last).map(
        (second) =>
            `<line class="axis" x1="${fixed(x(second))}" x2="${fixed(x(second))}" y1="${bottom}" y2="${bottom + 5}"/>` +
            text("tick middle", x(second), bottom + 18, tickLabel(second)),
    );
    const axisName = `time of the request, s${ordered.length > 0 ? ` (0: ${ordered[0].label})` : ""}`;
    return [
        `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">`,
        `<style>${style}</style>`,
        `<rect class="paper" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="6"/>`,
        text("title", 20, 28, title),
        ...(subtitle ? [text("subtitle", 20, 46, subtitle)] : []),
        ...panels,
        ...momentLines,
        ...ticks,
        text("name middle", left + plotWidth / 2, bottom + 38, axisName),
        legend(bottom + 62),
        "</svg>\n",
    ].join("\n");
}

/** One writer's row; `top` is where its band of failed writes begins. */
function panelOf(writer: TimelineWriter, top: number, decades: Decades, x: (at: number) => number): string {
    const bottom = top + failedBand + panelHeight;
    const right = left + plotWidth;
    const y = (ms: number): number => {
        const share = (Math.log10(Math.max(ms, 10 ** decades.from)) - decades.from) / (decades.to - decades.from);
        return bottom - share * panelHeight;
    };
    const failed = writer.writes.filter((write) => !write.ok);
    const gap = longestGap(writer.writes);
    const summary = [
        `${failed.length} of ${writer.writes.length} failed`,
        ...(gap ? [`longest gap ${gapLength(gap)}`] : []),
        ...(writer.note ? [writer.note] : []),
    ].join(" · ");

    const grid: string[] = [];
    for (let decade = decades.from; decade <= decades.to; decade++) {
        const at = fixed(y(10 ** decade));
        grid.push(`<line class="grid" x1="${left}" x2="${right}" y1="${at}" y2="${at}"/>`);
        grid.push(text("tick end", left - 8, y(10 ** decade) + 4, decadeLabel(decade)));
    }
    const dots = writer.writes
        .filter((write) => write.ok)
        .map((write) => `M${fixed(x(write.at))} ${fixed(y(write.ms))}h0`);
    const crosses = failed.map((write) => `M${fixed(x(write.at))} ${top + 3}v11`);
    return [
        text("panel", left, top - 9, writer.label),
        text("summary end", right, top - 9, summary),
        ...(gap ? [gapOf(gap, top, bottom, x)] : []),
        ...grid,
        text("tick end", left - 8, top + 12, "failed"),
        `<line class="axis" x1="${left}" x2="${left}" y1="${top}" y2="${bottom}"/>`,
        `<line class="axis" x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}"/>`,
        ...(dots.length > 0 ? [`<path class="answered" d="${dots.join("")}"/>`] : []),
        ...(crosses.length > 0 ? [`<path class="failed" d="${crosses.join("")}"/>`] : []),
        `<text class="name middle" transform="translate(24 ${fixed(top + failedBand + panelHeight / 2)}) rotate(-90)">latency</text>`,
    ].join("\n");
}

/** What the marks mean; `y` is the text's. */
function legend(y: number): string {
    const marks: [string, string, number][] = [
        [`<path class="answered" d="M0 0h0"/>`, "acknowledged", 12],
        [`<path class="failed" d="M0 -5.5v11"/>`, "failed: refused or not answered in time", 10],
        [`<rect class="gap" x="0" y="-6" width="14" height="12"/>`, "longest time without an acknowledgement", 20],
    ];
    let x = left;
    return marks
        .map(([mark, meaning, gap]) => {
            const placed = `<g transform="translate(${fixed(x)} ${y - 4})">${mark}</g>${text("tick", x + gap, y, meaning)}`;
            x += gap + meaning.length * letterWidth + 18;
            return placed;
        })
        .join("");
}

/** Gaps that are only the writer's own rhythm are not worth a shade. */
const gapWorthShowingMs = 500;

function gapOf(gap: Gap, top: number, bottom: number, x: (at: number) => number): string {
    if (gap.to - gap.from < gapWorthShowingMs) return "";
    const from = x(gap.from);
    const width = x(gap.to) - from;
    return `<rect class="gap" x="${fixed(from)}" y="${top}" width="${fixed(width)}" height="${bottom - top}"/>`;
}

function gapLength({ from, to }: Gap): string {
    return to - from < 1000 ? `${Math.round(to - from)} ms` : `${((to - from) / 1000).toFixed(1)} s`;
}

interface PlacedLabel {
    label: string;
    x: number;
    width: number;
    /** From above. */
    row: number;
}

/**
 * Each label stands to the right of its line. Where an earlier one reaches past that line the later goes below it: so no
 * two labels meet, and no line crosses a label.
 *
 * @param moments - from left to right
 */
export function placeLabels(moments: readonly { x: number; label: string }[]): PlacedLabel[] {
    const placed: PlacedLabel[] = [];
    for (const { x, label } of moments) {
        const width = 5 + label.length * letterWidth + 8;
        const above = placed.filter((earlier) => earlier.x + earlier.width > x);
        placed.push({ label, x, width, row: above.reduce((row, earlier) => Math.max(row, earlier.row + 1), 0) });
    }
    return placed;
}

/** Powers of ten, in milliseconds. */
interface Decades {
    from: number;
    to: number;
}

function decadesOf(writes: readonly Write[]): Decades {
    const slowest = writes.reduce((most, write) => (write.ok ? Math.max(most, write.ms) : most), 0);
    return { from: 0, to: Math.max(3, Math.ceil(Math.log10(Math.max(slowest, 1)))) };
}

function decadeLabel(decade: number): string {
    return decade < 3 ? `${10 ** decade} ms` : `${10 ** (decade - 3)} s`;
}

/** Round seconds, about ten of them. */
function ticksOf(first: number, last: number): number[] {
    const rough = Math.max(last - first, 0.001) / 10;
    const decade = 10 ** Math.floor(Math.log10(rough));
    const step = ([1, 2, 5].find((factor) => factor * decade >= rough) ?? 10) * decade;
    const ticks: number[] = [];
    for (let count = Math.ceil(first / step); count * step <= last; count++) ticks.push(count * step);
    return ticks;
}

function tickLabel(second: number): string {
    return String(Number(second.toFixed(3))).replace("-", "−");
}

function text(classes: string, x: number, y: number, content: string): string {
    return `<text class="${classes}" x="${fixed(x)}" y="${fixed(y)}">${escaped(content)}</text>`;
}

function escaped(content: string): string {
    return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

function fixed(value: number): string {
    return String(Number(value.toFixed(1)));
}

const style = `
text { font: 12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #40464e }
.title { font-size: 16px; font-weight: 600; fill: #16191d }
.panel { font-weight: 600; fill: #16191d }
.label { fill: #16191d }
.tick { font-size: 11px }
.middle { text-anchor: middle }
.end { text-anchor: end }
.paper { fill: #ffffff; stroke: #d5d9de }
.axis { stroke: #8a929b }
.grid { stroke: #e6e9ec }
.moment { stroke: #5b636c; stroke-dasharray: 3 3; fill: none }
.gap { fill: #f2b134; fill-opacity: 0.28 }
.answered { stroke: #1f6fb4; stroke-width: 3.2; stroke-linecap: round; fill: none }
.failed { stroke: #c8321e; stroke-width: 1.4; fill: none }
@media (prefers-color-scheme: dark) {
text { fill: #b3bbc4 }
.title, .panel, .label { fill: #eef1f4 }
.paper { fill: #14181d; stroke: #343b43 }
.axis { stroke: #7a838d }
.grid { stroke: #272d34 }
.moment { stroke: #98a1ab }
.gap { fill: #d9962b; fill-opacity: 0.3 }
.answered { stroke: #6db6f2 }
.failed { stroke: #ff7b66 }
}
`;

import { isMap, isScalar, type Pair, type YAMLMap } from "yaml";
import { formatPath, UNKNOWN, type PropertyPath, type Value } from "../../provider";
import { readChart, type Chart } from "./chart";
import { nearest } from "../../nearest";

/** A value that a chart does not take. */
export interface ValueProblem {
    path: PropertyPath;
    reason: string;
}

type Values = { [key: string]: Value };
type Schema = Record<string, any> | undefined;

/**
 * Keys that a chart does not have: Helm lets them through, and they change nothing, which is how a misspelt setting gets
 * to production. Known are the keys of values.yaml, those that it shows in comments, and those of the chart's schema.
 * Whatever lies under an empty map, a `null`, or a map whose keys are the user's by nature (labels, annotations,
 * Kubernetes' own types) is let through.
 */
export function unknownKeys(values: Values, chart: Chart): ValueProblem[] {
    const problems: ValueProblem[] = [];
    walk(values, chart.document.contents as YAMLMap, [], chart, chart.schema, problems);
    return problems;
}

function walk(
    values: Values,
    defaults: YAMLMap,
    path: PropertyPath,
    chart: Chart,
    schema: Schema,
    problems: ValueProblem[],
): void {
    for (const [key, value] of Object.entries(values)) {
        const here = [...path, key];
        const isTop = path.length === 0;
        const subchart = isTop ? chart.subcharts.get(key) : undefined;
        const contract = subchart && readChart(subchart.name);
        if (isTop && key === "global") continue; // Helm's own, handed to every chart inside
        if (subchart && !contract) continue; // its values are nowhere to be seen
        const pair = pairOf(defaults, key);
        const below = schema?.properties?.[key];
        if (contract) {
            judgeSubchart(value, pair, here, chart, contract, problems);
        } else if (pair) {
            judgeKnown(value, pair.value, here, chart, below, problems);
        } else if (!below && !isShownInComment(defaults, key, chart.text)) {
            problems.push({
                path: here,
                reason: unknownKey(chart, path, key, knownKeys(defaults, schema, chart, isTop)),
            });
        }
    }
}

/** A subchart takes its own values, and the parent's file may show some more of them. */
function judgeSubchart(
    value: Value,
    pair: Pair | undefined,
    path: PropertyPath,
    parent: Chart,
    chart: Chart,
    problems: ValueProblem[],
): void {
    if (!isObject(value)) return;
    const found = unknownKeys(value, chart).map((problem) => ({ ...problem, path: [...path, ...problem.path] }));
    if (!pair || !isMap(pair.value)) return void problems.push(...found);
    const refusedByParent: ValueProblem[] = [];
    walk(value, pair.value, path, parent, undefined, refusedByParent);
    const refused = new Set(refusedByParent.map((problem) => formatPath(problem.path)));
    const enclosed = (problem: ValueProblem) =>
        problem.path.some((_, index) => refused.has(formatPath(problem.path.slice(0, index + 1))));
    problems.push(...found.filter(enclosed));
}

function judgeKnown(
    value: Value,
    known: unknown,
    path: PropertyPath,
    chart: Chart,
    schema: Schema,
    problems: ValueProblem[],
): void {
    if (value === null || value === UNKNOWN) return; // null takes a default away
    if (!isMap(known) || known.items.length === 0 || isFreeForm(path, schema)) return;
    if (isObject(value)) return walk(value, known, path, chart, schema, problems);
    const given = Array.isArray(value) ? "a list" : JSON.stringify(value);
    problems.push({
        path,
        reason: `is ${given}, but the chart has a map there, of ${keysOf(known).slice(0, 8).join(", ")}`,
    });
}

/** Maps whose keys are the user's, or Kubernetes', whatever the chart happens to put in. */
const freeFormNames =
    /(annotations|labels|selectors?|securityContext|affinity|resources|limits|requests|strategy|probe|lifecycle|headers|params|parameters|data|ini|env|envs|args|(^|[a-z])config)$/i;
const freeFormBeginnings = /^(extra|additional|custom)/i;

function isFreeForm(path: PropertyPath, schema: Schema): boolean {
    const name = String(path.at(-1));
    if (freeFormNames.test(name) || freeFormBeginnings.test(name) || name.includes(".")) return true;
    return schema?.additionalProperties !== undefined && schema.additionalProperties !== false && !schema.properties;
}

function unknownKey(chart: Chart, path: PropertyPath, key: string, known: string[]): string {
    const meant = nearest(key, known);
    const where = path.length > 0 ? ` under ${formatPath(path)}` : "";
    const mend = meant
        ? `; did you mean ${meant}?`
        : `; it has ${known.slice(0, 12).join(", ")}${known.length > 12 ? ", …" : ""}`;
    return `the chart ${chart.name} ${chart.version} has no key ${key}${where}${mend}`;
}

function knownKeys(defaults: YAMLMap, schema: Schema, chart: Chart, isTop: boolean): string[] {
    const ofSubcharts = isTop ? [...chart.subcharts.keys()] : [];
    return [...new Set([...keysOf(defaults), ...Object.keys(schema?.properties ?? {}), ...ofSubcharts])];
}

function keysOf(map: YAMLMap): string[] {
    return map.items.map(({ key }) => String(isScalar(key) ? key.value : key));
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
    return map.items.find((pair) => String(isScalar(pair.key) ? pair.key.value : pair.key) === key);
}

/**
 * Many charts show an option in a comment only: `# storageClass: "-"`. A comment counts for the map that it stands in, or
 * right behind; what lies under such a key is not looked at.
 */
function isShownInComment(map: YAMLMap, key: string, text: string): boolean {
    const [start, , end] = map.range ?? [0, 0, text.length];
    const escaped = key.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    // Comments above the first key are outside of the map's range, those behind the last one may be too.
    const from = text.lastIndexOf("\n", Math.max(start - 1, 0)) + 1;
    const before = /(?:^[ \t]*#.*\n|^[ \t]*\n)*$/m.exec(text.slice(0, from))?.[0] ?? "";
    const behind = /^(?:[ \t]*#.*\n|[ \t]*\n)*/.exec(text.slice(end))?.[0] ?? "";
    const commented = new RegExp(`^[ \\t]*#.*(?:^|[\\s#"'\`.-])${escaped}["'\`]?:`, "m");
    return commented.test(before) || commented.test(text.slice(from, end)) || commented.test(behind);
}

function isObject(value: Value): value is Values {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

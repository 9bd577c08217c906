import { UNKNOWN, type Properties, type Value } from "../../provider";
import type { Chart } from "./chart";
import type { ValueProblem } from "./values";

/** What the chart's own schema says of its defaults with the values laid over them, as Helm asks it. */
export async function schemaProblems(values: Properties, chart: Chart): Promise<ValueProblem[]> {
    if (!chart.schema) return [];
    const { default: Ajv } = await import("ajv");
    const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false, logger: false });
    const { $schema: _draft, ...schema } = chart.schema;
    const validate = ajv.compile(schema);
    const unknown: string[] = [];
    const merged = merge(chart.document.toJS() ?? {}, values, "", unknown);
    validate(merged);
    return (
        (validate.errors ?? [])
            .filter(
                ({ instancePath }) => !unknown.some((path) => instancePath === path || isWithin(path, instancePath)),
            )
            // These only say that something below them is wrong, which is said already.
            .filter(({ keyword }) => !["if", "oneOf", "anyOf", "const"].includes(keyword))
            .map(({ instancePath, message, params }) => ({
                path: instancePath.split("/").slice(1).map(unescape),
                reason: `${message ?? "is not allowed"}${allowed(params)} (the schema of ${chart.name} ${chart.version})`,
            }))
    );
}

/** Lays values over defaults; where a value is unknown the default stays, and the place is noted. */
function merge(defaults: any, values: Value, path: string, unknown: string[]): any {
    if (values === UNKNOWN) {
        unknown.push(path);
        return defaults;
    }
    if (!isObject(values))
        return Array.isArray(values)
            ? values.map((each, i) => merge(undefined, each, `${path}/${i}`, unknown))
            : values;
    const merged: Record<string, any> = isObject(defaults) ? { ...defaults } : {};
    for (const [key, value] of Object.entries(values)) {
        if (value === null) delete merged[key];
        else merged[key] = merge(merged[key], value, `${path}/${escape(key)}`, unknown);
    }
    return merged;
}

function isWithin(path: string, other: string): boolean {
    // What encloses an unknown value is judged with the default in its place: not to be trusted either.
    return path.startsWith(`${other}/`);
}

function allowed(params: Record<string, unknown>): string {
    return Array.isArray(params.allowedValues)
        ? `: ${params.allowedValues.map((value) => JSON.stringify(value)).join(", ")}`
        : "";
}

function escape(key: string): string {
    return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

function unescape(part: string): string {
    return part.replaceAll("~1", "/").replaceAll("~0", "~");
}

function isObject(value: unknown): value is Record<string, any> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseDocument, type Document } from "yaml";
import { chartContract } from "../contracts";

/** A chart as its owner published it: what values it takes. */
export interface Chart {
    name: string;
    version: string;
    appVersion: string;
    /** values.yaml, read with its comments. */
    text: string;
    document: Document;
    schema?: Record<string, unknown>;
    /** Charts inside it, by the key under which their values go. */
    subcharts: Map<string, { name: string; version: string }>;
}

const read = new Map<string, Chart | undefined>();

/** The contract of a chart by its name; `undefined` where there is none. */
export function readChart(name: string): Chart | undefined {
    if (!read.has(name)) read.set(name, load(name));
    return read.get(name);
}

function load(name: string): Chart | undefined {
    const folder = chartContract(name);
    if (!folder) return undefined;
    const about = parse(readFileSync(join(folder, "Chart.yaml"), "utf8"));
    const text = readFileSync(join(folder, "values.yaml"), "utf8");
    const schema = join(folder, "values.schema.json");
    const dependencies: any[] = about.dependencies ?? [];
    return {
        name,
        version: String(about.version),
        appVersion: String(about.appVersion ?? ""),
        text,
        document: parseDocument(text),
        schema: existsSync(schema) ? JSON.parse(readFileSync(schema, "utf8")) : undefined,
        subcharts: new Map(
            dependencies.map(({ name, alias, version }) => [alias ?? name, { name, version: String(version) }]),
        ),
    };
}

/** `grafana/loki`, `oci://host/charts/loki` and `loki` are all `loki`. */
export function chartName(chart: string): string {
    return chart
        .replace(/\/+$/, "")
        .split("/")
        .at(-1)!
        .replace(/-\d+\.\d+\.\d+.*\.tgz$/, "");
}

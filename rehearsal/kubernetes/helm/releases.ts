import { existsSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import {
    diffProperties,
    formatPath,
    hasUnknown,
    UNKNOWN,
    type CheckFailure,
    type CheckRequest,
    type Created,
    type CreateRequest,
    type DeleteRequest,
    type Diff,
    type DiffRequest,
    type Properties,
    type Read,
    type ReadRequest,
    type UpdateRequest,
    type Value,
} from "../../provider";
import { ApiError, type KubernetesClient } from "../client";
import { uniqueName } from "../naming";
import { parseId } from "../objects";
import { explain } from "../refusal";
import { reportUnjudged } from "../unjudged";
import { chartName, readChart, type Chart } from "./chart";
import { findRelease, removeRelease, writeRelease, type ReleaseRecord } from "./record";
import { schemaProblems } from "./schema";
import { unknownKeys } from "./values";

export const releaseToken = "kubernetes:helm.sh/v3:Release";

/**
 * Helm releases: judged by what their charts publish, and recorded. Nothing is rendered, so what a chart would make is
 * not there; the rehearsal's report says so of each.
 */
export class Releases {
    constructor(
        private readonly defaultNamespace: () => string,
        private readonly connect: (previewUrn?: string) => Promise<KubernetesClient | undefined>,
    ) {}

    async check(request: CheckRequest): Promise<{ inputs: Properties; failures: CheckFailure[] }> {
        const { urn, oldInputs, randomSeed } = request;
        const inputs: Properties = {
            ...request.inputs,
            name: request.inputs.name || oldInputs?.name || uniqueName(request.name, randomSeed),
            namespace: request.inputs.namespace || this.defaultNamespace(),
        };
        const failures: CheckFailure[] = [];
        if (typeof inputs.chart !== "string" || inputs.chart === "") {
            if (inputs.chart !== UNKNOWN)
                failures.push({ property: "chart", reason: "a Release has to name its chart" });
            return { inputs, failures };
        }
        const name = chartName(inputs.chart);
        const chart = readChart(name);
        if (!chart) {
            reportUnjudged(
                urn,
                `chart ${name}`,
                "there is no contract of this chart: neither its values nor its objects are judged",
            );
            return { inputs, failures };
        }
        reportUnjudged(
            urn,
            `chart ${name}`,
            "templates not rendered: its values are judged, the objects that it makes are not",
        );
        if (inputs.version !== undefined && inputs.version !== UNKNOWN && !isSameVersion(inputs.version, chart.version))
            reportUnjudged(
                urn,
                `version of chart ${name}`,
                `the program pins ${String(inputs.version)}; its values are judged by ${chart.version}, the version of the contract`,
            );
        return { inputs, failures: [...failures, ...(await judgeValues(inputs, chart))] };
    }

    async diff({ oldInputs, inputs }: DiffRequest): Promise<Diff> {
        const forcesReplacement = ([first]: readonly (string | number)[]) => first === "name" || first === "namespace";
        return { entries: diffProperties(oldInputs, inputs, { forcesReplacement }) };
    }

    async create({ inputs, preview, urn, signal }: CreateRequest): Promise<Created> {
        const client = await this.connect(preview ? urn : undefined);
        if (preview) return { id: "", outputs: { ...inputs, status: UNKNOWN, resourceNames: UNKNOWN } };
        if (!client) throw new Error("the provider's kubeconfig is not known");
        const record: ReleaseRecord = { ...placeOf(inputs), revision: 1, inputs };
        try {
            if (inputs.createNamespace === true) await ensureNamespace(client, record.namespace, signal);
            const existing = await findRelease(client, record.namespace, record.name);
            if (existing && inputs.replace !== true)
                throw new Error(
                    `the release ${record.name} exists already in ${record.namespace}: cannot re-use a name that is still in use`,
                );
            if (existing) record.revision = existing.revision + 1;
            await writeRelease(client, record);
        } catch (error) {
            throw explain(`installing the release ${record.namespace}/${record.name}`, error);
        }
        return { id: `${record.namespace}/${record.name}`, outputs: outputsOf(record) };
    }

    async update({ inputs, preview, urn, id }: UpdateRequest): Promise<Properties> {
        const client = await this.connect(preview ? urn : undefined);
        if (preview || !client) return { ...inputs, status: UNKNOWN, resourceNames: UNKNOWN };
        const { name, namespace } = placeOf(inputs);
        try {
            const live = await findRelease(client, namespace, name);
            if (!live) throw new Error(`it is not there any more; \`pulumi refresh\` takes note of that`);
            const record = { ...live, revision: live.revision + 1, inputs };
            await writeRelease(client, record);
            return outputsOf(record);
        } catch (error) {
            throw explain(`upgrading the release ${id}`, error);
        }
    }

    async read({ id, oldInputs }: ReadRequest): Promise<Read> {
        const client = await this.connect();
        if (!client) throw new Error("the provider's kubeconfig is not known");
        const { name, namespace = this.defaultNamespace() } = parseId(id);
        const record = await findRelease(client, namespace, name);
        return record && { id: `${namespace}/${name}`, inputs: oldInputs ?? record.inputs, outputs: outputsOf(record) };
    }

    async delete({ id }: DeleteRequest): Promise<void> {
        const client = await this.connect();
        if (!client) throw new Error("the provider's kubeconfig is not known");
        const { name, namespace = this.defaultNamespace() } = parseId(id);
        await removeRelease(client, namespace, name);
    }
}

async function judgeValues(inputs: Properties, chart: Chart): Promise<CheckFailure[]> {
    const { values, under } = valuesOf(inputs);
    if (!values) return [];
    const problems = [...unknownKeys(values, chart), ...(await schemaProblems(values, chart))];
    return problems.map(({ path, reason }) => ({ property: formatPath([under, ...path]), reason }));
}

/** Values of files first, the program's own over them, as Helm lays them. */
function valuesOf(inputs: Properties): { values?: Properties; under: string } {
    const files = Array.isArray(inputs.valueYamlFiles) ? inputs.valueYamlFiles.map(readValuesFile) : [];
    const own = isObject(inputs.values) ? inputs.values : {};
    if (inputs.values === UNKNOWN || files.some((file) => file === undefined)) return { under: "values" };
    const values = [...(files as Properties[]), own].reduce(layOver, {});
    return { values, under: "values" };
}

/** An asset as the engine wrote it; `undefined` where its content is not to be had. */
function readValuesFile(asset: Value): Properties | undefined {
    if (!isObject(asset) || hasUnknown(asset)) return undefined;
    const { text, path } = asset;
    if (typeof text === "string") return parse(text) ?? {};
    return typeof path === "string" && existsSync(path) ? (parse(readFileSync(path, "utf8")) ?? {}) : undefined;
}

function layOver(below: Properties, above: Properties): Properties {
    const laid = { ...below };
    for (const [key, value] of Object.entries(above)) {
        const under = laid[key];
        laid[key] = isObject(under) && isObject(value) ? layOver(under, value) : value;
    }
    return laid;
}

function outputsOf(record: ReleaseRecord): Properties {
    const { name, namespace, revision, inputs } = record;
    const chart = chartName(String(inputs.chart ?? ""));
    const contract = readChart(chart);
    const version = typeof inputs.version === "string" ? inputs.version : (contract?.version ?? "");
    return {
        ...inputs,
        version,
        resourceNames: {},
        status: {
            status: "deployed",
            name,
            namespace,
            revision,
            chart,
            version,
            appVersion: contract?.appVersion ?? "",
        },
    };
}

function placeOf(inputs: Properties): { name: string; namespace: string } {
    return { name: String(inputs.name), namespace: String(inputs.namespace) };
}

async function ensureNamespace(client: KubernetesClient, name: string, signal: AbortSignal): Promise<void> {
    try {
        const body = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
        await client.request("POST", "/api/v1/namespaces", { body, signal });
    } catch (error) {
        if (!(error instanceof ApiError && error.reason === "AlreadyExists")) throw error;
    }
}

function isSameVersion(given: Value, contract: string): boolean {
    return String(given).replace(/^v/, "") === contract.replace(/^v/, "");
}

function isObject(value: Value | undefined): value is { [key: string]: Value } {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

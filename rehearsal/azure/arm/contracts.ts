import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { contractsFolder } from "../../contracts";

/** A JSON schema node as ARM's schemas have it (draft 4). */
export interface SchemaNode {
    $ref?: string;
    type?: string;
    properties?: Record<string, SchemaNode>;
    required?: string[];
    additionalProperties?: SchemaNode | boolean;
    items?: SchemaNode;
    enum?: unknown[];
    oneOf?: SchemaNode[];
    anyOf?: SchemaNode[];
    allOf?: SchemaNode[];
    [keyword: string]: unknown;
}

/** One of ARM's schema documents: what one namespace takes at one API version. */
export interface SchemaDocument {
    title: string;
    definitions: Record<string, SchemaNode>;
    /** Every kind of `resourceDefinitions` (those of a resource group, a subscription, extensions, …) in one list. */
    resources: { key: string; type: string; schema: SchemaNode }[];
}

/** The folder of ARM's schemas, or `undefined` where none are to be had. */
export function armFolder(): string | undefined {
    const contracts = contractsFolder();
    const folder = contracts && join(contracts.path, "arm");
    return folder && existsSync(folder) ? folder : undefined;
}

/** Namespaces whose documents carry another name than the SDK's module. */
const NAMESPACE_OF_MODULE: Record<string, RegExp> = {
    monitor: /^Microsoft\.(Insights|Monitor)\b/,
    applicationinsights: /^Microsoft\.Insights\b/,
    privatedns: /^Microsoft\.Network\.privateDns\b/,
    dnsresolver: /^Microsoft\.Network\.DnsResolver\b/,
    trafficmanager: /^Microsoft\.Network\.TrafficManager\b/,
};

const documents = new Map<string, SchemaDocument[]>();

/** ARM's schemas of an SDK module at an API version; empty where the contracts have none. */
export function armDocuments(apiVersion: string, module: string): SchemaDocument[] {
    const folder = armFolder();
    const key = `${folder} ${apiVersion} ${module}`;
    let found = documents.get(key);
    if (!found) documents.set(key, (found = folder ? readDocuments(join(folder, apiVersion), module) : []));
    return found;
}

function readDocuments(folder: string, module: string): SchemaDocument[] {
    if (!existsSync(folder)) return [];
    const pattern = NAMESPACE_OF_MODULE[module] ?? new RegExp(`^Microsoft\\.${module}\\b`, "i");
    return readdirSync(folder)
        .filter((file) => pattern.test(file))
        .map((file) => {
            const document = JSON.parse(readFileSync(join(folder, file), "utf8")) as Record<string, unknown>;
            const resources: SchemaDocument["resources"] = [];
            for (const [section, definitions] of Object.entries(document)) {
                if (!/(^|_)resourceDefinitions$/.test(section)) continue;
                for (const [key, schema] of Object.entries(definitions as Record<string, SchemaNode>)) {
                    const type = schema.properties?.type?.enum?.[0];
                    if (typeof type === "string") resources.push({ key, type, schema });
                }
            }
            return {
                title: document.title as string,
                definitions: (document.definitions ?? {}) as Record<string, SchemaNode>,
                resources,
            };
        });
}

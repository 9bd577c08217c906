import Ajv, { type ErrorObject, type ValidateFunction } from "ajv-draft-04";
import type { CheckFailure } from "../../provider/provider";
import { formatPath, type PropertyPath } from "../../provider/propertyPath";
import { hasUnknown, type Properties, UNKNOWN, type Value } from "../../provider/values";
import type { ArmType } from "../arm/armType";
import { TidySchema } from "../arm/tidySchema";
import type { SchemaDocument, SchemaNode } from "../arm/contracts";
import { nearest } from "../../nearest";
import { toBody } from "./body";

export interface Judgement {
    /** What ARM would be sent: `{location, tags, properties, …}`. */
    body: Properties;
    failures: CheckFailure[];
}

const schemas = new WeakMap<SchemaDocument, TidySchema>();
const tidied = new WeakMap<object, SchemaNode>();
const validators = new WeakMap<object, ValidateFunction>();
const ajv = new Ajv({
    allErrors: true,
    strict: false,
    validateFormats: false,
    discriminator: true,
    verbose: true,
    unicodeRegExp: false,
    logger: false,
});

/** Whether ARM's own schema takes the inputs: every violation at once. `undefined` where there is no schema. */
export function judge(type: ArmType, name: string | undefined, inputs: Properties): Judgement | undefined {
    if (!type.schema) return undefined;
    const { document, node } = type.schema;
    let schema = schemas.get(document);
    if (!schema) schemas.set(document, (schema = new TidySchema(document)));

    let resource = tidied.get(node);
    if (!resource) {
        const { resources: _, ...properties } = node.properties ?? {};
        tidied.set(node, (resource = schema.tidy({ ...node, properties })));
    }
    const bodyInputs = Object.fromEntries(Object.entries(inputs).filter(([key]) => isBodyInput(type, key)));
    const { body, origins, failures } = toBody(bodyInputs, schema, resource);

    let validate = validators.get(node);
    if (!validate) validators.set(node, (validate = ajv.compile(schema.standalone(resource))));
    // A child's name is judged without its parents', but where the schema asks for them (`^.*/default$`).
    const nameAsked = String(schema.resolve(resource.properties?.name).pattern ?? "").includes("/")
        ? `parent/${name}`
        : name;
    const full: Properties = {
        ...body,
        name: name === undefined ? UNKNOWN : nameAsked!,
        type: type.type(inputs),
        apiVersion: type.sdk.apiVersion!,
    };
    if (!validate(full)) {
        for (const error of validate.errors ?? []) {
            const failure = explain(error, full, origins, type.nameParameter);
            if (
                failure &&
                !failures.some((other) => other.property === failure.property && other.reason === failure.reason)
            ) {
                failures.push(failure);
            }
        }
    }
    return { body, failures };
}

/** Inputs that azure-native sends in the URL's query. */
const QUERY_PARAMETERS = new Set(["syncRemoteAddressSpace", "migrate"]);

/** Inputs that are in the URL are not in the body, nor is what azure-native keeps for itself. */
function isBodyInput(type: ArmType, key: string): boolean {
    if (key === "azureApiVersion" || key.startsWith("__") || QUERY_PARAMETERS.has(key)) return false;
    return !type.sdk.pathParameters.includes(key);
}

function explain(
    error: ErrorObject,
    body: Properties,
    origins: ReadonlyMap<object, PropertyPath>,
    nameParameter: string | undefined,
): CheckFailure | undefined {
    const steps = error.instancePath
        .split("/")
        .slice(1)
        .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
    // A part of the value is not known yet: it cannot be said to be wrong.
    if (error.data === UNKNOWN) return undefined;
    if (["oneOf", "anyOf", "discriminator"].includes(error.keyword) && hasUnknown(error.data as Value))
        return undefined;
    if (error.keyword === "oneOf") return undefined;
    // ARM's documents list the sizes of some years ago and Azure takes newer ones: `rules/` has a table of its own.
    if (error.keyword === "enum" && steps.at(-1) === "vmSize") return undefined;
    // They list Azure's own streams of a data flow; those that a rule declares itself begin so.
    if (error.keyword === "enum" && steps.at(-2) === "streams" && /^Custom-/.test(String(error.data))) return undefined;

    const path = sdkPath(steps, body, origins);
    const fail = (at: PropertyPath, reason: string): CheckFailure => {
        const named = steps.length === 1 && steps[0] === "name" && nameParameter ? [nameParameter] : at;
        return { property: formatPath(named), reason: `\`${formatPath(named)}\` ${reason}` };
    };
    const given = `but ${show(error.data)} was given`;
    const params = error.params as Record<string, unknown>;
    switch (error.keyword) {
        case "required":
            if (params.missingProperty === "properties") return undefined;
            return fail([...path, params.missingProperty as string], "is required by Azure and missing.");
        case "enum": {
            const allowed = params.allowedValues as unknown[];
            const meant = typeof error.data === "string" ? nearest(error.data, allowed.map(String)) : undefined;
            return fail(
                path,
                `must be one of ${allowed.map((one) => JSON.stringify(one)).join(", ")}, ${given}.${meant ? ` Did you mean "${meant}"?` : ""}`,
            );
        }
        case "type":
            return fail(path, `must be ${article(String(params.type))}, ${given}.`);
        case "pattern":
            return fail(path, `must match ${String(params.pattern)}, ${given}.`);
        case "minLength":
        case "maxLength":
            return fail(
                path,
                `must have ${error.keyword === "minLength" ? "at least" : "at most"} ${String(params.limit)} characters, ${given}.`,
            );
        case "minimum":
        case "maximum":
            return fail(path, `must be ${String(params.comparison)} ${String(params.limit)}, ${given}.`);
        case "discriminator": {
            const tag = String(params.tag);
            const branches = (error.parentSchema?.oneOf ?? []) as {
                properties?: Record<string, { enum?: unknown[] }>;
            }[];
            const allowed = branches.map((branch) => branch.properties?.[tag]?.enum?.[0]).filter(Boolean);
            const value = (error.data as Properties)[tag];
            return fail(
                [...path, tag],
                `must be one of ${allowed.map((one) => JSON.stringify(one)).join(", ")}, but ${show(value)} was given.`,
            );
        }
        default:
            return fail(path, `${error.message ?? "is refused"}, ${given}.`);
    }
}

/** Where a place in the body came from, as the program's author wrote it. */
function sdkPath(steps: string[], body: Properties, origins: ReadonlyMap<object, PropertyPath>): PropertyPath {
    let value: Value | undefined = body;
    let path: PropertyPath = [];
    for (const step of steps) {
        const next: Value | undefined = (value as { [key: string]: Value })?.[step];
        const key = Array.isArray(value) ? Number(step) : step;
        const origin = typeof next === "object" && next !== null ? origins.get(next) : undefined;
        path = origin ?? [...path, key];
        value = next;
    }
    return path;
}

function article(type: string): string {
    return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}

/** A value for an error text: short, since it may be a whole object. */
export function show(value: unknown): string {
    if (value === undefined) return "nothing";
    const text = JSON.stringify(value, (_, item: unknown) => (item === UNKNOWN ? "(unknown)" : item)) ?? String(value);
    return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

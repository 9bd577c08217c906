import type { Properties, Value } from "../../provider/values";
import type { ArmType } from "../arm/armType";
import { guid } from "../guid";
import type { Sdk } from "../sdk/sdk";
import type { Shape } from "../sdk/shape";
import { computedOutputs } from "./computed";
import { withoutWriteOnly } from "./writeOnly";

/** What Azure needs to know to answer for a resource that was just written. */
export interface Written {
    sdk: Sdk;
    type: ArmType;
    id: string;
    armType: string;
    name: string;
    inputs: Properties;
    subscription: string;
    tenant: string;
    /** When the resource was made: stays over updates. */
    createdAt: string;
    /** Changes with every write. */
    revision: number;
}

/** The outputs as azure-native gives them: what was put in, and what Azure computes of it. */
export function outputsOf(written: Written): Properties {
    const { type, id, armType, name, inputs } = written;
    const etag = guid("etag", id, String(written.revision));
    const outputs: Properties = {};
    for (const [key, shape] of type.sdk.outputs) {
        const value = inputs[key];
        if (value !== undefined && value !== null) {
            outputs[key] = fill(written, value, shape, `${id}/${key}`, `${armType}/${key}`, etag);
        }
    }
    const given: Properties = {
        azureApiVersion: type.sdk.apiVersion ?? null,
        eTag: etag,
        etag: `W/"${etag}"`,
        name,
        provisioningState: "Succeeded",
        resourceGuid: guid("resource", id),
        systemData: {
            createdAt: written.createdAt,
            createdByType: "Application",
            lastModifiedAt: new Date().toISOString(),
            lastModifiedByType: "Application",
        },
    };
    for (const [key, value] of Object.entries(given)) {
        if (value !== null && type.sdk.outputs.has(key)) outputs[key] = value;
    }
    // An AgentPool's `type` is the pool's, everywhere else it is ARM's.
    if (type.sdk.outputs.has("type") && !("type" in outputs && type.sdk.inputs.has("type"))) outputs.type = armType;
    if (type.sdk.className === "ResourceGroup") outputs.properties = { provisioningState: "Succeeded" };
    if (typeof outputs.location === "string") outputs.location = outputs.location.toLowerCase().replaceAll(" ", "");
    return withoutWriteOnly(armType, merge(outputs, computedOutputs(written)));
}

/** Parts of a resource that ARM knows by an ID of their own (a frontend, a backend pool, an inline subnet) get one. */
function fill(written: Written, value: Value, shape: Shape, id: string, armType: string, etag: string): Value {
    if (shape.kind === "list" && Array.isArray(value)) {
        const fields = shape.item.kind === "object" ? written.sdk.responseType(shape.item.type) : undefined;
        return value.map((item) => {
            if (!fields || !isObject(item)) return item;
            const part =
                typeof item.name === "string" && fields.has("id") && item.id === undefined
                    ? `${id}/${item.name}`
                    : undefined;
            const filled = fillObject(written, item, fields, part ?? id, armType, etag);
            if (!part) return filled;
            const own: Properties = { id: part };
            if (fields.has("etag")) own.etag = `W/"${etag}"`;
            if (fields.has("provisioningState")) own.provisioningState = "Succeeded";
            if (fields.has("type")) own.type = armType;
            return { ...filled, ...own };
        });
    }
    if (shape.kind === "object" && isObject(value)) {
        return fillObject(written, value, written.sdk.responseType(shape.type), id, armType, etag);
    }
    // ARM answers with an object where azure-native takes a list of its keys.
    if (shape.kind === "map" && Array.isArray(value)) return Object.fromEntries(value.map((key) => [String(key), {}]));
    return value;
}

function fillObject(
    written: Written,
    value: Properties,
    fields: ReadonlyMap<string, Shape>,
    id: string,
    armType: string,
    etag: string,
): Properties {
    const filled: Properties = {};
    for (const [key, item] of Object.entries(value)) {
        const shape = fields.get(key);
        filled[key] = shape ? fill(written, item, shape, `${id}/${key}`, `${armType}/${key}`, etag) : item;
    }
    return filled;
}

function merge(base: Properties, added: Properties): Properties {
    const merged: Properties = { ...base };
    for (const [key, value] of Object.entries(added)) {
        const before = merged[key];
        if (value === undefined) continue;
        merged[key] = isObject(before) && isObject(value) ? merge(before, value) : value;
    }
    return merged;
}

function isObject(value: Value | undefined): value is Properties {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

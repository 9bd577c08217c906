import { type Properties, UNKNOWN, type Value } from "../../provider/values";
import type { Sdk } from "./sdk";
import type { Shape } from "./shape";

/**
 * What azure-native answers in a preview: every output that an input of the same name gives, at every depth, and
 * `UNKNOWN` for the rest.
 */
export function previewOutputs(sdk: Sdk, inputs: Properties, outputs: ReadonlyMap<string, Shape>): Properties {
    const result: Properties = {};
    for (const [key, shape] of outputs) result[key] = previewValue(sdk, inputs[key], shape);
    return result;
}

function previewValue(sdk: Sdk, value: Value | undefined, shape: Shape): Value {
    if (value === undefined || value === null || value === UNKNOWN) return UNKNOWN;
    switch (shape.kind) {
        case "plain":
        case "any":
        case "union":
            return value;
        case "list":
            return Array.isArray(value) ? value.map((item) => previewValue(sdk, item, shape.item)) : UNKNOWN;
        case "map":
            if (!isObject(value)) return UNKNOWN;
            return Object.fromEntries(
                Object.entries(value).map(([key, item]) => [key, previewValue(sdk, item, shape.item)]),
            );
        case "object":
            return isObject(value) ? previewOutputs(sdk, value, sdk.responseType(shape.type)) : UNKNOWN;
    }
}

function isObject(value: Value): value is Properties {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

import type { Properties, Value } from "../../provider/values";

/**
 * The inputs after a refresh, as azure-native guesses them: what differs between the outputs of then and now, and was
 * given as an input, was changed by somebody else.
 */
export function refreshedInputs(inputs: Properties, before: Properties, now: Properties): Properties {
    const result: Properties = {};
    for (const [key, value] of Object.entries(inputs)) {
        if (key in before && !(key in now)) continue;
        result[key] = key in now ? refreshed(value, before[key], now[key]) : value;
    }
    // Something was added in Azure to what the program had set: tags, a list of rules.
    return result;
}

function refreshed(input: Value, before: Value | undefined, now: Value): Value {
    if (equal(before, now)) return input;
    if (isObject(input) && isObject(before) && isObject(now)) {
        const result = refreshedInputs(input, before, now);
        for (const key of Object.keys(now)) if (!(key in before) && !(key in input)) result[key] = now[key];
        return result;
    }
    if (Array.isArray(input) && Array.isArray(before) && Array.isArray(now)) {
        return now.map((item, index) =>
            index < input.length && index < before.length ? refreshed(input[index], before[index], item) : item,
        );
    }
    return now;
}

function equal(a: Value | undefined, b: Value | undefined): boolean {
    return JSON.stringify(a) === JSON.stringify(b);
}

function isObject(value: Value | undefined): value is Properties {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

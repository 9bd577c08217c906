import type { CheckFailure } from "../../provider/provider";
import type { Properties } from "../../provider/values";
import { objectsAt, refuse, textAt } from "./rule";

/** Parts of one resource have names of their own. */
export function* distinctNames(inputs: Properties, list: string): Generator<CheckFailure> {
    const seen = new Set<string>();
    for (const [index, item] of objectsAt(inputs, list).entries()) {
        const name = textAt(item, "name");
        if (name && seen.has(name.toLowerCase()))
            yield refuse(
                `${list}[${index}].name`,
                `\`${list}[${index}].name\` ${JSON.stringify(name)} is there twice.`,
                "DuplicateResourceName",
            );
        if (name) seen.add(name.toLowerCase());
    }
}

/** A number between two limits. */
export function* within(
    inputs: Properties,
    key: string,
    least: number,
    most: number,
    base = "",
): Generator<CheckFailure> {
    const value = inputs[key];
    if (typeof value === "number" && (value < least || value > most)) {
        const limits = most === Infinity ? `at least ${least}` : `from ${least} to ${most}`;
        yield refuse(
            `${base}${key}`,
            `\`${base}${key}\` must be ${limits}, but ${value} was given.`,
            "InvalidParameter",
        );
    }
}

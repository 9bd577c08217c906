import { randomInt } from "node:crypto";
import type { CheckFailure, Properties } from "../provider";

const SETS = {
    lower: { minimum: "minLower", characters: "abcdefghijklmnopqrstuvwxyz" },
    upper: { minimum: "minUpper", characters: "ABCDEFGHIJKLMNOPQRSTUVWXYZ" },
    numeric: { minimum: "minNumeric", characters: "0123456789" },
    special: { minimum: "minSpecial", characters: "!@#$%&*()-_=+[]{}<>:?" },
} as const;

type SetName = keyof typeof SETS;
const setNames = Object.keys(SETS) as SetName[];

/** Defaults of RandomString and RandomPassword. */
export const characterDefaults: Properties = {
    lower: true,
    upper: true,
    numeric: true,
    number: true,
    special: true,
    minLower: 0,
    minUpper: 0,
    minNumeric: 0,
    minSpecial: 0,
};

export function checkCharacters(inputs: Properties): CheckFailure[] {
    const failures: CheckFailure[] = [];
    const { length } = inputs;
    if (typeof length === "number" && !(Number.isInteger(length) && length >= 1)) {
        failures.push({ property: "length", reason: `is ${length}; it has to be a whole number of at least 1` });
    }
    let least = 0;
    for (const name of setNames) {
        const minimum = inputs[SETS[name].minimum];
        if (typeof minimum !== "number") continue;
        least += minimum;
    }
    if (typeof length === "number" && least > length) {
        failures.push({
            property: "length",
            reason: `is ${length}, less than the ${least} characters that the minimums ask for`,
        });
    }
    // `number` is the old name of `numeric`; both may be given only if they agree.
    if (typeof inputs.number === "boolean" && typeof inputs.numeric === "boolean" && inputs.number !== inputs.numeric) {
        failures.push({ property: "number", reason: "contradicts numeric; leave it out, it is numeric's old name" });
    }
    if (setNames.every((name) => (name === "numeric" ? (inputs.numeric ?? inputs.number) : inputs[name]) === false)) {
        failures.push({ property: "lower", reason: "is off like upper, numeric and special: no character is left" });
    }
    return failures;
}

/** A string as the inputs ask for: at least the minimum of each set, the rest of all sets that are on, in random order. */
export function randomCharacters(inputs: Properties): string {
    const characters: string[] = [];
    let all = "";
    for (const name of setNames) {
        const isOn = name === "numeric" ? numericOf(inputs) : inputs[name];
        const set =
            name === "special" && inputs.overrideSpecial ? String(inputs.overrideSpecial) : SETS[name].characters;
        if (isOn) all += set;
        for (let i = 0; i < Number(inputs[SETS[name].minimum]); i++) characters.push(pick(set));
    }
    while (characters.length < Number(inputs.length)) characters.push(pick(all));
    return shuffled(characters).join("");
}

/** Both names of the one setting, as the outputs show them. */
export function numericOf(inputs: Properties): boolean {
    return inputs.numeric !== false && inputs.number !== false;
}

function pick(set: string): string {
    return set[randomInt(set.length)];
}

function shuffled<T>(values: readonly T[]): T[] {
    const result = [...values];
    for (let i = result.length - 1; i > 0; i--) {
        const j = randomInt(i + 1);
        [result[i], result[j]] = [result[j], result[i]];
    }
    return result;
}

import { BootError } from "./bootError";
import type { Bundle } from "./bundle";

/** Lines of a machine's `facts.env`, by key. Which there are: docs/rehearsed-kubernetes.md. */
export type Facts = Record<string, string>;

/** `undefined` where the bundle has none. */
export function readFacts(bundle: Bundle): Facts | undefined {
    const file = bundle.get("facts.env");
    return file && parseFacts(file.toString("utf8"));
}

/** `KEY='value'` lines, as bash would source them; values are quoted or bare, nothing is expanded. */
export function parseFacts(text: string): Facts {
    const facts: Facts = {};
    for (const line of text.split("\n")) {
        const [, key, value] = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line) ?? [];
        if (key) facts[key] = unquoted(value.trim());
    }
    return facts;
}

function unquoted(value: string): string {
    return value.replace(/'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/g, (_all, single, double, escaped) =>
        single !== undefined ? single : double !== undefined ? double.replace(/\\(.)/g, "$1") : escaped,
    );
}

/** @throws BootError when there is no such fact */
export function fact(facts: Facts, key: string): string {
    const value = facts[key];
    if (value === undefined || value === "")
        throw new BootError("facts", `facts.env has no ${key}`, "the program has to write it into the user data");
    return value;
}

/** `a=1 b=2` → `[["a", "1"], ["b", "2"]]` */
export function pairs(value: string): [string, string][] {
    return value
        .split(/\s+/)
        .filter(Boolean)
        .map((pair) => {
            const equals = pair.indexOf("=");
            return [pair.slice(0, equals), pair.slice(equals + 1)];
        });
}

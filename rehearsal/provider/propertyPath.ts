import type { DiffEntry } from "./provider";
import { UNKNOWN, type Properties, type Value } from "./values";

/** Where a value is: `["agentPoolProfiles", 0, "count"]`. */
export type PropertyPath = readonly (string | number)[];

/** Writes a path as the engine does: `agentPoolProfiles[0].count`, `tags["app.kubernetes.io/name"]`. */
export function formatPath(path: PropertyPath): string {
    let text = "";
    for (const part of path) {
        if (typeof part === "number") text += `[${part}]`;
        else if (!/^[A-Za-z0-9_]+$/.test(part)) text += `["${part.replaceAll('"', '\\"')}"]`;
        else text += text === "" ? part : `.${part}`;
    }
    return text;
}

export interface DiffOptions {
    /** Whether a change at this path forces a replacement. It is asked with the path of the innermost value that differs. @default never */
    forcesReplacement?(path: PropertyPath): boolean;
    /** Differences that are none, such as a resource group's name in other letters. Asked for every pair that differs, outermost first. */
    same?(path: PropertyPath, oldValue: Value | undefined, newValue: Value | undefined): boolean;
}

/**
 * What differs between two sets of properties, keyed by property path; the innermost values, so that a change in a list's
 * third element names the third element. An absent property and `null` are the same. An unknown value differs from
 * everything, itself included.
 */
export function diffProperties(
    oldProperties: Properties,
    newProperties: Properties,
    options: DiffOptions = {},
): Record<string, DiffEntry> {
    const entries: Record<string, DiffEntry> = {};
    compare([], oldProperties, newProperties);
    return entries;

    function compare(path: PropertyPath, before: Value | undefined, after: Value | undefined): void {
        if (isAbsent(before) && isAbsent(after)) return;
        if (before === after && before !== UNKNOWN) return;
        if (options.same?.(path, before, after)) return;

        if (Array.isArray(before) && Array.isArray(after)) {
            for (let i = 0; i < Math.max(before.length, after.length); i++) compare([...path, i], before[i], after[i]);
        } else if (isObject(before) && isObject(after)) {
            for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
                compare([...path, key], before[key], after[key]);
            }
        } else {
            const kind = isAbsent(before) ? "add" : isAbsent(after) ? "delete" : "update";
            entries[formatPath(path)] = options.forcesReplacement?.(path) ? { kind, replace: true } : { kind };
        }
    }
}

function isAbsent(value: Value | undefined): value is null | undefined {
    return value === null || value === undefined;
}

function isObject(value: Value | undefined): value is { [key: string]: Value } {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

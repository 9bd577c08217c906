import type { Properties, Value } from "../provider";
import type { KubernetesObject } from "./objects";

/**
 * The inputs with what somebody else changed in the cluster: wherever the live object differs from the one that the
 * last deployment saw, the live value is taken. What the server merely writes another way (`1000m` → `1`) stays as the
 * program wrote it.
 */
export function driftedInputs(inputs: Properties, seen: KubernetesObject, live: KubernetesObject): Properties {
    return drifted(inputs, seen, live) as Properties;
}

function drifted(input: Value, seen: unknown, live: unknown): Value | undefined {
    if (JSON.stringify(seen) === JSON.stringify(live)) return input;
    if (isObject(input) && isObject(seen) && isObject(live)) {
        return Object.fromEntries(
            Object.entries(input)
                .map(([key, value]) => [key, drifted(value, seen[key], live[key])])
                .filter(([, value]) => value !== undefined),
        );
    }
    if (Array.isArray(input) && Array.isArray(seen) && Array.isArray(live) && sameLength(input, seen, live))
        return input.map((value, index) => drifted(value, seen[index], live[index]) ?? null);
    return live as Value | undefined;
}

/** Lists that the server reordered or added to are compared as a whole. */
function sameLength(...lists: unknown[][]): boolean {
    return lists.every(({ length }) => length === lists[0].length);
}

function isObject(value: unknown): value is Record<string, any> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value that is known only after the deployment. */
export const UNKNOWN: unique symbol = Symbol("unknown");

/** A property value as the engine hands it over, without secret and output wrappers. */
export type Value = null | boolean | number | string | typeof UNKNOWN | Value[] | { [key: string]: Value };

export type Properties = { [key: string]: Value };

/** Whether anything in the value is unknown. */
export function hasUnknown(value: Value | undefined): boolean {
    if (value === UNKNOWN) return true;
    if (Array.isArray(value)) return value.some(hasUnknown);
    return typeof value === "object" && value !== null && Object.values(value).some(hasUnknown);
}

/** The value at a path of keys, if everything on the way is an object. */
export function at(value: Value | undefined, ...path: string[]): Value | undefined {
    let found = value;
    for (const key of path) {
        if (typeof found !== "object" || found === null || Array.isArray(found)) return undefined;
        found = found[key];
    }
    return found;
}

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

import type { Properties, Value } from "../provider";

/** A Kubernetes object as the API server sends it. */
export type KubernetesObject = Record<string, any>;

/** Value at a path of keys; `undefined` where the path ends early. */
export function at(object: unknown, ...path: (string | number)[]): any {
    return path.reduce<any>((value, key) => (value === null || value === undefined ? undefined : value[key]), object);
}

export function annotation(object: unknown, name: string): string | undefined {
    const value = at(object, "metadata", "annotations", name);
    return typeof value === "string" ? value : undefined;
}

export function isAnnotatedTrue(object: unknown, name: string): boolean {
    return annotation(object, name) === "true";
}

/** `namespace/name`, or the name alone. */
export function idOf(object: KubernetesObject): string {
    const { name, namespace } = object.metadata ?? {};
    return namespace ? `${namespace}/${name}` : String(name);
}

export function parseId(id: string): { namespace?: string; name: string } {
    const slash = id.indexOf("/");
    return slash < 0 ? { name: id } : { namespace: id.slice(0, slash), name: id.slice(slash + 1) };
}

/** A copy with something put at `metadata.<key>`; as it was where metadata itself is unknown. */
export function withMetadata(inputs: Properties, key: string, value: Value): Properties {
    const metadata = inputs.metadata ?? {};
    if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata)) return inputs;
    return { ...inputs, metadata: { ...metadata, [key]: value } };
}

export function withAnnotation(inputs: Properties, name: string, value: string): Properties {
    const annotations = at(inputs, "metadata", "annotations") ?? {};
    if (typeof annotations !== "object") return inputs; // unknown as a whole
    return withMetadata(inputs, "annotations", { ...annotations, [name]: value });
}

/** `null` says nothing in a program; in server-side apply it would say "owned, and empty". */
export function withoutNulls<T>(value: T): T {
    if (Array.isArray(value)) return value.map(withoutNulls) as T;
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
        Object.entries(value)
            .filter(([, entry]) => entry !== null && entry !== undefined)
            .map(([key, entry]) => [key, withoutNulls(entry)]),
    ) as T;
}

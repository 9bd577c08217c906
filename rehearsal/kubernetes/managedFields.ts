import type { Properties, Value } from "../provider";
import { at, withoutNulls, type KubernetesObject } from "./objects";

/** What the server puts into every object, and no program writes. */
const serverMetadata = [
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
];

/** The manager that a deployment of Pulumi's applied the object with, if one did. */
export function pulumiManager(live: KubernetesObject): string | undefined {
    const entries: any[] = at(live, "metadata", "managedFields") ?? [];
    return entries.find(({ operation, manager }) => operation === "Apply" && /^pulumi-kubernetes/.test(manager))
        ?.manager;
}

/**
 * What a program would have to write for an object that exists: exactly the fields that Pulumi applied, where it did
 * (as after a crash); otherwise all that the server does not fill in by itself.
 */
export function inputsOf(live: KubernetesObject): Properties {
    const manager = pulumiManager(live);
    const entries: any[] = at(live, "metadata", "managedFields") ?? [];
    const owned = entries.find((entry) => entry.manager === manager && entry.operation === "Apply")?.fieldsV1;
    const { apiVersion, kind, metadata } = live;
    if (!owned) return withoutServerFields(live);
    const picked = pick(live, owned) as Record<string, Value>;
    const identity = { name: metadata.name, ...(metadata.namespace && { namespace: metadata.namespace }) };
    return { apiVersion, kind, ...picked, metadata: { ...((picked.metadata as object) ?? {}), ...identity } };
}

function withoutServerFields(live: KubernetesObject): Properties {
    const { status: _status, ...rest } = live;
    const metadata = Object.fromEntries(
        Object.entries(live.metadata ?? {}).filter(([key]) => !serverMetadata.includes(key)),
    );
    return withoutNulls({ ...rest, metadata }) as Properties;
}

/**
 * Keeps of a value what a field set names (`f:` a field, `k:` a list's element by its keys, `v:` one by its value,
 * `.` the thing itself; an empty set the whole).
 */
function pick(value: any, fields: Record<string, any>): any {
    const names = Object.keys(fields).filter((name) => name !== ".");
    if (names.length === 0) return value;
    if (Array.isArray(value)) {
        return value.flatMap((element) => {
            const name = names.find((each) => elementMatches(element, each));
            return name === undefined ? [] : [pick(element, fields[name])];
        });
    }
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
        names
            .filter((name) => name.startsWith("f:") && name.slice(2) in value)
            .map((name) => [name.slice(2), pick(value[name.slice(2)], fields[name])]),
    );
}

function elementMatches(element: any, name: string): boolean {
    const wanted = JSON.parse(name.slice(2) || "null");
    if (name.startsWith("v:")) return JSON.stringify(element) === JSON.stringify(wanted);
    if (!name.startsWith("k:")) return false;
    return Object.entries(wanted).every(([key, value]) => JSON.stringify(element?.[key]) === JSON.stringify(value));
}

import type { z } from "zod";
import { guidance } from "./guidance";
import { nearest } from "./nearest";
import { formatPath, formatValue, type Path, type Problem } from "./problem";
import { schema } from "./schema";

/** Kinds of cluster that are coming, and when: named, so that nobody looks for a spelling mistake. */
const COMING: Record<string, string> = { selfManaged: "the self-managed kind comes with a later version" };

/** What the schema alone says of raw settings: wrong types, forms and ranges, missing and unknown keys. */
export function shapeProblems(raw: Record<string, unknown>): Problem[] {
    const { settings, problems } = kindProblems(raw);
    const result = schema.safeParse(settings);
    if (result.success) return problems;
    return [...problems, ...result.error.issues.flatMap((issue) => explain(issue, settings))];
}

/** The kind of cluster decides what else may be said of it: judged first, and the rest as if it were the one there is. */
function kindProblems(raw: Record<string, unknown>): { settings: Record<string, unknown>; problems: Problem[] } {
    const cluster = raw.cluster;
    if (typeof cluster !== "object" || cluster === null || Array.isArray(cluster))
        return { settings: raw, problems: [] };
    const kind = (cluster as Record<string, unknown>).kind;
    if (kind === "aks") return { settings: raw, problems: [] };
    const coming = typeof kind === "string" ? COMING[kind] : undefined;
    const problem = {
        path: formatPath(["cluster", "kind"]),
        given: formatValue(kind),
        allowed: coming ? `"aks" for now: ${coming}` : '"aks"',
        mend: "set it to aks",
    };
    // Of a kind that is not there yet nothing else can be judged.
    const rest = coming ? Object.fromEntries(Object.entries(raw).filter(([key]) => key !== "cluster")) : raw;
    const settings = coming ? { ...rest, cluster: PLACEHOLDER } : { ...raw, cluster: { ...cluster, kind: "aks" } };
    return { settings, problems: [problem] };
}

const PLACEHOLDER = {
    kind: "aks",
    adminGroups: ["00000000-0000-0000-0000-000000000000"],
    systemPool: { size: "Standard_D4ds_v5" },
    userPools: [{ name: "general", size: "Standard_D8ds_v5", maxNodesPerZone: 1 }],
};

function explain(issue: z.core.$ZodIssue, raw: unknown): Problem[] {
    const path = issue.path as Path;
    if (issue.code === "unrecognized_keys") {
        const known = Object.keys(childrenOf(schemaAt(path)) ?? {});
        return issue.keys.map((key) => unknownKey([...path, key], valueAt(raw, [...path, key]), known));
    }
    const { allowed, example, mend } = guidanceOf(schemaAt(path)) ?? {
        allowed: issue.message,
        example: undefined,
        mend: "change it to what is allowed",
    };
    if (issue.code === "invalid_key") {
        return [
            {
                path: formatPath(path),
                given: formatValue(path.at(-1)),
                allowed: "a tag name of up to 512 characters without < > % & \\ ? /",
                mend: "rename it",
            },
        ];
    }
    const given = valueAt(raw, path);
    return [
        {
            path: formatPath(path),
            given: formatValue(given),
            allowed,
            mend:
                mend ??
                `${given === undefined ? "add it" : "set it to what is allowed"}, such as ${formatValue(example)}`,
        },
    ];
}

function unknownKey(path: Path, value: unknown, known: string[]): Problem {
    const key = String(path.at(-1));
    const meant = nearest(key, known);
    return {
        path: formatPath(path),
        given: formatValue(value),
        allowed: `one of ${known.join(", ")}`,
        mend: meant ? `rename it to ${meant}` : "remove it",
    };
}

/** The schema of the setting at a path. */
function schemaAt(path: Path): z.ZodType {
    let node: z.ZodType = schema;
    for (const part of path) {
        const children = childrenOf(node);
        const bare = unwrap(node);
        const next = children?.[String(part)] ?? elementOf(bare);
        if (!next) return node;
        node = next;
    }
    return node;
}

function childrenOf(node: z.ZodType): Record<string, z.ZodType> | undefined {
    const bare = unwrap(node);
    if (bare.def.type === "object") return (bare as z.ZodObject).shape as Record<string, z.ZodType>;
    if (bare.def.type === "union") return childrenOf((bare as z.ZodUnion).options[0] as z.ZodType);
    return undefined;
}

function elementOf(bare: z.ZodType): z.ZodType | undefined {
    if (bare.def.type === "array") return (bare as z.ZodArray).element as z.ZodType;
    if (bare.def.type === "record") return (bare as z.ZodRecord).valueType as z.ZodType;
    return undefined;
}

/** The guidance of a setting, which a default around it does not take over. */
export function guidanceOf(node: z.ZodType): ReturnType<typeof guidance.get> {
    const inner = (node.def as { innerType?: z.ZodType }).innerType;
    return guidance.get(node) ?? (inner && guidanceOf(inner));
}

/** Without defaults and the like around it. */
export function unwrap(node: z.ZodType): z.ZodType {
    const inner = (node.def as { innerType?: z.ZodType }).innerType;
    return inner ? unwrap(inner) : node;
}

function valueAt(raw: unknown, path: Path): unknown {
    return path.reduce<unknown>(
        (value, part) => (value as Record<string | number, unknown> | null | undefined)?.[part],
        raw,
    );
}

import type { z } from "zod";
import { signposts, guidance } from "./guidance";
import { nearest } from "./nearest";
import { formatPath, formatValue, type Path, type Problem } from "./problem";

/** What a schema alone says of raw settings: wrong types, forms and ranges, missing and unknown keys. */
export function shapeProblems(schema: z.ZodType, raw: Record<string, unknown>): Problem[] {
    return readShape(schema, raw).problems;
}

/** Raw settings as a schema reads them, or what it says of them. */
export function readShape<S extends z.ZodType>(
    schema: S,
    raw: Record<string, unknown>,
): { settings: z.output<S>; problems: [] } | { settings: undefined; problems: Problem[] } {
    const result = schema.safeParse(raw);
    return result.success
        ? { settings: result.data, problems: [] }
        : { settings: undefined, problems: result.error.issues.flatMap((issue) => explain(schema, issue, raw)) };
}

function explain(schema: z.ZodType, issue: z.core.$ZodIssue, raw: unknown): Problem[] {
    const path = issue.path as Path;
    const schemaAt = (at: Path) => descend(schema, at);
    if (issue.code === "unrecognized_keys") {
        const node = schemaAt(path);
        return issue.keys.map((key) => unknownKey([...path, key], valueAt(raw, [...path, key]), node));
    }
    const wrongKey = issue.code === "invalid_key";
    const { allowed, example, mend } = guidanceOf(wrongKey ? keyOf(schemaAt(path.slice(0, -1))) : schemaAt(path)) ?? {
        allowed: issue.message,
        example: undefined,
        mend: "change it to what is allowed",
    };
    const given = wrongKey ? path.at(-1) : valueAt(raw, path);
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

function unknownKey(path: Path, value: unknown, node: z.ZodType): Problem {
    const known = Object.keys(childrenOf(node) ?? {});
    const posts = of(signposts, node) ?? {};
    const meant = nearest(String(path.at(-1)), [...known, ...Object.keys(posts)]);
    return {
        path: formatPath(path),
        given: formatValue(value),
        allowed: `one of ${known.join(", ")}`,
        mend: meant ? `rename it to ${meant}` : "remove it",
        ...(meant ? posts[meant] : {}),
    };
}

/** The schema of the setting at a path. */
function descend(schema: z.ZodType, path: Path): z.ZodType {
    let node = schema;
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
    return undefined;
}

function elementOf(bare: z.ZodType): z.ZodType | undefined {
    if (bare.def.type === "array") return (bare as z.ZodArray).element as z.ZodType;
    if (bare.def.type === "record") return (bare as z.ZodRecord).valueType as z.ZodType;
    return undefined;
}

/** The schema of a record's keys. */
function keyOf(record: z.ZodType): z.ZodType {
    return (unwrap(record) as z.ZodRecord).keyType as unknown as z.ZodType;
}

/** The guidance of a setting. */
export function guidanceOf(node: z.ZodType): ReturnType<typeof guidance.get> {
    return of(guidance, node);
}

/** What a register says of a setting, which a default around it does not take over. */
function of<T extends object>(register: z.core.$ZodRegistry<T>, node: z.ZodType): T | undefined {
    const inner = (node.def as { innerType?: z.ZodType }).innerType;
    return (register.get(node) as T | undefined) ?? (inner && of(register, inner));
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

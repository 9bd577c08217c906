/** The shape of an output as the SDK's declarations give it: just enough to tell what a preview does not know yet. */
export type Shape =
    | { kind: "plain" }
    | { kind: "any" }
    | { kind: "list"; item: Shape }
    | { kind: "map"; item: Shape }
    /** A type of the SDK, such as `network.SubnetResponse`. */
    | { kind: "object"; type: string }
    /** One of several types, told apart by a value: taken as it is given. */
    | { kind: "union" };

const PLAIN: Shape = { kind: "plain" };

/** Reads a type as the SDK's generator writes it, such as `outputs.network.SubnetResponse[] | undefined`. */
export function parseShape(text: string): Shape {
    const type = text.replace(/\s*\|\s*undefined\b/g, "").trim();
    if (type.endsWith("[]")) return { kind: "list", item: parseShape(unwrapped(type.slice(0, -2))) };
    const map = /^\{\s*\[key: string\]:\s*([\s\S]*?);?\s*\}$/.exec(type);
    if (map) return { kind: "map", item: parseShape(map[1]) };
    if (type.startsWith("(") && type.endsWith(")")) return parseShape(unwrapped(type));
    if (/\|/.test(type)) return /outputs\./.test(type) ? { kind: "union" } : PLAIN;
    const reference = /^outputs\.([\w.]+)$/.exec(type);
    if (reference) return { kind: "object", type: reference[1] };
    return type === "any" ? { kind: "any" } : PLAIN;
}

function unwrapped(type: string): string {
    const trimmed = type.trim();
    return trimmed.startsWith("(") && trimmed.endsWith(")") ? trimmed.slice(1, -1) : trimmed;
}

import type { z } from "zod";
import { guidanceOf, unwrap } from "./shape";
import { schema } from "./schema";

interface Row {
    path: string;
    allowed: string;
    preset: string;
    description: string;
}

/** docs/settings.md: every setting with what it takes, its default and what it is for. */
export function settingsDocument(): string {
    const rows = rowsOf(schema, "", true).map(
        ({ path, allowed, preset, description }) =>
            `| \`${path}\` | ${cell(allowed)} | ${preset} | ${cell(description)} |`,
    );
    return [
        "# Settings",
        "",
        "What a stack file may set under `config:`. Made from `settings/` by `npm run settings`; a test keeps it up to date.",
        "Every problem is reported at once, before anything is deployed. `[]` stands for each entry of a list, `NAME` for each name.",
        "",
        "| setting | takes | default | what for |",
        "| --- | --- | --- | --- |",
        ...rows,
        "",
    ].join("\n");
}

function rowsOf(node: z.ZodType, path: string, isRoot = false): Row[] {
    const bare = unwrap(node);
    const own: Row[] = isRoot
        ? []
        : [{ path, allowed: takes(node, bare), preset: presetOf(node), description: descriptionOf(node) ?? "" }];
    if (bare.def.type === "object") {
        const shape = (bare as z.ZodObject).shape as Record<string, z.ZodType>;
        const children = Object.entries(shape).flatMap(([key, child]) =>
            rowsOf(child, isRoot ? `mainstay:${key}` : `${path}.${key}`),
        );
        return [...own, ...children];
    }
    if (bare.def.type === "array") {
        const element = (bare as z.ZodArray).element as z.ZodType;
        return unwrap(element).def.type === "object" ? [...own, ...rowsOf(element, `${path}[]`).slice(1)] : own;
    }
    if (bare.def.type === "record") {
        const element = (bare as z.ZodRecord).valueType as z.ZodType;
        return unwrap(element).def.type === "object" ? [...own, ...rowsOf(element, `${path}.NAME`).slice(1)] : own;
    }
    return own;
}

function takes(node: z.ZodType, bare: z.ZodType): string {
    if (bare.def.type === "object") return "settings below";
    return guidanceOf(node)?.allowed ?? bare.def.type;
}

function presetOf(node: z.ZodType): string {
    const def = node.def as { type: string; defaultValue?: unknown; innerType?: z.ZodType };
    if (def.type === "optional") return "";
    if (def.type === "prefault") return "as below";
    if (def.type === "default") return `\`${JSON.stringify(def.defaultValue)}\``;
    return "**required**";
}

function descriptionOf(node: z.ZodType): string | undefined {
    const inner = (node.def as { innerType?: z.ZodType }).innerType;
    return node.description ?? (inner && descriptionOf(inner));
}

function cell(text: string): string {
    return text.replaceAll("|", "\\|");
}

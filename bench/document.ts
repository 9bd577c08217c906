import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { root } from "../rehearsal/engine";
import type { Measured } from "./figure";
import { describeMachine } from "./machine";

const FILE = join(root, "docs/performance.md");
const PLACE = /(<!-- figures: npm run bench -- --write -->\n)[\s\S]*?(<!-- end of figures -->)/;

/** Puts the figures into docs/performance.md; rows of what was not measured this time stay as they are. */
export async function writeFigures(measured: readonly Measured[]): Promise<void> {
    const text = await readFile(FILE, "utf8");
    const table = PLACE.exec(text)?.[0];
    if (table === undefined) throw new Error(`${FILE} has no place for the figures`);

    const rows = new Map<string, string>();
    for (const row of table.match(/^\| `.*$/gm) ?? []) rows.set(/^\| `([^`]+)`/.exec(row)![1], row);
    for (const figure of measured) rows.set(figure.name, toRow(figure));
    const head =
        "| figure | ours | baseline | ratio | goal | met | runs |\n| --- | --- | --- | --- | --- | --- | --- |";
    const figures = `${await describeMachine()}.\n\n${head}\n${[...rows.values()].join("\n")}`;
    const written = text.replace(PLACE, (_, begin: string, end: string) => `${begin}\n${figures}\n\n${end}`);
    await writeFile(FILE, await format(written, { ...(await resolveConfig(FILE)), filepath: FILE }));
}

function toRow({ name, value, unit, baseline, ratio, goal, met, runs }: Measured): string {
    const amount = (number: number | null) => (number === null ? "" : `${rounded(number)} ${unit}`);
    const times = ratio === null ? "" : `${rounded(ratio)} ×`;
    const verdict = met === null ? "" : met ? "yes" : "**no**";
    return `| \`${name}\` | ${amount(value)} | ${amount(baseline)} | ${times} | ${goal} | ${verdict} | ${runs} |`;
}

/** Three digits: more are noise. */
export function rounded(number: number): string {
    return number >= 100 ? number.toFixed(0) : number >= 10 ? number.toFixed(1) : number.toFixed(2);
}

import { readFile, rename, writeFile } from "node:fs/promises";
import { parseDocument } from "yaml";
import type { Step } from "./steps";

const KEY = ["config", "mainstay:controlPlane"];

/** Writes a step's setting into a stack file; comments and order stay. */
export async function writeSetting(file: string, { path, value }: Pick<Step, "path" | "value">): Promise<void> {
    const document = parseDocument(await readFile(file, "utf8"));
    document.setIn([...KEY, ...path], document.createNode(value, { flow: Array.isArray(value) }));
    await writeFile(`${file}.part`, String(document));
    await rename(`${file}.part`, file);
}

// Writes out what the rules say of themselves, as build.mjs bundled it: catalogue.json and docs/policies.md.
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { format, resolveConfig } from "prettier";

const { catalogue, documentation } = createRequire(import.meta.url)("./dist/selfDescription.js");
await write("catalogue.json", JSON.stringify(catalogue));
await write("../docs/policies.md", documentation);

async function write(path, text) {
    const file = fileURLToPath(new URL(path, import.meta.url));
    writeFileSync(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
}

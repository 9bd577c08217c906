/** `npm run settings`: writes what is made from the settings' schema, the port matrix and the roles. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { withRoles } from "../components/groupRbac/document";
import { withPortMatrix } from "../components/network/document";
import { stackFileSchema } from "./stackFileSchema";
import { settingsDocument } from "./table";

const docs = join(__dirname, "..", "docs");

/** Every generated file with what it has to hold now. */
export async function generatedFiles(): Promise<{ path: string; text: string }[]> {
    const network = join(docs, "network.md");
    const access = join(docs, "access.md");
    const files = [
        { path: join(docs, "settings.schema.json"), text: JSON.stringify(stackFileSchema()) },
        { path: join(docs, "settings.md"), text: settingsDocument() },
        { path: network, text: withPortMatrix(await readFile(network, "utf8")) },
        { path: access, text: withRoles(await readFile(access, "utf8")) },
    ];
    return Promise.all(
        files.map(async ({ path, text }) => ({
            path,
            text: await format(text, { ...(await resolveConfig(path)), filepath: path }),
        })),
    );
}

async function main(): Promise<void> {
    for (const { path, text } of await generatedFiles()) await writeFile(path, text);
}

if (require.main === module) void main();

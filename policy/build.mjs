// Bundles the pack into dist/, and writes out what the rules say of themselves: catalogue.json and docs/policies.md.
import { build } from "esbuild";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { format, resolveConfig } from "prettier";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const common = { absWorkingDir: here("."), bundle: true, platform: "node", target: "node20", logLevel: "warning" };

/**
 * The policy SDK asks @pulumi/pulumi's front door for two classes, and that loads npm's own dependency solver: a third of
 * the pack's start. This hands it the same two by their own files.
 */
const narrowImport = {
    name: "narrow-import",
    setup({ onResolve, onLoad }) {
        onResolve({ filter: /^@pulumi\/pulumi$/ }, () => ({ path: "@pulumi/pulumi", namespace: "narrow" }));
        onLoad({ filter: /.*/, namespace: "narrow" }, () => ({
            contents: `exports.asset = require("@pulumi/pulumi/asset");
                       exports.Output = require("@pulumi/pulumi/output").Output;`,
            resolveDir: here("."),
        }));
    },
};

await build({
    ...common,
    entryPoints: ["index.ts"],
    outfile: "dist/index.js",
    plugins: [narrowImport],
    external: ["@pulumi/pulumi/*", "@grpc/grpc-js", "google-protobuf"],
    sourcemap: true,
});
await build({ ...common, entryPoints: ["catalogue.ts"], outfile: "dist/catalogue.js", packages: "external" });

const { catalogue, documentation } = createRequire(import.meta.url)("./dist/catalogue.js");
await write("catalogue.json", JSON.stringify(catalogue));
await write("../docs/policies.md", documentation);

/** Leaves a file alone that says the same already. */
async function write(path, text) {
    const file = here(path);
    const formatted = await format(text, { ...(await resolveConfig(file)), filepath: file });
    if (!existsSync(file) || readFileSync(file, "utf8") !== formatted) writeFileSync(file, formatted);
}

// Bundles the pack into dist/: what the engine runs, and what its rules say of themselves, for document.mjs.
import { build } from "esbuild";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL(".", import.meta.url));
const common = { absWorkingDir: folder, bundle: true, platform: "node", target: "node20", logLevel: "warning" };

/**
 * The policy SDK asks @pulumi/pulumi's front door for two classes, and that loads npm's own dependency solver: a quarter
 * of the pack's start. This hands it the same two by their own files.
 */
const narrowImport = {
    name: "narrow-import",
    setup({ onResolve, onLoad }) {
        onResolve({ filter: /^@pulumi\/pulumi$/ }, () => ({ path: "@pulumi/pulumi", namespace: "narrow" }));
        onLoad({ filter: /.*/, namespace: "narrow" }, () => ({
            contents: `exports.asset = require("@pulumi/pulumi/asset");
                       exports.Output = require("@pulumi/pulumi/output").Output;`,
            resolveDir: folder,
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
await build({
    ...common,
    entryPoints: ["selfDescription.ts"],
    outfile: "dist/selfDescription.js",
    packages: "external",
});

import { build } from "esbuild";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { makePrivateFolder, type Layout } from "./folder";

/** Puts the kubelogin stand-in into the folder's `bin`, as one executable file that knows where it belongs. */
export async function writeKubelogin(place: Layout): Promise<void> {
    makePrivateFolder(place.bin);
    const outfile = join(place.bin, "kubelogin");
    await build({
        entryPoints: [join(__dirname, "..", "kubelogin", "main.ts")],
        outfile,
        bundle: true,
        platform: "node",
        target: "node20",
        banner: { js: `#!${process.execPath}` },
        define: { CLUSTER_FOLDER: JSON.stringify(place.folder) },
        logLevel: "error",
    });
    chmodSync(outfile, 0o700);
}

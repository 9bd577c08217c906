import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { cpus, release, totalmem, type } from "node:os";
import { promisify } from "node:util";
import { join } from "node:path";
import { root } from "../rehearsal/engine";
import { toolPath } from "../rehearsal/toolchain";

/** The machine and what ran on it, in a sentence. */
export async function describeMachine(): Promise<string> {
    const { stdout } = await promisify(execFile)(await toolPath("pulumi"), ["version"]);
    const sdk = JSON.parse(await readFile(join(root, "node_modules/@pulumi/pulumi/package.json"), "utf8")) as {
        version: string;
    };
    const processor = cpus()[0]?.model.trim() || "unknown processor";
    return (
        `${cpus().length} × ${processor}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()} ${release()}, ` +
        `Node ${process.versions.node}, Pulumi ${stdout.trim().replace(/^v/, "")} with SDK ${sdk.version}, ` +
        new Date().toISOString().slice(0, 10)
    );
}

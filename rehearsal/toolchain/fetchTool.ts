import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, renameSync } from "node:fs";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { checksumFor } from "./checksum";
import { download, downloadText } from "./download";
import { sha256 } from "./files";
import type { Download } from "./pins";

/**
 * Fetches a tool into `folder` and verifies it before anything of it is unpacked or made executable.
 *
 * @returns names of the files that it made, the tool itself first
 */
export async function fetchTool(name: string, from: Download, folder: string): Promise<string[]> {
    const fileName = basename(new URL(from.url).pathname);
    const expected = checksumFor(fileName, await downloadText(from.checksums));
    if (!expected) throw new Error(`${from.checksums} has no SHA-256 of ${fileName}`);

    const fetched = join(folder, `${fileName}.part`);
    await download(from.url, fetched);
    const actual = await sha256(fetched);
    if (actual !== expected) throw new Error(`${from.url} has SHA-256 ${actual}, its publisher says ${expected}`);

    if (!from.members) {
        renameSync(fetched, join(folder, name));
        chmodSync(join(folder, name), 0o755);
        return [name];
    }
    // In a folder of its own: an archive's top folder may have the tool's own name.
    const unpacked = join(folder, "unpacked");
    mkdirSync(unpacked);
    await promisify(execFile)("tar", ["-xf", fetched, "-C", unpacked, ...from.members]);
    for (const member of from.members) renameSync(join(unpacked, member), join(folder, basename(member)));
    return from.members.map((member) => basename(member));
}

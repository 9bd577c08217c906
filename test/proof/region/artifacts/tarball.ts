import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createWriteStream, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

/** An archive's size in bytes and its SHA-256 in lower-case hexadecimal. */
export interface Archive {
    bytes: number;
    sha256: string;
}

/**
 * Writes a tar archive of files: path in the archive → file. Nothing in it depends on where or when it was made, so that the same
 * files are the same archive.
 *
 * @param as - `gzip` for a reader that expects it; nothing is made smaller, which would only take time
 */
export async function writeTarball(files: Record<string, string>, path: string, as: "tar" | "gzip"): Promise<Archive> {
    const staged = mkdtempSync(`${path}.staged-`);
    try {
        for (const [inside, file] of Object.entries(files)) {
            mkdirSync(join(staged, dirname(inside)), { recursive: true });
            symlinkSync(file, join(staged, inside));
        }
        return await pack(staged, path, as);
    } finally {
        rmSync(staged, { recursive: true, force: true });
    }
}

async function pack(folder: string, path: string, as: "tar" | "gzip"): Promise<Archive> {
    const owner = ["--owner=0", "--group=0", "--numeric-owner", "--mtime=@0", "--mode=u=rwX,go=rX"];
    const format = ["--directory", folder, "--sort=name", "--format=ustar", "--dereference", "--create"];
    // Named one by one: a leading `./` would be a folder to whoever strips the first one.
    const tar = spawn("tar", [...owner, ...format, "--", ...readdirSync(folder).sort()], {
        stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    tar.stderr.on("data", (data) => (said += data));
    const ended = new Promise<void>((resolve, reject) => {
        tar.once("error", reject);
        tar.once("close", (code) => (code === 0 ? resolve() : reject(new Error(`tar ended with ${code}: ${said}`))));
    });
    const hash = createHash("sha256");
    const hashed = new Transform({
        transform(chunk, _encoding, done) {
            hash.update(chunk);
            done(undefined, chunk);
        },
    });
    const written =
        as === "gzip"
            ? pipeline(tar.stdout, createGzip({ level: 0 }), hashed, createWriteStream(path))
            : pipeline(tar.stdout, hashed, createWriteStream(path));
    await Promise.all([written, ended]);
    return { bytes: statSync(path).size, sha256: hash.digest("hex") };
}

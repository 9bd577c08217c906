import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheFolder } from "./cacheFolder";
import { sha256 } from "./files";

/** Where an entry of the cache came from. */
export type Origin = "download" | "build";

interface CachedFile {
    name: string;
    bytes: number;
    modifiedMs: number;
    sha256: string;
}

/**
 * `manifest.json` of an entry. It is written last and by a rename, so a folder without one was cut off.
 * Its own modification time says when the hashes were last compared with the files.
 */
interface Manifest {
    version: string;
    platform: string;
    origin: Origin;
    /** What it took to download or build it; programs of one build share theirs. */
    seconds?: number;
    files: CachedFile[];
}

/** A complete entry, or why what is there cannot be used: `absent`, or `broken` with the reason for people. */
export type Entry =
    | { state: "complete"; path: string; version: string; origin: Origin; files: string[] }
    | { state: "absent" }
    | { state: "broken"; reason: string };

const manifestName = "manifest.json";
const fullCheckMs = 24 * 3600 * 1000;
const platform = `${process.platform}/${process.arch}`;

/** Folder of one tool's one version. */
export function entryFolder(name: string, version: string): string {
    return join(cacheFolder(), "bin", `${name}-${version}`);
}

/**
 * Reads an entry and checks it: size and modification time of each file every time, which takes no reading; the hash
 * where the time differs, and of every file once a day.
 */
export async function readEntry(name: string, version: string): Promise<Entry> {
    const folder = entryFolder(name, version);
    const manifestPath = join(folder, manifestName);
    let manifest: Manifest;
    try {
        manifest = JSON.parse(readFileSync(manifestPath, "utf8")) as Manifest;
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") {
            return { state: "broken", reason: `${manifestPath} cannot be read` };
        }
        return statSync(folder, { throwIfNoEntry: false })
            ? { state: "broken", reason: `${folder} was not finished` }
            : { state: "absent" };
    }
    if (manifest.platform !== platform) {
        return { state: "broken", reason: `${folder} is for ${manifest.platform}, this machine is ${platform}` };
    }
    if (manifest.version !== version || !Array.isArray(manifest.files) || manifest.files.length === 0) {
        return { state: "broken", reason: `${manifestPath} does not describe ${name} ${version}` };
    }
    const overdue = Date.now() - statSync(manifestPath).mtimeMs > fullCheckMs;
    for (const file of manifest.files) {
        const path = join(folder, file.name);
        const found = statSync(path, { throwIfNoEntry: false });
        if (!found) return { state: "broken", reason: `${path} is missing` };
        if (found.size !== file.bytes) {
            return { state: "broken", reason: `${path} has ${found.size} bytes, it was ${file.bytes} when made` };
        }
        if ((overdue || found.mtimeMs !== file.modifiedMs) && (await sha256(path)) !== file.sha256) {
            return { state: "broken", reason: `${path} is not what was made: its SHA-256 differs` };
        }
    }
    if (overdue) utimesSync(manifestPath, new Date(), new Date());
    const files = manifest.files.map((file) => join(folder, file.name));
    return { state: "complete", path: join(folder, name), version, origin: manifest.origin, files };
}

/** Makes the files in `from` the entry; whatever was there before is replaced. Call it under the tool's lock. */
export async function writeEntry(
    name: string,
    version: string,
    origin: Origin,
    from: string,
    files: string[],
    seconds?: number,
): Promise<void> {
    const described: CachedFile[] = [];
    for (const file of files) {
        const { size, mtimeMs } = statSync(join(from, file));
        described.push({ name: file, bytes: size, modifiedMs: mtimeMs, sha256: await sha256(join(from, file)) });
    }
    const folder = entryFolder(name, version);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(dirname(folder), { recursive: true });
    mkdirSync(folder);
    for (const file of files) renameSync(join(from, file), join(folder, file));
    const manifest: Manifest = { version, platform, origin, seconds, files: described };
    writeFileSync(join(folder, `${manifestName}.part`), JSON.stringify(manifest, undefined, 4));
    renameSync(join(folder, `${manifestName}.part`), join(folder, manifestName));
}

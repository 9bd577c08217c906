import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The one folder outside the tree that outlives a run: `$MAINSTAY_CACHE`, else `~/.cache/mainstay`. */
export function cacheFolder(): string {
    const given = process.env.MAINSTAY_CACHE;
    return given ? resolve(given) : join(homedir(), ".cache", "mainstay");
}

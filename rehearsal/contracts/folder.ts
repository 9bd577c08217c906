import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { cacheFolder } from "../toolchain";

/** Where contracts are read from. `undefined` where there are none: then nothing judges, and a rehearsal says so. */
export interface ContractsFolder {
    path: string;
    source: "MAINSTAY_CONTRACTS" | "cache";
}

/** Below it: `arm/<apiVersion>/<Namespace>.json`, `crds/<group>-<plural>.yaml`, `charts/<chart>/`. */
export function contractsFolder(): ContractsFolder | undefined {
    const given = process.env.MAINSTAY_CONTRACTS;
    if (given) return existsSync(given) ? { path: resolve(given), source: "MAINSTAY_CONTRACTS" } : undefined;
    const path = cachedContracts();
    // The list of what was fetched is written last.
    return existsSync(join(path, fetchedList)) ? { path, source: "cache" } : undefined;
}

/** The folder that `npm run contracts` fills. */
export function cachedContracts(): string {
    return join(cacheFolder(), "contracts");
}

/** Every file of the cache with its SHA-256; absent while the first fetch is under way. */
export const fetchedList = "fetched.json";

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parse } from "yaml";

/**
 * Tenants may stand in a file of their own: all settings of a stack reach the program in one environment variable, which Linux
 * limits to 128 KiB, some 300 tenants.
 *
 * @param given - what stands under `mainstay:tenants`; a text is the file's path from the project's folder
 * @returns what is in the file; the path itself where it cannot be read, which the schema refuses
 */
export function withTenantsFile(given: unknown, projectFolder: string): unknown {
    if (typeof given !== "string") return given;
    try {
        return (parse(readFileSync(resolve(projectFolder, given), "utf8")) as unknown) ?? {};
    } catch {
        return given;
    }
}

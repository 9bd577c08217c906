import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { NOBODY } from "./proxyAgent";

/**
 * The proxy of the rehearsal that this process belongs to, for servers that are not on this machine: there the balancers of
 * the simulated Azure lead to the rehearsal's API server, and nothing leads anywhere else.
 */
export function proxyOfRehearsal(server: string): string | undefined {
    const run = process.env.MAINSTAY_REHEARSAL;
    if (!run || isLoopback(server)) return undefined;
    const path = join(run, "cluster", "api-server.json");
    const proxy = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")).proxy : undefined;
    return proxy ?? NOBODY;
}

function isLoopback(server: string): boolean {
    try {
        return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(server).hostname);
    } catch {
        return false;
    }
}

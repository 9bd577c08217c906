import { createHash } from "node:crypto";
import type { Bundle } from "./bundle";
import type { Document } from "./configuration";
import { pairs, type Facts } from "./facts";

/**
 * What an API server has to be started anew for: the configuration of the cluster, the files beside it and the secrets, but
 * not what tells one machine from another.
 */
export function fingerprintOf(bundle: Bundle, facts: Facts, cluster: Document, secrets: Map<string, string>): string {
    const files = [...bundle]
        .filter(([path]) => path.startsWith("kubernetes/files/"))
        .map(([path, content]) => [path, content.toString("base64")]);
    const text = JSON.stringify([withoutMachines(cluster, facts), files.sort(), [...secrets].sort()]);
    return createHash("sha256").update(text).digest("hex");
}

/** Names and addresses of machines, wherever they stand, become the same word for all of them. */
function withoutMachines(cluster: Document, facts: Facts): string {
    const machines = [...pairs(facts.PEERS ?? ""), [facts.MACHINE ?? "", facts.NODE_ADDRESS ?? ""]];
    const words = [...new Set(machines.flat())]
        .filter(Boolean)
        .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    const text = JSON.stringify(cluster);
    if (words.length === 0) return text;
    return text.replace(new RegExp(`(?<![\\w.-])(${words.join("|")})(?![\\w-]|\\.\\w)`, "g"), "machine");
}

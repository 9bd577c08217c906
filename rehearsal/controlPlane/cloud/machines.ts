import { createHash } from "node:crypto";
import type { KubernetesClient } from "../../kubernetes/client";
import { poolLabel, type Node } from "./nodes";

const manager = "mainstay-rehearsal";
const versionAnnotation = "rehearsal.mainstay/version";

/** Makes the API server's Nodes those of the pools and machines. */
export async function matchNodes(client: KubernetesClient, nodes: Node[]): Promise<void> {
    const wanted = new Map(nodes.map((node) => [node.metadata.name, node]));
    const list = await client.get("/api/v1/nodes", { labelSelector: poolLabel });
    const live = new Map<string, any>(list.items.map((node: any) => [node.metadata.name, node]));
    for (const [name, node] of wanted) {
        const version = versionOf(node);
        if (live.get(name)?.metadata.annotations?.[versionAnnotation] === version) continue;
        const { status, ...rest } = node;
        rest.metadata = {
            ...rest.metadata,
            annotations: { ...rest.metadata.annotations, [versionAnnotation]: version },
        };
        const path = `/api/v1/nodes/${name}`;
        await client.apply(path, { ...rest, status }, manager, { force: "true" });
        // A node that is there takes another status, such as its kubelet's version, by a way of its own only.
        if (live.has(name)) {
            const { apiVersion, kind } = rest;
            await client.apply(`${path}/status`, { apiVersion, kind, metadata: { name }, status }, manager, {
                force: "true",
            });
        }
    }
    for (const name of live.keys()) if (!wanted.has(name)) await client.request("DELETE", `/api/v1/nodes/${name}`);
}

function versionOf(node: Node): string {
    return createHash("sha256").update(JSON.stringify(node)).digest("hex").slice(0, 16);
}

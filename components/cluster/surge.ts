/** Nodes of a pool while an upgrade goes through it. AKS rounds a percentage up. */
export function withSurge(nodes: number, maxSurge: string): number {
    if (!maxSurge.endsWith("%")) return nodes + Number(maxSurge);
    return nodes + Math.ceil((nodes * Number(maxSurge.slice(0, -1))) / 100);
}

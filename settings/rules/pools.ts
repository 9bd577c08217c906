import type { z } from "zod";
import type { systemPool, userPool } from "../cluster";
import type { zones } from "../environment";
import type { Path, Problem } from "../problem";
import { type Part, problem } from "./part";

export function systemPoolRules(pool: Part<typeof systemPool>, inZones: Part<typeof zones>): Problem[] {
    if (!pool) return [];
    const path = ["cluster", "systemPool"];
    const problems = orderRule(path, "minNodes", pool.minNodes, "maxNodes", pool.maxNodes);
    if (inZones && pool.minNodes < inZones.length) {
        problems.push(
            problem(
                [...path, "minNodes"],
                pool.minNodes,
                `at least ${inZones.length}, one a zone: AKS's own pods have to survive a zone's loss`,
                `set it to ${inZones.length}`,
            ),
        );
    }
    return [...problems, ...sizeRule([...path, "size"], pool.size, true)];
}

export function userPoolRules(pools: Part<typeof userPool>[] | undefined): Problem[] {
    if (!pools) return [];
    const problems: Problem[] = [];
    const names = new Set<string>(["system"]);
    pools.forEach((pool, index) => {
        if (!pool) return;
        const path = ["cluster", "userPools", index];
        if (names.has(pool.name)) {
            problems.push(
                problem(
                    [...path, "name"],
                    pool.name,
                    pool.name === "system" ? "a name other than the system pool's" : "a name that no other pool has",
                    "rename the pool",
                ),
            );
        }
        names.add(pool.name);
        problems.push(
            ...orderRule(path, "minNodesPerZone", pool.minNodesPerZone, "maxNodesPerZone", pool.maxNodesPerZone),
            ...sizeRule([...path, "size"], pool.size, false),
        );
        for (const label of Object.keys(pool.labels).filter(
            (name) =>
                /(^|\.)(kubernetes|k8s)\.(io|azure\.com)\//.test(name) || name.startsWith("kubernetes.azure.com/"),
        )) {
            problems.push(
                problem(
                    [...path, "labels", label],
                    pool.labels[label],
                    "labels outside kubernetes.io, k8s.io and kubernetes.azure.com, which AKS refuses on pools",
                    "rename the label",
                ),
            );
        }
    });
    const known = pools.filter((pool) => pool !== undefined);
    const everywhere = (pool: z.output<typeof userPool>) =>
        pool.taints.every((taint) => taint.endsWith(":PreferNoSchedule"));
    if (known.length === pools.length && known.length > 0 && !known.some(everywhere)) {
        problems.push(
            problem(
                ["cluster", "userPools"],
                known.map(({ name, taints }) => `${name}: ${taints.join(", ")}`).join("; "),
                "at least one pool without NoSchedule or NoExecute taints: the system pool takes no workloads either",
                "remove the taints of one pool, or add a pool without any",
            ),
        );
    }
    return problems;
}

function orderRule(path: Path, minName: string, min: number, maxName: string, max: number): Problem[] {
    if (min <= max) return [];
    return [
        problem([...path, maxName], max, `at least ${minName} (${min})`, `raise it to ${min}, or lower ${minName}`),
    ];
}

/** What can be told from a size's name; whether the region offers it is for the preflight to ask. */
function sizeRule(path: Path, size: string, system: boolean): Problem[] {
    const family = /^Standard_([A-Z]+)\d/.exec(size)?.[1] ?? "";
    if (/^B/.test(family) && system) {
        return [
            problem(
                path,
                size,
                "a size that is not burstable: AKS's own pods must not run out of credits",
                "choose a D or E size, such as Standard_D4ds_v5",
            ),
        ];
    }
    const features = /^Standard_[A-Z]+\d+(?:-\d+)?([a-z]*)/.exec(size)?.[1] ?? "";
    if (/^[DEF]/.test(family) && /_v[56]$/.test(size) && !features.includes("d")) {
        return [
            problem(
                path,
                size,
                "a size with a local disk (a d after the number): nodes have ephemeral OS disks",
                `choose ${size.replace(/^(Standard_[A-Z]+\d+(?:-\d+)?)([a-z]*)/, (_, head: string, letters: string) => `${head}${letters.replace(/s?$/, "d$&")}`)}`,
            ),
        ];
    }
    return [];
}

import type { z } from "zod";
import {
    addressAt,
    contains,
    nodesThatFit,
    overlap,
    parseAddress,
    parseRange,
    planAddresses,
    POD_PREFIX_OF_NODE,
    type Range,
} from "../components/network/addressPlan";
import { withSurge } from "../components/cluster/aks/surge";
import { formatPath, formatValue, type Path, type Problem } from "./problem";
import * as shapes from "./schema";

/** A part of the settings that may be missing, because its own shape is wrong and has been reported. */
type Part<S extends z.ZodType> = z.output<S> | undefined;

/** Where the parts stand that rules speak of. */
type Raw = Record<string, any>;

/**
 * Rules between settings. Each looks at the parts that it needs, and is left out while one of them has a wrong shape: so a
 * slip in one place does not hide what is wrong in another.
 */
export function ruleProblems(raw: Raw): Problem[] {
    const cluster: Raw = isRecord(raw.cluster) ? raw.cluster : {};
    const parts = {
        zones: part(shapes.zones, raw.zones),
        tags: part(shapes.tags, raw.tags),
        network: part(shapes.network, raw.network),
        api: part(shapes.api, cluster.api),
        systemPool: part(shapes.systemPool, cluster.systemPool),
        userPools: Array.isArray(cluster.userPools)
            ? (cluster.userPools as unknown[]).map((pool) => part(shapes.userPool, pool))
            : undefined,
        upgrades: part(shapes.upgrades, cluster.upgrades),
        maintenance: part(shapes.maintenance, cluster.maintenance),
    };
    return [
        ...zoneRules(parts.zones),
        ...tagRules(parts.tags),
        ...addressRules(parts.network),
        ...openingRules(parts.network),
        ...apiRules(parts.api),
        ...systemPoolRules(parts.systemPool, parts.zones),
        ...userPoolRules(parts.userPools),
        ...capacityRules(parts),
        ...windowRules(parts.maintenance),
    ];
}

function zoneRules(zones: Part<typeof shapes.zones>): Problem[] {
    if (!zones || new Set(zones).size === zones.length) return [];
    return [problem(["zones"], zones, "different zones", "name each zone once")];
}

const OWN_TAGS = ["owner", "environment", "project", "managed-by"];

function tagRules(tags: Part<typeof shapes.tags>): Problem[] {
    if (!tags) return [];
    const taken = Object.keys(tags)
        .filter((tag) => OWN_TAGS.includes(tag.toLowerCase()))
        .map((tag) =>
            problem(
                ["tags", tag],
                tags[tag],
                `tags other than ${OWN_TAGS.join(", ")}, which the program sets`,
                tag.toLowerCase() === "owner" ? "remove it and set mainstay:owner" : "remove it",
            ),
        );
    const room = 50 - OWN_TAGS.length;
    const many =
        Object.keys(tags).length > room
            ? [
                  problem(
                      ["tags"],
                      `${Object.keys(tags).length} tags`,
                      `at most ${room} tags: Azure takes 50, four are set already`,
                      "remove some",
                  ),
              ]
            : [];
    return [...taken, ...many];
}

/** AKS keeps these for itself. */
const AKS_RESERVED = ["169.254.0.0/16", "172.30.0.0/16", "172.31.0.0/16", "192.0.2.0/24"];

function addressRules(network: Part<typeof shapes.network>): Problem[] {
    if (!network) return [];
    const problems: Problem[] = [];
    const ranges: { path: Path; cidr: string; range: Range }[] = [];
    const read = (path: Path, cidr: string) => {
        try {
            ranges.push({ path, cidr, range: parseRange(cidr) });
        } catch (error) {
            const holder = /is (\S+)$/.exec((error as Error).message)?.[1] ?? "one without host bits";
            problems.push(problem(path, cidr, "a range that begins at its own first address", `set it to ${holder}`));
        }
    };
    read(["network", "addressSpace"], network.addressSpace);
    read(["network", "podCidr"], network.podCidr);
    read(["network", "serviceCidr"], network.serviceCidr);
    const ours = [...ranges];
    network.elsewhere.forEach((cidr, index) => read(["network", "elsewhere", index], cidr));
    const others = ranges.slice(ours.length);

    for (const [index, one] of ours.entries()) {
        for (const other of [...ours.slice(index + 1), ...others]) {
            if (!overlap(one.range, other.range)) continue;
            const [wrong, right] = others.includes(other) ? [one, other] : [other, one];
            problems.push(
                problem(
                    wrong.path,
                    wrong.cidr,
                    `a range apart from ${formatPath(right.path)} (${right.cidr})`,
                    `choose a range that does not overlap ${right.cidr}`,
                ),
            );
        }
        const reserved = AKS_RESERVED.find((cidr) => overlap(one.range, parseRange(cidr)));
        if (reserved) {
            problems.push(
                problem(
                    one.path,
                    one.cidr,
                    `a range apart from ${reserved}, which AKS keeps for itself`,
                    `choose a range that does not overlap ${reserved}`,
                ),
            );
        }
        if (!isPrivate(one.range)) {
            problems.push(
                problem(
                    one.path,
                    one.cidr,
                    "a private range: inside 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10",
                    "choose a private range",
                ),
            );
        }
    }
    problems.push(
        ...prefixRule(network.addressSpace, ["network", "addressSpace"], 12, 22),
        ...prefixRule(network.serviceCidr, ["network", "serviceCidr"], 12, 24),
        ...prefixRule(network.podCidr, ["network", "podCidr"], 9, 20),
    );
    const services = ours.find(({ path }) => path[1] === "serviceCidr")?.range;
    if (services && network.dnsServiceIP) {
        const dns = parseAddress(network.dnsServiceIP);
        const place = dns.first - services.first;
        // The first is the API's Service, the last the broadcast address.
        if (!contains(services, dns) || place < 2 || place === services.size - 1) {
            problems.push(
                problem(
                    ["network", "dnsServiceIP"],
                    network.dnsServiceIP,
                    `an address inside serviceCidr (${network.serviceCidr}), not its first two nor its last`,
                    `set it to ${addressAt(services, 10)} or leave it out`,
                ),
            );
        }
    }
    return problems;
}

function prefixRule(cidr: string, path: Path, widest: number, narrowest: number): Problem[] {
    const prefix = Number(cidr.split("/")[1]);
    if (prefix >= widest && prefix <= narrowest) return [];
    return [
        problem(
            path,
            cidr,
            `a range from /${widest} to /${narrowest}`,
            `use a prefix of /${prefix < widest ? widest : narrowest}`,
        ),
    ];
}

function openingRules(network: Part<typeof shapes.network>): Problem[] {
    if (!network) return [];
    const problems: Problem[] = [];
    const names = new Set<string>();
    network.openings.forEach((opening, index) => {
        const path = ["network", "openings", index];
        const key = `${opening.direction} ${opening.name}`;
        if (names.has(key)) {
            problems.push(
                problem(
                    [...path, "name"],
                    opening.name,
                    "a name that no other opening of this direction has",
                    "rename it",
                ),
            );
        }
        names.add(key);
        opening.ports.forEach((port, place) => {
            if (port === "*") return;
            const [first, last = first] = port.split("-").map(Number);
            if (first > last || last > 65535) {
                problems.push(
                    problem(
                        [...path, "ports", place],
                        port,
                        "ports from 0 to 65535, the smaller one first",
                        "mend the range",
                    ),
                );
            }
        });
        const wide = ["Internet", "0.0.0.0/0"].includes(opening.peer);
        if (wide && opening.direction === "inbound" && opening.ports.includes("*")) {
            problems.push(
                problem(
                    [...path, "ports"],
                    opening.ports,
                    "named ports, where the other side is the whole internet",
                    'name the ports, such as ["443"]',
                ),
            );
        }
    });
    return problems;
}

function apiRules(api: Part<typeof shapes.api>): Problem[] {
    if (!api) return [];
    const path = ["cluster", "api", "authorizedRanges"];
    if (api.private) {
        if (api.authorizedRanges.length === 0) return [];
        return [
            problem(
                path,
                api.authorizedRanges,
                "nothing while cluster.api.private is true: a private API has no public address to authorise anyone for",
                "remove authorizedRanges, or set cluster.api.private to false",
            ),
        ];
    }
    if (api.authorizedRanges.length === 0) {
        return [
            problem(
                path,
                api.authorizedRanges,
                "at least one range while cluster.api.private is false: a public API is for named ranges only",
                "name the ranges of those who use the API, or set cluster.api.private to true",
            ),
        ];
    }
    return api.authorizedRanges.flatMap((cidr, index) => {
        let range: Range;
        try {
            range = parseRange(cidr);
        } catch (error) {
            const holder = /is (\S+)$/.exec((error as Error).message)?.[1] ?? "one without host bits";
            return [
                problem([...path, index], cidr, "a range that begins at its own first address", `set it to ${holder}`),
            ];
        }
        if (range.size >= 2 ** 16 * 256) {
            return [
                problem(
                    [...path, index],
                    cidr,
                    "ranges of /9 or narrower: wider ones authorise half the internet",
                    "name the ranges that are yours",
                ),
            ];
        }
        if (isPrivate(range)) {
            return [
                problem(
                    [...path, index],
                    cidr,
                    "public ranges: a public API never sees a private address",
                    "give the public addresses that those clients go out by",
                ),
            ];
        }
        return [];
    });
}

function systemPoolRules(pool: Part<typeof shapes.systemPool>, zones: Part<typeof shapes.zones>): Problem[] {
    if (!pool) return [];
    const path = ["cluster", "systemPool"];
    const problems = orderRule(path, "minNodes", pool.minNodes, "maxNodes", pool.maxNodes);
    if (zones && pool.minNodes < zones.length) {
        problems.push(
            problem(
                [...path, "minNodes"],
                pool.minNodes,
                `at least ${zones.length}, one a zone: AKS's own pods have to survive a zone's loss`,
                `set it to ${zones.length}`,
            ),
        );
    }
    return [...problems, ...sizeRule([...path, "size"], pool.size, true)];
}

function userPoolRules(pools: Part<typeof shapes.userPool>[] | undefined): Problem[] {
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
    const everywhere = (pool: z.output<typeof shapes.userPool>) =>
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

/** Do the nodes, with those that an upgrade adds, fit the subnets, and the pods' range? */
function capacityRules(parts: {
    zones: Part<typeof shapes.zones>;
    network: Part<typeof shapes.network>;
    systemPool: Part<typeof shapes.systemPool>;
    userPools: Part<typeof shapes.userPool>[] | undefined;
    upgrades: Part<typeof shapes.upgrades>;
}): Problem[] {
    const { zones, network, systemPool, userPools, upgrades } = parts;
    if (!zones || !network || !upgrades) return [];
    const prefix = Number(network.addressSpace.split("/")[1]);
    if (prefix < 12 || prefix > 22 || !hasNoHostBits(network.addressSpace) || !hasNoHostBits(network.podCidr))
        return [];
    const plan = planAddresses(network.addressSpace, zones);
    const problems: Problem[] = [];

    const systemNodes = systemPool ? withSurge(systemPool.maxNodes, upgrades.maxSurge) : 0;
    const roomForSystem = nodesThatFit(plan.system);
    if (systemPool && systemNodes > roomForSystem) {
        problems.push(
            problem(
                ["cluster", "systemPool", "maxNodes"],
                systemPool.maxNodes,
                `as many as fit subnet ${plan.system} with surge: ${roomForSystem} nodes (${systemNodes} are possible)`,
                "lower maxNodes, or widen mainstay:network.addressSpace",
            ),
        );
    }
    const pools = (userPools ?? []).filter((pool) => pool !== undefined);
    const zoneNodes = pools.reduce((sum, pool) => sum + withSurge(pool.maxNodesPerZone, upgrades.maxSurge), 0);
    const zoneSubnet = plan.zones[zones[0]];
    const roomInZone = nodesThatFit(zoneSubnet);
    if (zoneNodes > roomInZone) {
        problems.push(
            problem(
                ["cluster", "userPools"],
                `${zoneNodes} nodes a zone with surge`,
                `as many as fit a zone's subnet (${zoneSubnet}): ${roomInZone} nodes`,
                "lower maxNodesPerZone, or widen mainstay:network.addressSpace",
            ),
        );
    }
    const nodes = systemNodes + zoneNodes * zones.length;
    const roomForPods = parseRange(network.podCidr).size / 2 ** (32 - POD_PREFIX_OF_NODE);
    if (nodes > roomForPods) {
        problems.push(
            problem(
                ["network", "podCidr"],
                network.podCidr,
                `a range with a /${POD_PREFIX_OF_NODE} for each of ${nodes} possible nodes: this one has ${roomForPods}`,
                `widen it to /${POD_PREFIX_OF_NODE - Math.ceil(Math.log2(nodes))}, or lower the pools' maxima`,
            ),
        );
    }
    if (nodes > 5000) {
        problems.push(
            problem(
                ["cluster", "userPools"],
                `${nodes} nodes with surge`,
                "at most 5000 nodes in a cluster",
                "lower maxNodesPerZone",
            ),
        );
    }
    return problems;
}

const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const HOURS_A_WEEK = 24 * 7;

function windowRules(maintenance: Part<typeof shapes.maintenance>): Problem[] {
    if (!maintenance) return [];
    const { cluster, nodeImage } = maintenance;
    const start = (window: typeof cluster) => {
        const [hours, minutes] = window.start.split(":").map(Number);
        return DAYS.indexOf(window.day) * 24 + hours + minutes / 60;
    };
    const gap = (start(nodeImage) - start(cluster) + HOURS_A_WEEK) % HOURS_A_WEEK;
    const apart = gap >= cluster.hours && HOURS_A_WEEK - gap >= nodeImage.hours;
    if (apart) return [];
    return [
        problem(
            ["cluster", "maintenance", "nodeImage"],
            `${nodeImage.day} ${nodeImage.start}, ${nodeImage.hours} hours`,
            `a window apart from maintenance.cluster (${cluster.day} ${cluster.start}, ${cluster.hours} hours): the two upgrades wait for each other`,
            "move it to another day",
        ),
    ];
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

const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"].map(parseRange);

function isPrivate(range: Range): boolean {
    return PRIVATE.some((outer) => contains(outer, range));
}

function hasNoHostBits(cidr: string): boolean {
    try {
        return parseRange(cidr).size > 0;
    } catch {
        return false;
    }
}

function problem(path: Path, given: unknown, allowed: string, mend: string): Problem {
    return { path: formatPath(path), given: formatValue(given), allowed, mend };
}

function part<S extends z.ZodType>(shape: S, raw: unknown): Part<S> {
    const result = shape.safeParse(raw);
    return result.success ? result.data : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

import { createHash } from "node:crypto";

/** A node pool as the simulated Azure keeps it, inline in a cluster or by itself. Values as the program gave them. */
export interface NodePool {
    /** ID of the managed cluster. */
    clusterId: string;
    /** `westeurope` */
    location: string;
    nodeResourceGroup?: string;
    kubernetesVersion?: string;
    name: string;
    count?: number;
    minCount?: number;
    enableAutoScaling?: boolean;
    vmSize?: string;
    availabilityZones?: string[];
    mode?: string;
    maxPods?: number;
    osSKU?: string;
    osDiskType?: string;
    scaleSetPriority?: string;
    nodeLabels?: Record<string, string>;
    nodeTaints?: string[];
}

export interface Taint {
    key: string;
    value?: string;
    effect: string;
}

export interface Node {
    apiVersion: "v1";
    kind: "Node";
    metadata: { name: string; labels: Record<string, string>; annotations: Record<string, string> };
    spec: { providerID: string; taints: Taint[] };
    status: {
        capacity: Record<string, string>;
        allocatable: Record<string, string>;
        addresses: { type: string; address: string }[];
        nodeInfo: Record<string, string>;
    };
}

/** Marks nodes of simulated pools. */
export const poolLabel = "rehearsal.mainstay/pool";

/** The nodes that AKS would run for a pool: its labels and taints on them, spread over the pool's zones. */
export function nodesOf(pool: NodePool): Node[] {
    const count = pool.count ?? pool.minCount ?? 1;
    return Array.from({ length: count }, (_, index) => nodeOf(pool, index));
}

function nodeOf(pool: NodePool, index: number): Node {
    const poolId = digitsOf(`${pool.clusterId}/${pool.name}`);
    const scaleSet = `aks-${pool.name}-${poolId}-vmss`;
    const name = `${scaleSet}${index.toString(36).padStart(6, "0")}`;
    const zones = pool.availabilityZones ?? [];
    // Machines outside of zones carry the fault domain there.
    const zone = zones.length > 0 ? `${pool.location}-${zones[index % zones.length]}` : "0";
    const group = pool.nodeResourceGroup ?? "MC_rehearsal";
    const size = pool.vmSize ?? "Standard_D4s_v5";
    const spot = pool.scaleSetPriority === "Spot";
    const subscription = pool.clusterId.split("/")[2] ?? "";
    const [mode, osSku] = [(pool.mode ?? "User").toLowerCase(), pool.osSKU ?? "Ubuntu"];
    return {
        apiVersion: "v1",
        kind: "Node",
        metadata: {
            name,
            labels: {
                ...pool.nodeLabels,
                agentpool: pool.name,
                "kubernetes.azure.com/agentpool": pool.name,
                "kubernetes.azure.com/cluster": group,
                "kubernetes.azure.com/mode": mode,
                "kubernetes.azure.com/os-sku": osSku,
                "kubernetes.azure.com/role": "agent",
                "kubernetes.azure.com/storageprofile": pool.osDiskType === "Ephemeral" ? "ephemeral" : "managed",
                ...(spot && { "kubernetes.azure.com/scalesetpriority": "spot" }),
                "kubernetes.io/arch": architectureOf(size),
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "node.kubernetes.io/instance-type": size,
                "topology.disk.csi.azure.com/zone": zones.length > 0 ? zone : "",
                "topology.kubernetes.io/region": pool.location,
                "topology.kubernetes.io/zone": zone,
                [poolLabel]: pool.name,
            },
            annotations: { "kwok.x-k8s.io/node": "fake" },
        },
        spec: {
            providerID: `azure:///subscriptions/${subscription}/resourceGroups/${group.toLowerCase()}/providers/Microsoft.Compute/virtualMachineScaleSets/${scaleSet}/virtualMachines/${index}`,
            taints: [
                ...(pool.nodeTaints ?? []).map(parseTaint),
                ...(spot
                    ? [{ key: "kubernetes.azure.com/scalesetpriority", value: "spot", effect: "NoSchedule" }]
                    : []),
            ],
        },
        status: statusOf({
            name,
            address: addressOf(name),
            size,
            maxPods: pool.maxPods ?? 250,
            kubeletVersion: kubeletVersion(pool.kubernetesVersion),
            osImage: osSku,
        }),
    };
}

export interface StatusFacts {
    name: string;
    address: string;
    /** `Standard_D8ds_v5` */
    size: string;
    maxPods: number;
    /** `v1.35.4` */
    kubeletVersion: string;
    osImage: string;
}

/** What a kubelet would say of its machine. */
export function statusOf({ name, address, size, maxPods, kubeletVersion, osImage }: StatusFacts): Node["status"] {
    return {
        ...resourcesOf(size, maxPods),
        addresses: [
            { type: "InternalIP", address },
            { type: "Hostname", address: name },
        ],
        nodeInfo: {
            architecture: architectureOf(size),
            bootID: "",
            containerRuntimeVersion: "kwok://simulated",
            kernelVersion: "simulated",
            kubeProxyVersion: "",
            kubeletVersion,
            machineID: "",
            operatingSystem: "linux",
            osImage: `${osImage} (simulated)`,
            systemUUID: "",
        },
    };
}

export function architectureOf(size: string): "arm64" | "amd64" {
    return isArm(size) ? "arm64" : "amd64";
}

/** `key=value:Effect` or `key:Effect`, as AKS takes them. */
export function parseTaint(text: string): Taint {
    const colon = text.lastIndexOf(":");
    const [key, value] = text.slice(0, colon).split("=", 2);
    return { key, ...(value !== undefined && { value }), effect: text.slice(colon + 1) };
}

/** GiB of memory a core, by the family of the size. */
const memoryPerCore: Record<string, number> = {
    A: 2,
    B: 4,
    D: 4,
    DC: 4,
    E: 8,
    EC: 8,
    F: 2,
    FX: 21,
    L: 8,
    M: 28,
    NC: 14,
    ND: 8,
    NV: 8,
};

/** Cores and GiB of a size's name: `Standard_E8ds_v5` → 8 cores, 64 GiB. */
export function machineOf(size: string): { cores: number; memoryGiB: number } {
    const [, family = "D", cores = "4"] = /^Standard_([A-Z]+?)(\d+)/.exec(size) ?? [];
    // The smallest burstable ones have less memory than their family.
    if (/^Standard_B2(ls|ats|pls|pts)/.test(size)) return { cores: 2, memoryGiB: 4 };
    return { cores: Number(cores), memoryGiB: Number(cores) * (memoryPerCore[family] ?? 4) };
}

/** What pods may use is less than what the machine has: AKS's published reservations. */
function resourcesOf(size: string, maxPods: number): Pick<Node["status"], "capacity" | "allocatable"> {
    const { cores, memoryGiB } = machineOf(size);
    const memoryMiB = memoryGiB * 1024;
    const reservedMiB = Math.floor(Math.min(20 * maxPods + 50, memoryMiB * 0.25)) + 100;
    const rest = { pods: String(maxPods), "ephemeral-storage": "128Gi" };
    return {
        capacity: { cpu: String(cores), memory: `${memoryMiB}Mi`, ...rest },
        allocatable: {
            cpu: `${cores * 1000 - reservedMillicores(cores)}m`,
            memory: `${memoryMiB - reservedMiB}Mi`,
            ...rest,
        },
    };
}

/** Millicores that AKS keeps for itself, by cores; between two steps the lower one counts. */
const reservations: [number, number][] = [
    [64, 740],
    [32, 420],
    [16, 260],
    [8, 180],
    [4, 140],
    [2, 100],
    [1, 60],
];

function reservedMillicores(cores: number): number {
    return reservations.find(([from]) => cores >= from)?.[1] ?? 60;
}

/** A `p` among the letters after the cores: `Standard_D4ps_v5`. */
function isArm(size: string): boolean {
    return /^Standard_[A-Z]+\d+[a-z]*p/.test(size);
}

function kubeletVersion(version: string | undefined): string {
    if (!version) return "v1.35.4";
    return `v${version}${version.split(".").length === 2 ? ".0" : ""}`;
}

/** Eight digits that are the same for the same text. */
function digitsOf(text: string): string {
    return String(hash(text) % 100_000_000).padStart(8, "0");
}

/** Out of 10.224.0.0/12, AKS's own default for nodes; nothing listens there. */
export function addressOf(name: string): string {
    const drawn = hash(name);
    return `10.${224 + (drawn & 15)}.${(drawn >>> 4) & 255}.${((drawn >>> 12) % 250) + 4}`;
}

function hash(text: string): number {
    return createHash("sha256").update(text).digest().readUInt32BE();
}

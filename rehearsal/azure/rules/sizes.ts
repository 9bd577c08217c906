/** A machine size: what quota counts it as, and what it can. */
export interface Size {
    name: string;
    family: string;
    cores: number;
    memoryGiB: number;
    /** Premium disks; host encryption needs it as well. */
    premium: boolean;
    temporaryDiskGiB: number;
    arm: boolean;
    maxDataDisks: number;
    /** What the machine's disks may do together, past the host's cache. */
    uncachedIops: number;
    uncachedMebibytesPerSecond: number;
    /** Generations of images that boot on it. */
    generations: readonly ("V1" | "V2")[];
    trustedLaunch: boolean;
    acceleratedNetworking: boolean;
}

interface Series {
    /** `Standard_D*ds_v5`: the star is the number of cores. */
    pattern: string;
    family: string;
    cores: number[];
    memoryPerCoreGiB: number;
    temporaryPerCoreGiB?: number;
    arm?: boolean;
}

/** General-purpose, memory and compute series of today: a table of this simulation, from Azure's public size pages. */
const SERIES: Series[] = [
    ...(["v5", "v6"] as const).flatMap((version): Series[] => [
        { pattern: `Standard_D*s_${version}`, family: `standardDS${version}Family`, cores: d(), memoryPerCoreGiB: 4 },
        {
            pattern: `Standard_D*ds_${version}`,
            family: `standardDDS${version}Family`,
            cores: d(),
            memoryPerCoreGiB: 4,
            temporaryPerCoreGiB: 37.5,
        },
        { pattern: `Standard_D*as_${version}`, family: `standardDAS${version}Family`, cores: d(), memoryPerCoreGiB: 4 },
        {
            pattern: `Standard_D*ads_${version}`,
            family: `standardDADS${version}Family`,
            cores: d(),
            memoryPerCoreGiB: 4,
            temporaryPerCoreGiB: 37.5,
        },
        {
            pattern: `Standard_D*ps_${version}`,
            family: `standardDPS${version}Family`,
            cores: d(),
            memoryPerCoreGiB: 4,
            arm: true,
        },
        {
            pattern: `Standard_D*pds_${version}`,
            family: `standardDPDS${version}Family`,
            cores: d(),
            memoryPerCoreGiB: 4,
            temporaryPerCoreGiB: 37.5,
            arm: true,
        },
        { pattern: `Standard_E*s_${version}`, family: `standardES${version}Family`, cores: e(), memoryPerCoreGiB: 8 },
        {
            pattern: `Standard_E*ds_${version}`,
            family: `standardEDS${version}Family`,
            cores: e(),
            memoryPerCoreGiB: 8,
            temporaryPerCoreGiB: 37.5,
        },
        { pattern: `Standard_E*as_${version}`, family: `standardEAS${version}Family`, cores: e(), memoryPerCoreGiB: 8 },
        {
            pattern: `Standard_E*ads_${version}`,
            family: `standardEADS${version}Family`,
            cores: e(),
            memoryPerCoreGiB: 8,
            temporaryPerCoreGiB: 37.5,
        },
    ]),
    { pattern: "Standard_D*s_v4", family: "standardDSv4Family", cores: [2, 4, 8, 16, 32, 48, 64], memoryPerCoreGiB: 4 },
    {
        pattern: "Standard_D*ds_v4",
        family: "standardDDSv4Family",
        cores: [2, 4, 8, 16, 32, 48, 64],
        memoryPerCoreGiB: 4,
        temporaryPerCoreGiB: 37.5,
    },
    {
        pattern: "Standard_D*s_v3",
        family: "standardDSv3Family",
        cores: [2, 4, 8, 16, 32, 48, 64],
        memoryPerCoreGiB: 4,
        temporaryPerCoreGiB: 8,
    },
    {
        pattern: "Standard_E*s_v3",
        family: "standardESv3Family",
        cores: [2, 4, 8, 16, 20, 32, 48, 64],
        memoryPerCoreGiB: 8,
        temporaryPerCoreGiB: 16,
    },
    {
        pattern: "Standard_F*s_v2",
        family: "standardFSv2Family",
        cores: [2, 4, 8, 16, 32, 48, 64, 72],
        memoryPerCoreGiB: 2,
        temporaryPerCoreGiB: 8,
    },
    {
        pattern: "Standard_L*s_v3",
        family: "standardLSv3Family",
        cores: [8, 16, 32, 48, 64, 80],
        memoryPerCoreGiB: 8,
        temporaryPerCoreGiB: 10,
    },
    {
        pattern: "Standard_B*ms",
        family: "standardBSFamily",
        cores: [2, 4, 8, 12, 16, 20],
        memoryPerCoreGiB: 4,
        temporaryPerCoreGiB: 8,
    },
    { pattern: "Standard_B*s_v2", family: "standardBsv2Family", cores: [2, 4, 8, 16, 32], memoryPerCoreGiB: 4 },
    { pattern: "Standard_B*as_v2", family: "standardBasv2Family", cores: [2, 4, 8, 16, 32], memoryPerCoreGiB: 4 },
];

function d(): number[] {
    return [2, 4, 8, 16, 32, 48, 64, 96];
}

function e(): number[] {
    return [2, 4, 8, 16, 20, 32, 48, 64, 96];
}

export const SIZES: readonly Size[] = SERIES.flatMap((series) =>
    series.cores.map((cores) => ({
        name: series.pattern.replace("*", String(cores)),
        family: series.family,
        cores,
        memoryGiB: cores * series.memoryPerCoreGiB,
        premium: true,
        temporaryDiskGiB: cores * (series.temporaryPerCoreGiB ?? 0),
        arm: series.arm ?? false,
        ...limitsOf(series, cores),
    })),
);

/** Disk limits go by the number of cores, and double from one size to the next until the host has no more to give. */
function limitsOf(
    { pattern, arm }: Series,
    cores: number,
): Pick<
    Size,
    | "maxDataDisks"
    | "uncachedIops"
    | "uncachedMebibytesPerSecond"
    | "generations"
    | "trustedLaunch"
    | "acceleratedNetworking"
> {
    const newest = pattern.endsWith("_v6");
    const v5 = pattern.endsWith("_v5");
    const [iops, mebibytes] = newest ? [2000, 45] : v5 ? [1600, 36] : [1600, 24];
    const burstable = pattern.startsWith("Standard_B*ms");
    return {
        maxDataDisks: newest ? Math.min(64, cores * 3 + (cores < 4 ? 2 : 0)) : Math.min(32, cores * 2),
        uncachedIops: Math.min(newest ? 260_000 : 80_000, cores === 2 && v5 ? 3750 : cores * iops),
        uncachedMebibytesPerSecond: Math.min(newest ? 6800 : 2600, cores === 2 && v5 ? 85 : cores * mebibytes),
        generations: newest || arm ? ["V2"] : ["V1", "V2"],
        trustedLaunch: !arm || newest,
        acceleratedNetworking: !burstable || cores >= 12,
    };
}

const BY_NAME = new Map(SIZES.map((size) => [size.name.toLowerCase(), size]));

export function sizeOf(name: string): Size | undefined {
    return BY_NAME.get(name.toLowerCase());
}

export const FAMILIES: readonly string[] = [...new Set(SIZES.map((size) => size.family))];

/** What a subscription may use in a region where no fault says otherwise, in cores. */
export const DEFAULT_LIMITS = { family: 350, region: 500 };

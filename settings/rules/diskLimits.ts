/**
 * What sizes of the D and E families, versions 5 and 6, pass to disks without a cache, by cores. In MiB/s, where Azure's
 * tables say MB/s and mean MiB/s.
 *
 * Source: Azure's pages of the series Ddsv5, Dasv5, Edsv5, Easv5, Ddsv6; the lowest figure of them.
 */
const LIMITS: Record<number, [iops: number, mebibytesPerSecond: number]> = {
    2: [3750, 82],
    4: [6400, 144],
    8: [12_800, 200],
    16: [25_600, 384],
    32: [51_200, 768],
    48: [76_800, 1152],
    64: [80_000, 1200],
    96: [80_000, 1600],
};

export interface DiskLimits {
    iops: number;
    mebibytesPerSecond: number;
    /** Whether it takes Premium disks at all. */
    premium: boolean;
}

/** `undefined` for sizes that the table does not have. */
export function diskLimitsOf(size: string): DiskLimits | undefined {
    const [, cores, features] = /^Standard_[DE](\d+)([a-z]*)_v[56]$/.exec(size) ?? [];
    const limits = LIMITS[Number(cores)];
    if (!limits) return undefined;
    return { iops: limits[0], mebibytesPerSecond: limits[1], premium: features.includes("s") };
}

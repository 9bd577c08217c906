/**
 * Kubernetes versions that AKS offers, newest patch of each minor: a table of this simulation, not read from Azure.
 * The minors follow AKS's published calendar for 2026; the patches are plausible, not promised.
 */
const OFFERED: Record<string, number> = { "1.30": 14, "1.31": 13, "1.32": 10, "1.33": 7, "1.34": 4, "1.35": 1 };

/** What AKS takes where no version is asked for. */
const DEFAULT = "1.34";

/** Only with the Premium tier and the long-term support plan. */
export const LONG_TERM_ONLY = new Set(["1.30", "1.31"]);

export const NODE_IMAGE = "AKSUbuntu-2204gen2containerd-202601.07.0";

/** `1.34` → `1.34.4`: what runs is always a patch. */
export function fullVersion(version: string): string {
    const minor = minorOf(version || DEFAULT);
    return version.split(".").length === 3 ? version : `${minor}.${OFFERED[minor] ?? 0}`;
}

export function minorOf(version: string): string {
    return version.split(".").slice(0, 2).join(".");
}

export function isOffered(version: string): boolean {
    const patch = Number(version.split(".")[2] ?? 0);
    const newest = OFFERED[minorOf(version)];
    return /^\d+\.\d+(\.\d+)?$/.test(version) && newest !== undefined && patch <= newest;
}

export function offeredMinors(): string[] {
    return Object.keys(OFFERED);
}

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** How the simulated Azure is to fail: the content of `$MAINSTAY_REHEARSAL/azure/faults.json`, read at every request. */
export interface Faults {
    /** Draws which requests are hit; the same seed hits the same ones. @default 1 */
    seed?: number;
    /** Share of requests answered by 429 (0 to 1). The provider waits as told and tries again, four times in all. */
    throttle?: number;
    /** What Retry-After says to a throttled request, in seconds. @default 1 */
    retryAfterSeconds?: number;
    /** Share of writes answered by 409 `AnotherOperationInProgress` (0 to 1). Tried again after a second, four times in all. */
    conflict?: number;
    /** Added to every request, in milliseconds. */
    latencyMilliseconds?: number;
    /** Limits in cores by family, such as `{ "standardDSv5Family": 0 }`, or of the region as `cores`. */
    quota?: Record<string, number>;
    /** Zones in which nothing more can be had, such as `westeurope-2`. */
    zonesDown?: string[];
    /** Resource providers and features that the subscription lacks: `Microsoft.Insights`, `Microsoft.Compute/EncryptionAtHost`. */
    unregistered?: string[];
    /** The provider's process kills itself at its n-th write, before or after the state is written. */
    crash?: { when: "before" | "after"; write: number };
}

const FORMS = [
    "throttle=0.2 (share of requests, 0 to 1)",
    "conflict=0.1 (share of writes, 0 to 1)",
    "latency=200 (milliseconds)",
    "quota=standardDDSv5Family:0 (family, or cores; limit in cores)",
    "zone=westeurope-2 (region-zone that is gone)",
    "unregistered=Microsoft.Compute/EncryptionAtHost (a resource provider, or a feature of one)",
    "crash=after:17 (before or after the n-th write)",
    "seed=7 (draws which requests are hit)",
    "FILE.json (all of them, as in docs/simulated-azure.md)",
];

/** Reads a fault as the command line has it: `throttle=0.2`, or a file of them. */
export function parseFault(text: string): Faults {
    if (/^[^=]+\.json$/.test(text)) return readFaults(text);
    const wrong = (why: string): Error => new Error(`--fault ${text}: ${why}. Known faults:\n  ${FORMS.join("\n  ")}`);
    const [name, ...rest] = text.split("=");
    const value = rest.join("=");
    if (rest.length === 0 || value === "") throw wrong("a name, an equals sign and a value are wanted");
    const number = (lowest: number, highest: number, whole: boolean): number => {
        const given = Number(value);
        if (!Number.isFinite(given) || given < lowest || given > highest || (whole && !Number.isInteger(given))) {
            throw wrong(
                `the value must be a${whole ? " whole" : ""} number from ${lowest}${highest === Infinity ? "" : ` to ${highest}`}`,
            );
        }
        return given;
    };
    switch (name) {
        case "throttle":
            return { throttle: number(0, 1, false) };
        case "conflict":
            return { conflict: number(0, 1, false) };
        case "latency":
            return { latencyMilliseconds: number(0, Infinity, false) };
        case "seed":
            return { seed: number(0, Infinity, true) };
        case "quota": {
            const match = /^([A-Za-z]\w*):(\d+)$/.exec(value);
            if (!match) throw wrong("the value must be a family and a limit in cores, joined by a colon");
            return { quota: { [match[1]]: Number(match[2]) } };
        }
        case "zone":
            if (!/^[a-z0-9]+-[1-9]$/.test(value))
                throw wrong("the value must be a region and a zone, joined by a dash");
            return { zonesDown: [value] };
        case "unregistered":
            if (!/^Microsoft\.\w+(\/\w+)?$/.test(value)) {
                throw wrong("the value must be a resource provider, or one and its feature, joined by a slash");
            }
            return { unregistered: [value] };
        case "crash": {
            const match = /^(before|after):([1-9]\d*)$/.exec(value);
            if (!match) throw wrong("the value must be `before` or `after`, a colon, and which write");
            return { crash: { when: match[1] as "before" | "after", write: Number(match[2]) } };
        }
        default:
            throw wrong(`there is no fault \`${name}\``);
    }
}

/** Several faults at once, later ones over earlier ones; quotas, zones and what is unregistered add up. */
export function mergeFaults(faults: readonly Faults[]): Faults {
    const merged: Faults = Object.assign({}, ...faults);
    const quota = Object.assign({}, ...faults.map((fault) => fault.quota ?? {})) as Record<string, number>;
    const zonesDown = faults.flatMap((fault) => fault.zonesDown ?? []);
    const unregistered = faults.flatMap((fault) => fault.unregistered ?? []);
    if (unregistered.length > 0) merged.unregistered = [...new Set(unregistered)];
    if (Object.keys(quota).length > 0) merged.quota = quota;
    if (zonesDown.length > 0) merged.zonesDown = [...new Set(zonesDown)];
    return merged;
}

/** Sets the faults of a rehearsal from now on. @param run the rehearsal's folder, `MAINSTAY_REHEARSAL` */
export function writeFaults(run: string, faults: Faults): void {
    mkdirSync(join(run, "azure"), { recursive: true });
    const path = join(run, "azure", "faults.json");
    writeFileSync(`${path}.new`, `${JSON.stringify(faults, null, 1)}\n`);
    renameSync(`${path}.new`, path);
}

const KEYS: readonly (keyof Faults)[] = [
    "seed",
    "throttle",
    "retryAfterSeconds",
    "conflict",
    "latencyMilliseconds",
    "quota",
    "zonesDown",
    "unregistered",
    "crash",
];

function readFaults(path: string): Faults {
    let faults: Faults;
    try {
        faults = JSON.parse(readFileSync(path, "utf8")) as Faults;
    } catch (error) {
        throw new Error(`${path} cannot be read as JSON: ${(error as Error).message}`);
    }
    const unknown = Object.keys(faults).filter((key) => !(KEYS as readonly string[]).includes(key));
    if (unknown.length > 0) {
        throw new Error(`${path}: unknown fault ${unknown.join(", ")}. Known: ${KEYS.join(", ")}.`);
    }
    return faults;
}

/** The faults that hold now; read again only when the file changed. */
export class FaultFile {
    private last?: { stamp: string; faults: Faults };
    private readonly path: string;

    constructor(cloudFolder: string) {
        this.path = join(cloudFolder, "faults.json");
    }

    now(): Faults {
        const stat = statSync(this.path, { bigint: true, throwIfNoEntry: false });
        if (!stat) return {};
        const stamp = `${stat.ino} ${stat.size} ${stat.mtimeNs}`;
        if (this.last?.stamp !== stamp) this.last = { stamp, faults: readFaults(this.path) };
        return this.last.faults;
    }
}

/** A number from 0 to 1 that depends on nothing but these words: which requests are hit does not change with timing. */
export function draw(seed: number, ...words: (string | number)[]): number {
    return (
        createHash("sha256")
            .update([seed, ...words].join("\0"))
            .digest()
            .readUInt32BE(0) /
        2 ** 32
    );
}

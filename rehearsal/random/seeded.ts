import { createHash, randomInt } from "node:crypto";

/** A whole number from 0 to below the limit. */
export type Draw = (limit: number) => number;

/**
 * Draws that repeat for the same seed. The official provider draws from Go's generator: the same seed gives another value
 * there, which a rehearsal cannot foretell.
 */
export function drawFrom(seed: string | undefined): Draw {
    if (!seed) return (limit) => randomInt(limit);
    let count = 0;
    return (limit) => {
        const hash = createHash("sha256").update(`${seed}\0${count++}`).digest();
        return Number(hash.readBigUInt64BE() % BigInt(limit));
    };
}

/** Where one control-plane machine lives. */
export interface Placement {
    /** Number of the machine, from 1. */
    machine: number;
    zone: string;
}

/**
 * Machine n goes to zone n, and round again.
 *
 * A machine's zone follows from its number and the zones alone: a replaced machine returns to its zone, where its disk
 * is, and a fourth and fifth move none of the three that are there. No zone ever has two more than another.
 *
 * @throws RangeError for an even number, of which a majority survives no more than of one machine less, and for no zones
 */
export function placeOverZones(machines: number, zones: readonly string[]): Placement[] {
    if (!Number.isInteger(machines) || machines < 1 || machines % 2 === 0) {
        throw new RangeError(
            `${machines} control-plane machines: etcd decides by majority, so it takes an odd number, 3 or 5`,
        );
    }
    if (zones.length === 0) throw new RangeError("no zone to place control-plane machines in");
    return Array.from({ length: machines }, (_, index) => ({ machine: index + 1, zone: zones[index % zones.length] }));
}

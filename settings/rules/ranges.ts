import { contains, parseRange, type Range } from "../../components/network/addressPlan";
import type { Path, Problem } from "../problem";
import { problem } from "./part";

/** For use inside networks only. */
export const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"].map(parseRange);

/** Whether a range is for use inside networks only. */
export function isPrivate(range: Range): boolean {
    return PRIVATE.some((outer) => contains(outer, range));
}

/** The range, or what is wrong with it: Azure refuses a range that does not begin at its own first address. */
export function readRange(path: Path, cidr: string): { range: Range } | { wrong: Problem } {
    try {
        return { range: parseRange(cidr) };
    } catch (error) {
        const holder = /is (\S+)$/.exec((error as Error).message)?.[1];
        const mend = holder ? `set it to ${holder}` : "clear the bits after the prefix";
        return { wrong: problem(path, cidr, "a range that begins at its own first address", mend) };
    }
}

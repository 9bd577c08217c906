import { z } from "zod";
import { guided } from "./guidance";

const factors: Record<string, number> = {
    m: 1e-3,
    "": 1,
    ...Object.fromEntries(["k", "M", "G", "T", "P"].map((unit, index) => [unit, 1000 ** (index + 1)])),
    ...Object.fromEntries(["Ki", "Mi", "Gi", "Ti", "Pi"].map((unit, index) => [unit, 1024 ** (index + 1)])),
};

/** A quantity of Kubernetes as a number: cores, bytes. `undefined` for what is none. */
export function readQuantity(text: string): number | undefined {
    const [, number, unit] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(text) ?? [];
    return number === undefined || factors[unit] === undefined ? undefined : Number(number) * factors[unit];
}

/** @param example - also the default that messages offer */
function quantity(pattern: RegExp, smallest: string, largest: string, what: string, example: string) {
    const [least, most] = [smallest, largest].map((bound) => readQuantity(bound)!);
    return guided(
        z
            .string()
            .regex(pattern, { abort: true })
            .refine((text) => {
                const value = readQuantity(text)!;
                return value >= least && value <= most;
            }),
        `${what} from ${smallest} to ${largest}, in quotes`,
        example,
        `write it in quotes, such as "${example}"`,
    );
}

/** Cores: `"20"`, `"1.5"`, `"500m"`. */
export function cores(smallest: string, largest: string, example: string) {
    return quantity(/^\d+(\.\d{1,3}|m)?$/, smallest, largest, "cores", example);
}

/** Bytes with a unit, for a bare number is always a slip: `64Gi`, and not `64m`, which is a fraction of a byte. */
export function bytes(smallest: string, largest: string, example: string) {
    return quantity(
        /^\d+(\.\d{1,3})?([KMGTP]i|[kMGTP])$/,
        smallest,
        largest,
        "bytes with a unit, such as Gi,",
        example,
    );
}

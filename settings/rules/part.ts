import type { z } from "zod";
import { formatPath, formatValue, type Path, type Problem } from "../problem";

/** A part of the settings that may be missing, because its own shape is wrong and has been reported. */
export type Part<S extends z.ZodType> = z.output<S> | undefined;

export function part<S extends z.ZodType>(shape: S, raw: unknown): Part<S> {
    const result = shape.safeParse(raw);
    return result.success ? result.data : undefined;
}

export function problem(path: Path, given: unknown, allowed: string, mend: string): Problem {
    return { path: formatPath(path), given: formatValue(given), allowed, mend };
}

import { z } from "zod";

/** What a message about a setting says beside the zod issue: what is allowed there, and how to mend it. */
interface Guidance {
    /** Completes “allowed: …”. */
    allowed: string;
    /** A value that could stand there; also the default mend (“set it to …”). */
    example: unknown;
    /** Completes “mend: …” where “set it to the example” would not help. */
    mend?: string;
}

/** Kept apart from zod's own metadata, which goes into the JSON Schema that editors read. */
export const guidance = z.registry<Guidance>();

/** Keys that an object does not have, but that people look for there: what messages say of them. */
type Signposts = Record<string, { allowed: string; mend: string }>;

export const signposts = z.registry<Signposts>();

export function withSignposts<S extends z.ZodType>(schema: S, keys: Signposts): S {
    signposts.add(schema, keys);
    return schema;
}

/** A setting with what messages say about it. */
export function guided<S extends z.ZodType>(schema: S, allowed: string, example: unknown, mend?: string): S {
    guidance.add(schema, { allowed, example, mend });
    return schema;
}

export function wholeNumber(minimum: number, maximum: number, example: number) {
    return guided(z.int().min(minimum).max(maximum), `a whole number from ${minimum} to ${maximum}`, example);
}

export function text(pattern: RegExp, allowed: string, example: string, mend?: string) {
    return guided(z.string().regex(pattern), allowed, example, mend);
}

const octet = "(25[0-5]|2[0-4]\\d|1?\\d?\\d)";
/** A pattern for IPv4 addresses. */
export const address = `${octet}(\\.${octet}){3}`;

export function cidr(example: string) {
    return text(
        new RegExp(`^${address}/(3[0-2]|[12]?\\d)$`),
        `an IPv4 range in CIDR notation, such as ${example}`,
        example,
    );
}

export function machineSize(example: string) {
    return text(/^Standard_[A-Za-z]+\d+[\w-]*$/, `a size of Azure's virtual machines, such as ${example}`, example);
}

/**
 * An ID in lower case, however it was written: tokens carry it so, and Kubernetes compares letter by letter.
 *
 * @param allowed - what it is the ID of
 * @param mend - how to find it
 */
export function guid(allowed: string, mend: string) {
    return guided(
        z
            .string()
            .regex(/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/)
            .toLowerCase(),
        allowed,
        "00000000-0000-0000-0000-000000000000",
        mend,
    );
}

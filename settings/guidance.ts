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

/** @param of - what it is the ID of */
export function guid(of: string) {
    const group = of.includes("group");
    return text(
        /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/,
        `${of}, a GUID`,
        "00000000-0000-0000-0000-000000000000",
        group
            ? "give the group's object ID: az ad group show --group NAME --query id"
            : "give the application's ID: az ad app list --display-name NAME --query [].appId",
    );
}

/** One thing that a rule refuses, for the person who must act. */
export interface Finding {
    /** Property path, such as `agentPoolProfiles[0].mode`. */
    at: string;
    /** What stands there, as {@link shown}. Never a value that may be a secret: policies see secrets in the clear. */
    given: string;
    allowed: string;
    /** What to do about just this one, where the rule's own advice does not fit. */
    mend?: string;
}

/** All that a rule refuses in one resource, as the message that the engine prints below the rule's title. */
export function asText(resourceName: string, findings: readonly Finding[], mend: string): string {
    const lines = findings.map(
        ({ at, given, allowed, mend }) =>
            `${resourceName}, ${at}: given ${given}; allowed: ${allowed}.${mend ? ` ${mend}` : ""}`,
    );
    return [...lines, mend].join("\n");
}

/** A plain value in a message. For enumerations, switches, counts, zones and address ranges only. */
export function shown(value: boolean | number | string | readonly string[] | null | undefined): string {
    if (value === undefined || value === null) return "nothing";
    if (Array.isArray(value)) return value.length === 0 ? "an empty list" : value.join(", ");
    return String(value);
}

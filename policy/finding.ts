/** One thing that a rule refuses, for the person who must act. */
export interface Finding {
    /** Property path, such as `agentPoolProfiles[0].mode`. */
    at: string;
    /** What stands there, as {@link shown}. Never a value that may be a secret: policies see secrets in the clear. */
    given: string;
    allowed: string;
    /** @default the rule's own */
    mend?: string;
}

/** A finding as the message that the engine prints below the rule's title. */
export function asText(resourceName: string, finding: Finding, mend: string): string {
    return `${resourceName}, ${finding.at}: given ${finding.given}; allowed: ${finding.allowed}. ${finding.mend ?? mend}`;
}

/** A plain value in a message. For enumerations, switches, counts, zones and address ranges only. */
export function shown(value: boolean | number | string | readonly string[] | null | undefined): string {
    if (value === undefined || value === null) return "nothing";
    if (Array.isArray(value)) return value.length === 0 ? "an empty list" : value.join(", ");
    return String(value);
}

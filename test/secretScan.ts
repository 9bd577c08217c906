/** What a secret looks like wherever it turns up; names only, so that a finding does not repeat it. */
const shapes: Record<string, RegExp> = {
    "a private key": /-----BEGIN [A-Z ]*PRIVATE KEY-----\s*(?:\\n)?[A-Za-z0-9+/]{40}/,
    "a signed token": /\beyJ[\w-]{20,}\.eyJ[\w-]{20,}\.[\w-]{20,}/,
    "a storage account's key": /(?<![\w+/])[A-Za-z0-9+/]{86}==/,
    "a password in an address": /\b[a-z][a-z+]*:\/\/[\w.-]+:[^@\s/"'`${}<>]{6,}@[\w.-]+/,
};

/** The kinds of secret in a text, each with its line. */
export function secretsIn(text: string): string[] {
    return Object.entries(shapes).flatMap(([name, shape]) => {
        const at = text.search(shape);
        return at < 0 ? [] : [`${name}, line ${text.slice(0, at).split("\n").length}`];
    });
}

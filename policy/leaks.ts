import { decompress, isGzip } from "./packedFiles";

/** What a secret looks like. Each has to be told from scripts that only speak of secrets: a value stands there, not its name. */
const LOOKS: { what: string; pattern: RegExp; unless?: (found: RegExpMatchArray) => boolean }[] = [
    // Scripts search for the first line alone: a key has a body.
    {
        what: "a private key",
        pattern: /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----(?:\s|\\n|[A-Za-z0-9:, -])*?[A-Za-z0-9+/=]{32}/,
    },
    { what: "a signed token", pattern: /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{16,}/ },
    {
        what: "a bootstrap token",
        pattern: /(?<![\w.-])[a-z0-9]{6}\.[a-z0-9]{16}(?![\w.-])/g,
        // Of random letters and digits nearly all have a digit; words have none.
        unless: ([token]) => !/\d/.test(token.slice(7)),
    },
    { what: "a bearer token", pattern: /\bBearer +[A-Za-z0-9._~+/-]{20,}/i },
    { what: "a key of an account", pattern: /\b(?:Account|SharedAccess)Key\s*=\s*[A-Za-z0-9+/]{40,}={0,2}/i },
    { what: "a key of an account", pattern: /(?<![A-Za-z0-9+/=-])[A-Za-z0-9+/]{86}==(?![A-Za-z0-9+/=])/ },
    { what: "a shared access signature", pattern: /[?&;]sig=[A-Za-z0-9%+/]{30,}/i },
    { what: "a client secret of Entra ID", pattern: /(?<![\w~.-])[\w~.-]{3}[78]Q~[\w~.-]{31,34}(?![\w~.-])/ },
    {
        what: "an address with a password in it",
        pattern: /\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@"'$<>{}]+:([^\s:/@"'$<>{}]+)@/gi,
        unless: ([, password]) => /^[*x.]+$/i.test(password),
    },
    {
        what: "a password",
        pattern: /(?:password|passwd|passphrase|pwd)["']?[ \t]*[:=][ \t]*["']?([^\s"'$<>{}()[\]`;,|&\\]{4,})/gi,
        unless: ([, value]) => /^(?:true|false|null|none|yes|no|file:.*|\/.*|\*+|%.*)$/i.test(value),
    },
    {
        what: "a secret",
        pattern:
            /(?:secret|token|api[_-]?key|access[_-]?key)["']?[ \t]*[:=][ \t]*["']?([A-Za-z0-9+/_~.=-]{16,})(?=["'\s;,&)]|$)/gim,
        unless: ([, value]) => !looksRandom(value),
    },
];

/** Base64 that is long enough to hold a key. */
const ENCODED = /[A-Za-z0-9+/]{64,}={0,2}/g;

/** Encoded in what is encoded in user data: nobody goes deeper by accident. */
const DEEPEST = 3;

const known = new Map<string, string[]>();

/**
 * What of a text looks like a secret, in words such as `a private key`; never the secret itself. What is encoded in the text
 * is looked into. The same script goes to many machines and is read once.
 */
export function leaksIn(text: string, depth = 0): string[] {
    const before = known.get(text);
    if (before) return before;
    const found = new Set(LOOKS.filter((look) => isIn(text, look)).map(({ what }) => what));
    if (depth < DEEPEST) {
        for (const [encoded] of text.matchAll(ENCODED)) {
            const inner = decoded(encoded);
            if (inner !== undefined) leaksIn(inner, depth + 1).forEach((what) => found.add(what));
        }
    }
    const leaks = [...found];
    known.set(text, leaks);
    return leaks;
}

function isIn(text: string, { pattern, unless }: (typeof LOOKS)[number]): boolean {
    if (!unless) return pattern.test(text);
    for (const found of text.matchAll(pattern)) if (!unless(found)) return true;
    return false;
}

/** Letters of both cases, or letters among digits, in no order that a name or a path has. */
function looksRandom(value: string): boolean {
    const kinds = [/[a-z]/, /[A-Z]/, /\d/].filter((kind) => kind.test(value)).length;
    if (kinds < 2 || !/\d/.test(value)) return false;
    const changes = [...value].filter((sign, at) => at > 0 && kindOf(sign) !== kindOf(value[at - 1])).length;
    return changes * 4 >= value.length;
}

function kindOf(sign: string): string {
    return /[a-z]/.test(sign) ? "lower" : /[A-Z]/.test(sign) ? "upper" : /\d/.test(sign) ? "digit" : "other";
}

/** The text that is encoded here; absent where it is no text: a checksum, an image, a public key. */
function decoded(encoded: string): string | undefined {
    const content = Buffer.from(encoded, "base64");
    const plain = isGzip(content) ? decompress(content) : content;
    const text = plain?.toString("utf8");
    return text === undefined || /(?![\t\n\r\f\v])\p{Cc}|\ufffd/u.test(text) ? undefined : text;
}

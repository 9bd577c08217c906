import {
    createHash,
    createPrivateKey,
    createPublicKey,
    type JsonWebKey,
    type KeyObject,
    randomBytes,
} from "node:crypto";

// OpenSSH's forms of keys, which Node reads and writes nowhere.
// Source: RFC 4253 (strings, integers), RFC 5656 (ECDSA), RFC 8709 (Ed25519), openssh/PROTOCOL.key (private keys).

const BEGIN = "-----BEGIN OPENSSH PRIVATE KEY-----";
const END = "-----END OPENSSH PRIVATE KEY-----";
const MAGIC = Buffer.from("openssh-key-v1\0");

const ECDSA: Record<string, { name: string; bytes: number }> = {
    "P-256": { name: "nistp256", bytes: 32 },
    "P-384": { name: "nistp384", bytes: 48 },
    "P-521": { name: "nistp521", bytes: 66 },
};

export function isOpenssh(text: string): boolean {
    return text.includes(BEGIN);
}

/** A line of `authorized_keys`, with its line break. */
export function toOpensshPublicKey(key: KeyObject): string {
    const blob = publicBlob(key);
    const kind = new Reader(blob).string().toString();
    return `${kind} ${blob.toString("base64")}\n`;
}

export function opensshFingerprints(key: KeyObject) {
    const blob = publicBlob(key);
    const md5 = createHash("md5").update(blob).digest("hex");
    const sha256 = createHash("sha256").update(blob).digest("base64").replace(/=+$/, "");
    return { publicKeyFingerprintMd5: md5.match(/../g)!.join(":"), publicKeyFingerprintSha256: `SHA256:${sha256}` };
}

export function toOpensshPrivateKey(key: KeyObject): string {
    const blob = publicBlob(createPublicKey(key));
    const check = randomBytes(4);
    const unpadded = Buffer.concat([check, check, privateFields(key), string("")]);
    // Padded with 1, 2, 3, … to the block size of no cipher.
    const padding = Buffer.from(Array.from({ length: (8 - (unpadded.length % 8)) % 8 }, (_, i) => i + 1));
    const whole = Buffer.concat([
        MAGIC,
        string("none"),
        string("none"),
        string(""),
        uint32(1),
        string(blob),
        string(Buffer.concat([unpadded, padding])),
    ]);
    return `${BEGIN}\n${whole.toString("base64").replace(/.{70}(?=.)/g, "$&\n")}\n${END}\n`;
}

export function fromOpenssh(text: string): KeyObject {
    const base64 = text.slice(text.indexOf(BEGIN) + BEGIN.length, text.indexOf(END)).replace(/\s/g, "");
    const bytes = Buffer.from(base64, "base64");
    if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error("it is not OpenSSH's format, version 1");
    const outer = new Reader(bytes.subarray(MAGIC.length));
    if (outer.string().toString() !== "none") throw new Error("it is locked with a passphrase");
    outer.string();
    outer.string();
    outer.skip(4);
    outer.string();
    const fields = new Reader(outer.string());
    fields.skip(8);
    return createPrivateKey({ key: privateJwk(fields), format: "jwk" });
}

function privateJwk(fields: Reader): JsonWebKey {
    const kind = fields.string().toString();
    if (kind === "ssh-ed25519") {
        const x = fields.string();
        return { kty: "OKP", crv: "Ed25519", x: url(x), d: url(fields.string().subarray(0, 32)) };
    }
    if (kind === "ssh-rsa") {
        const [n, e, d, qi, p, q] = Array.from({ length: 6 }, () => fields.integer());
        const [P, Q, D] = [p, q, d].map((value) => BigInt(`0x${value.toString("hex")}`));
        const [dp, dq] = [D % (P - 1n), D % (Q - 1n)].map(bytesOf);
        return {
            kty: "RSA",
            n: url(n),
            e: url(e),
            d: url(d),
            p: url(p),
            q: url(q),
            dp: url(dp),
            dq: url(dq),
            qi: url(qi),
        };
    }
    const [crv, { name, bytes }] = Object.entries(ECDSA).find(([, curve]) => kind === `ecdsa-sha2-${curve.name}`) ?? [
        "",
        { name: "", bytes: 0 },
    ];
    if (!name) throw new Error(`keys of type ${kind} are not served`);
    fields.string();
    const point = fields.string();
    const d = fields.integer();
    const padded = Buffer.concat([Buffer.alloc(bytes - d.length), d]);
    return { kty: "EC", crv, x: url(point.subarray(1, 1 + bytes)), y: url(point.subarray(1 + bytes)), d: url(padded) };
}

function publicBlob(key: KeyObject): Buffer {
    const jwk = key.export({ format: "jwk" });
    switch (jwk.kty) {
        case "RSA":
            return Buffer.concat([string("ssh-rsa"), integer(jwk.e!), integer(jwk.n!)]);
        case "OKP":
            return Buffer.concat([string("ssh-ed25519"), string(Buffer.from(jwk.x!, "base64url"))]);
        default:
            return ecdsaFields(jwk);
    }
}

function ecdsaFields(jwk: JsonWebKey): Buffer {
    const { name } = ECDSA[jwk.crv!];
    const point = Buffer.concat([Buffer.from([4]), Buffer.from(jwk.x!, "base64url"), Buffer.from(jwk.y!, "base64url")]);
    return Buffer.concat([string(`ecdsa-sha2-${name}`), string(name), string(point)]);
}

function privateFields(key: KeyObject): Buffer {
    const jwk = key.export({ format: "jwk" });
    switch (jwk.kty) {
        case "RSA":
            return Buffer.concat([
                string("ssh-rsa"),
                ...[jwk.n, jwk.e, jwk.d, jwk.qi, jwk.p, jwk.q].map((value) => integer(value!)),
            ]);
        case "OKP": {
            const [x, d] = [Buffer.from(jwk.x!, "base64url"), Buffer.from(jwk.d!, "base64url")];
            return Buffer.concat([string("ssh-ed25519"), string(x), string(Buffer.concat([d, x]))]);
        }
        default:
            return Buffer.concat([ecdsaFields(jwk), integer(jwk.d!)]);
    }
}

function uint32(value: number): Buffer {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
}

function string(value: string | Buffer): Buffer {
    const bytes = Buffer.from(value);
    return Buffer.concat([uint32(bytes.length), bytes]);
}

/** Without leading zeros, but with one where the first bit would make it negative. */
function integer(base64url: string): Buffer {
    let bytes = Buffer.from(base64url, "base64url");
    while (bytes.length > 0 && bytes[0] === 0) bytes = bytes.subarray(1);
    return string(bytes[0] & 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

function bytesOf(value: bigint): Buffer {
    const hex = value.toString(16);
    return Buffer.from(hex.length % 2 ? `0${hex}` : hex, "hex");
}

function url(bytes: Buffer): string {
    return bytes.toString("base64url");
}

class Reader {
    private offset = 0;

    constructor(private readonly bytes: Buffer) {}

    skip(count: number): void {
        this.offset += count;
    }

    string(): Buffer {
        const length = this.bytes.readUInt32BE(this.offset);
        this.offset += 4 + length;
        if (this.offset > this.bytes.length) throw new Error("it is cut off");
        return this.bytes.subarray(this.offset - length, this.offset);
    }

    /** Without the zero that keeps it positive. */
    integer(): Buffer {
        const bytes = this.string();
        return bytes[0] === 0 ? bytes.subarray(1) : bytes;
    }
}

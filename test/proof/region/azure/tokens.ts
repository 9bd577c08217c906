import { createSign, createVerify } from "node:crypto";
import { createServiceAccountKeys } from "../../../../rehearsal/controlPlane/certificates";

export interface Claims {
    /** Whom the token is for, such as `https://vault.azure.net`. */
    aud: string;
    /** The identity's object ID. */
    oid: string;
    tid: string;
}

/** A day, as tokens of managed identities live. */
const lifetimeSeconds = 24 * 60 * 60;

/** Tokens as Entra ID issues them to managed identities (version 1.0, RS256), signed by a key of the region's own. */
export class TokenIssuer {
    private readonly keys = createServiceAccountKeys();

    issue(claims: Claims): string {
        const now = Math.floor(Date.now() / 1000);
        const times = { iat: now, nbf: now - 5, exp: now + lifetimeSeconds };
        const payload = { ...claims, ...times, iss: `https://sts.windows.net/${claims.tid}/`, sub: claims.oid };
        const signed = `${encode({ typ: "JWT", alg: "RS256" })}.${encode(payload)}`;
        return `${signed}.${createSign("RSA-SHA256").update(signed).sign(this.keys.privateKey, "base64url")}`;
    }

    /** What an `Authorization` header's token says; `undefined` when it is none of ours, or too old. */
    read(authorization: string | undefined): Claims | undefined {
        const [, signed, payload, signature] = /^Bearer ([\w-]+\.([\w-]+))\.([\w-]+)$/.exec(authorization ?? "") ?? [];
        if (!signed) return undefined;
        if (!createVerify("RSA-SHA256").update(signed).verify(this.keys.publicKey, signature, "base64url"))
            return undefined;
        const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
        return claims.exp * 1000 > Date.now() ? claims : undefined;
    }
}

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");

import { createHash, createPrivateKey, createSign } from "node:crypto";
import { readFileSync } from "node:fs";

/** The host that Entra's issuers have in the public cloud. */
export const signInHost = "login.microsoftonline.com";

/** Audience of AKS's server application: what `kubelogin --server-id` asks a token for. Public and the same everywhere. */
export const aksServerApplication = "6dae42f8-4368-4678-94ff-3960e28e3630";

/** Of one more, Entra says only where to ask for them. */
const MOST_GROUPS = 200;

const LIFETIME_SECONDS = 60 * 60;

/** A key pair of the stand-in for Entra. */
export interface SigningKey {
    keyId: string;
    /** Path of a PEM file. */
    privateKey: string;
}

/** The file `sign-in.json`: what the simulated sign-in signs with, and what the stand-in for Entra publishes. */
export interface SignIn extends SigningKey {
    /** Who signs in to an AKS cluster. */
    issuer: string;
    /** Address of the person. */
    user: string;
    /** Published still; nothing is signed with them any more. */
    formerKeys?: SigningKey[];
    /** How long keys may be kept by who asked for them. @default 86400, as Entra says */
    keysMaxAgeSeconds?: number;
}

/** Whom a token is for, as kubelogin's arguments say. */
export interface Request {
    /** `--server-id`: the application whose tokens the API server takes. */
    audience: string;
    /** `--client-id`: the application that the person signs in with. */
    clientId: string;
    /** `--tenant-id` */
    tenantId: string;
}

export type Claims = Record<string, unknown>;

/**
 * Claims of an access token as Entra ID gives it to a person: version 2.0, which the issuer's name ends in. AKS's server
 * application is asked by an issuer of its own, since who signs in to AKS is AKS's affair.
 */
export function personClaims(signIn: SignIn, request: Request, groups: string[], now = new Date()): Claims {
    const { audience, clientId, tenantId } = request;
    const forAks = audience === aksServerApplication;
    const iat = Math.floor(now.getTime() / 1000);
    const oid = "ce115eed-0000-4000-8000-000000000001";
    return {
        aud: audience,
        iss: forAks ? signIn.issuer : `https://${signInHost}/${tenantId}/v2.0`,
        iat,
        nbf: iat,
        exp: iat + LIFETIME_SECONDS,
        azp: clientId,
        azpacr: "0",
        name: "A person who rehearses",
        oid,
        preferred_username: signIn.user,
        scp: "user_impersonation",
        // Another one for every application.
        sub: createHash("sha256").update(`${oid} ${audience}`).digest("base64url"),
        tid: tenantId,
        ver: "2.0",
        ...(forAks && { upn: signIn.user }),
        ...groupClaims(groups, oid),
    };
}

function groupClaims(groups: string[], oid: string): Claims {
    if (groups.length === 0) return {};
    if (groups.length <= MOST_GROUPS) return { groups };
    const endpoint = `https://graph.microsoft.com/v1.0/users/${oid}/getMemberObjects`;
    return { _claim_names: { groups: "src1" }, _claim_sources: { src1: { endpoint } } };
}

/** A token by RS256. */
export function signToken({ keyId, privateKey }: SigningKey, claims: Claims): string {
    const content = `${encode({ typ: "JWT", alg: "RS256", kid: keyId })}.${encode(claims)}`;
    const key = createPrivateKey(readFileSync(privateKey));
    return `${content}.${createSign("RSA-SHA256").update(content).sign(key, "base64url")}`;
}

/** A part of a token. */
export function encode(content: object): string {
    return Buffer.from(JSON.stringify(content)).toString("base64url");
}

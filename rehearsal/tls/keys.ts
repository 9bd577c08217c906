import { createHash, createPrivateKey, createPublicKey, generateKeyPair, type KeyObject, webcrypto } from "node:crypto";
import { promisify } from "node:util";
import { fromOpenssh, isOpenssh, opensshFingerprints, toOpensshPrivateKey, toOpensshPublicKey } from "./openssh";

export const ALGORITHMS = ["RSA", "ECDSA", "ED25519"] as const;
export const CURVES = { P224: "secp224r1", P256: "prime256v1", P384: "secp384r1", P521: "secp521r1" } as const;

export type Curve = keyof typeof CURVES;

const generate = promisify(generateKeyPair) as (type: string, options: object) => Promise<{ privateKey: KeyObject }>;

export async function makeKey(algorithm: string, rsaBits: number, curve: Curve): Promise<KeyObject> {
    switch (algorithm) {
        case "RSA":
            return (await generate("rsa", { modulusLength: rsaBits })).privateKey;
        case "ECDSA":
            return (await generate("ec", { namedCurve: CURVES[curve] })).privateKey;
        default:
            return (await generate("ed25519", {})).privateKey;
    }
}

/** Reads a private key from PEM (PKCS#1, SEC 1 or PKCS#8) or OpenSSH's own form. */
export function readPrivateKey(text: string, property: string): KeyObject {
    try {
        return isOpenssh(text) ? fromOpenssh(text) : createPrivateKey(text);
    } catch (error) {
        // Never the key itself: only what is wrong with it.
        throw new Error(`${property} is no private key that can be read: ${(error as Error).message}`);
    }
}

export function algorithmOf(key: KeyObject): (typeof ALGORITHMS)[number] {
    switch (key.asymmetricKeyType) {
        case "rsa":
            return "RSA";
        case "ec":
            return "ECDSA";
        case "ed25519":
            return "ED25519";
        default:
            throw new Error(`keys of type ${key.asymmetricKeyType} are not served: ${ALGORITHMS.join(", ")}`);
    }
}

function curveOf(key: KeyObject): Curve {
    const named = key.asymmetricKeyDetails?.namedCurve;
    const [curve] = Object.entries(CURVES).find(([, name]) => name === named) ?? [];
    if (!curve) throw new Error(`keys of the curve ${named} are not served: ${Object.keys(CURVES).join(", ")}`);
    return curve as Curve;
}

/** The forms in which the outputs of `tls.PrivateKey` show a key. */
export function privateForms(key: KeyObject) {
    const type = { RSA: "pkcs1", ECDSA: "sec1", ED25519: "pkcs8" } as const;
    return {
        privateKeyPem: key.export({ format: "pem", type: type[algorithmOf(key)] }) as string,
        privateKeyPemPkcs8: key.export({ format: "pem", type: "pkcs8" }) as string,
        // OpenSSH knows no P224.
        privateKeyOpenssh: knowsOpenssh(key) ? toOpensshPrivateKey(key) : "",
    };
}

export function publicForms(privateKey: KeyObject) {
    const key = createPublicKey(privateKey);
    const publicKeyPem = key.export({ format: "pem", type: "spki" }) as string;
    if (!knowsOpenssh(key)) {
        return { publicKeyPem, publicKeyOpenssh: "", publicKeyFingerprintMd5: "", publicKeyFingerprintSha256: "" };
    }
    return { publicKeyPem, publicKeyOpenssh: toOpensshPublicKey(key), ...opensshFingerprints(key) };
}

function knowsOpenssh(key: KeyObject): boolean {
    return algorithmOf(key) !== "ECDSA" || curveOf(key) !== "P224";
}

/** IDs as the official provider makes them: SHA-1 of the public part. */
export function keyId(privateKey: KeyObject): string {
    const pem = createPublicKey(privateKey).export({ format: "pem", type: "spki" });
    return createHash("sha1").update(pem).digest("hex");
}

export interface SigningKeys {
    privateKey: webcrypto.CryptoKey;
    publicKey: webcrypto.CryptoKey;
    signingAlgorithm: webcrypto.AlgorithmIdentifier | webcrypto.EcdsaParams;
}

/** The key as WebCrypto takes it, with the signature algorithm that fits it: SHA-256, or the hash as long as the curve. */
export async function signingKeys(key: KeyObject): Promise<SigningKeys> {
    const [keyAlgorithm, signingAlgorithm] = webAlgorithms(key);
    const privateKey = await webcrypto.subtle.importKey(
        "pkcs8",
        key.export({ format: "der", type: "pkcs8" }),
        keyAlgorithm,
        true,
        ["sign"],
    );
    const publicKey = await webcrypto.subtle.importKey(
        "spki",
        createPublicKey(key).export({ format: "der", type: "spki" }),
        keyAlgorithm,
        true,
        ["verify"],
    );
    return { privateKey, publicKey, signingAlgorithm };
}

function webAlgorithms(
    key: KeyObject,
): [
    webcrypto.RsaHashedImportParams | webcrypto.EcKeyImportParams | webcrypto.Algorithm,
    SigningKeys["signingAlgorithm"],
] {
    switch (algorithmOf(key)) {
        case "RSA": {
            const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
            return [algorithm, algorithm];
        }
        case "ED25519":
            return [{ name: "Ed25519" }, { name: "Ed25519" }];
        case "ECDSA": {
            const curve = curveOf(key);
            if (curve === "P224") {
                throw new Error(
                    "a key of the curve P224 cannot sign in a rehearsal: set the private key's ecdsaCurve to P256, P384 or P521",
                );
            }
            const hash = { P256: "SHA-256", P384: "SHA-384", P521: "SHA-512" }[curve];
            return [
                { name: "ECDSA", namedCurve: curve.replace("P", "P-") },
                { name: "ECDSA", hash },
            ];
        }
    }
}

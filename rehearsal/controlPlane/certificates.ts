import "reflect-metadata";
import { generateKeyPairSync, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

x509.cryptoProvider.set(webcrypto as unknown as Crypto);

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const yearMilliseconds = 365 * 24 * 60 * 60 * 1000;

/** A certificate and its private key, both PEM. */
export interface KeyPair {
    certificate: string;
    key: string;
}

/** Who signs; made by {@link createAuthority}. */
export interface Authority extends KeyPair {
    sign(subject: Subject): Promise<KeyPair>;
}

export interface Subject {
    /** User name for a client, host name for a server. */
    commonName: string;
    /** Groups of a client. */
    organizations?: string[];
    /** Names and addresses that a server's certificate answers to; makes it a serving certificate. */
    names?: string[];
    addresses?: string[];
}

/** An authority for one control plane. */
export async function createAuthority(commonName: string): Promise<Authority> {
    const keys = await generateKeys();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
        name: `CN=${commonName}`,
        keys,
        signingAlgorithm: algorithm,
        serialNumber: serialNumber(),
        ...validity(),
        extensions: [
            new x509.BasicConstraintsExtension(true, undefined, true),
            new x509.KeyUsagesExtension(
                x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature,
                true,
            ),
            await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        ],
    });
    return {
        certificate: certificate.toString("pem"),
        key: await privateKeyPem(keys),
        sign: (subject) => sign(certificate, keys.privateKey, subject),
    };
}

/** One that was made before. */
export async function readAuthority(pair: KeyPair): Promise<Authority> {
    const certificate = new x509.X509Certificate(pair.certificate);
    const [pkcs8] = x509.PemConverter.decode(pair.key);
    const key = await webcrypto.subtle.importKey("pkcs8", pkcs8, algorithm, false, ["sign"]);
    return { ...pair, sign: (subject) => sign(certificate, key, subject) };
}

/** Keys with which service accounts' tokens are signed and checked; RSA, as everybody's are. */
export function createServiceAccountKeys(): { publicKey: string; privateKey: string } {
    return generateKeyPairSync("rsa", {
        modulusLength: 2048,
        publicKeyEncoding: { type: "spki", format: "pem" },
        privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
}

async function sign(issuer: x509.X509Certificate, signingKey: CryptoKey, subject: Subject): Promise<KeyPair> {
    const keys = await generateKeys();
    const serves = subject.names !== undefined || subject.addresses !== undefined;
    const alternatives: x509.JsonGeneralName[] = [
        ...(subject.names ?? []).map((value) => ({ type: "dns" as const, value })),
        ...(subject.addresses ?? []).map((value) => ({ type: "ip" as const, value })),
    ];
    const usages = serves
        ? [x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]
        : [x509.ExtendedKeyUsage.clientAuth];
    const certificate = await x509.X509CertificateGenerator.create({
        subject: [
            ...(subject.organizations ?? []).map((organization) => ({ O: [organization] })),
            { CN: [subject.commonName] },
        ],
        issuer: issuer.subject,
        publicKey: keys.publicKey,
        signingKey,
        signingAlgorithm: algorithm,
        serialNumber: serialNumber(),
        ...validity(),
        extensions: [
            new x509.BasicConstraintsExtension(false, undefined, true),
            new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
            new x509.ExtendedKeyUsageExtension(usages),
            await x509.AuthorityKeyIdentifierExtension.create(issuer),
            ...(alternatives.length > 0 ? [new x509.SubjectAlternativeNameExtension(alternatives)] : []),
        ],
    });
    return { certificate: certificate.toString("pem"), key: await privateKeyPem(keys) };
}

function generateKeys(): Promise<CryptoKeyPair> {
    return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]) as Promise<CryptoKeyPair>;
}

async function privateKeyPem(keys: CryptoKeyPair): Promise<string> {
    const exported = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
    return x509.PemConverter.encode(exported, "PRIVATE KEY") + "\n";
}

function serialNumber(): string {
    // The first byte is kept small: a serial number is positive.
    return "01" + Buffer.from(webcrypto.getRandomValues(new Uint8Array(15))).toString("hex");
}

/** An hour back, for clocks that disagree. A kept rehearsal does not outlive ten years. */
function validity(): { notBefore: Date; notAfter: Date } {
    const now = Date.now();
    return { notBefore: new Date(now - 60 * 60 * 1000), notAfter: new Date(now + 10 * yearMilliseconds) };
}

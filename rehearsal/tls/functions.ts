import { createHash, X509Certificate } from "node:crypto";
import type { Properties } from "../provider";
import { sha1 } from "./certificates";
import { algorithmOf, keyId, publicForms, readPrivateKey } from "./keys";
import { x509 } from "./x509";

/** Functions of @pulumi/tls, by token. */
export const functions: Record<string, (args: Properties) => Promise<Properties>> = {
    "tls:index/getPublicKey:getPublicKey": async (args) => {
        const { privateKeyPem, privateKeyOpenssh } = args;
        if ((typeof privateKeyPem === "string") === (typeof privateKeyOpenssh === "string")) {
            throw new Error("getPublicKey takes either privateKeyPem or privateKeyOpenssh");
        }
        const key = readPrivateKey(
            String(privateKeyPem ?? privateKeyOpenssh),
            privateKeyPem ? "privateKeyPem" : "privateKeyOpenssh",
        );
        return { ...args, id: keyId(key), algorithm: algorithmOf(key), ...publicForms(key) };
    },

    "tls:index/getCertificate:getCertificate": async (args) => {
        if (typeof args.content !== "string") {
            throw new Error(
                "a rehearsal reaches no other machine: give getCertificate the certificates as content, not as url",
            );
        }
        const certificates = x509.PemConverter.decode(args.content).map((der) =>
            describe(new x509.X509Certificate(der)),
        );
        return { ...args, id: sha1(args.content), certificates };
    },
};

function describe(certificate: x509.X509Certificate): Properties {
    const der = Buffer.from(certificate.rawData);
    const read = new X509Certificate(der);
    const constraints = certificate.getExtension(x509.BasicConstraintsExtension);
    return {
        certPem: read.toString(),
        isCa: read.ca,
        issuer: certificate.issuer,
        subject: certificate.subject,
        maxPathLength: constraints?.pathLength ?? -1,
        notBefore: rfc3339(certificate.notBefore),
        notAfter: rfc3339(certificate.notAfter),
        publicKeyAlgorithm: algorithmOf(read.publicKey),
        serialNumber: BigInt(`0x${certificate.serialNumber}`).toString(),
        sha1Fingerprint: createHash("sha1").update(der).digest("hex"),
        signatureAlgorithm: signatureName(certificate.signatureAlgorithm),
        version: 3,
    };
}

/** As Go names them: `SHA256-RSA`, `ECDSA-SHA384`, `Ed25519`. */
function signatureName(algorithm: { name: string; hash?: { name: string } }): string {
    const hash = algorithm.hash?.name.replace("-", "");
    if (algorithm.name === "ECDSA") return `ECDSA-${hash}`;
    return algorithm.name.startsWith("RSA") ? `${hash}-RSA` : algorithm.name;
}

function rfc3339(date: Date): string {
    return date.toISOString().replace(/\.\d+Z$/, "Z");
}

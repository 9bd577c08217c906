import { createHash, randomBytes, type webcrypto } from "node:crypto";
import type { Properties } from "../provider";
import type { SigningKeys } from "./keys";
import { usesExtensions } from "./uses";
import { x509 } from "./x509";

const HOUR = 3600 * 1000;

export interface Signer {
    keys: SigningKeys;
    /** The authority's certificate; absent where a certificate signs itself. */
    certificate?: x509.X509Certificate;
}

/** Issues a certificate as the inputs of `SelfSignedCert` and `LocallySignedCert` ask for it. */
export async function issue(
    inputs: Properties,
    subject: x509.Name,
    alternativeNames: x509.Extension | undefined,
    publicKey: webcrypto.CryptoKey | x509.PublicKey,
    signer: Signer,
): Promise<{ id: string; outputs: Properties }> {
    const notBefore = new Date(Math.floor(Date.now() / 1000) * 1000);
    const notAfter = new Date(notBefore.getTime() + Number(inputs.validityPeriodHours) * HOUR);
    // Positive, and never short of bytes.
    const serial = randomBytes(16);
    serial[0] = (serial[0] & 0x3f) | 0x40;

    const keyIdentifier = await x509.SubjectKeyIdentifierExtension.create(publicKey as x509.PublicKey);
    const certificate = await x509.X509CertificateGenerator.create({
        serialNumber: serial.toString("hex"),
        subject: subject.toJSON(),
        issuer: (signer.certificate?.subjectName ?? subject).toJSON(),
        notBefore,
        notAfter,
        publicKey: publicKey as x509.PublicKey,
        signingKey: signer.keys.privateKey as unknown as CryptoKey,
        signingAlgorithm: signer.keys.signingAlgorithm as Algorithm,
        extensions: [
            ...usesExtensions(inputs),
            authority(inputs),
            // An authority's certificates are found by it, so it always has one.
            ...(inputs.setSubjectKeyId || inputs.isCaCertificate ? [keyIdentifier] : []),
            ...authorityKeyIdentifier(inputs, signer, keyIdentifier.keyId),
            ...(alternativeNames ? [alternativeNames] : []),
        ],
    });
    const outputs = {
        certPem: `${certificate.toString("pem")}\n`,
        validityStartTime: rfc3339(notBefore),
        validityEndTime: rfc3339(notAfter),
        readyForRenewal: false,
    };
    return { id: BigInt(`0x${serial.toString("hex")}`).toString(), outputs };
}

function authority({ isCaCertificate, maxPathLength }: Properties): x509.Extension {
    const pathLength = isCaCertificate && Number(maxPathLength) >= 0 ? Number(maxPathLength) : undefined;
    return new x509.BasicConstraintsExtension(isCaCertificate === true, pathLength, true);
}

function authorityKeyIdentifier(inputs: Properties, signer: Signer, own: string): x509.Extension[] {
    const identifier = signer.certificate
        ? signer.certificate.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId
        : inputs.setAuthorityKeyId
          ? own
          : undefined;
    return identifier ? [new x509.AuthorityKeyIdentifierExtension(identifier)] : [];
}

/** Whether the time has come: the end less the hours of early renewal. */
export function isDue({ validityEndTime }: Properties, { earlyRenewalHours }: Properties): boolean {
    if (typeof validityEndTime !== "string") return false;
    return Date.parse(validityEndTime) - Number(earlyRenewalHours ?? 0) * HOUR <= Date.now();
}

export function sha1(text: string): string {
    return createHash("sha1").update(text).digest("hex");
}

function rfc3339(date: Date): string {
    return date.toISOString().replace(/\.\d+Z$/, "Z");
}

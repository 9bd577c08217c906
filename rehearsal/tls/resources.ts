import type { CheckFailure, LogicalResource, Properties } from "../provider";
import { isDue, issue, sha1, type Signer } from "./certificates";
import {
    ALGORITHMS,
    algorithmOf,
    type Curve,
    CURVES,
    keyId,
    makeKey,
    privateForms,
    publicForms,
    readPrivateKey,
    signingKeys,
} from "./keys";
import { alternativeNamesOf, checkNames, subjectOf } from "./names";
import { checkUses } from "./uses";
import { x509 } from "./x509";

/** The extension's object identifier. */
const SUBJECT_ALTERNATIVE_NAMES = "2.5.29.17";

const privateKey: LogicalResource = {
    required: ["algorithm"],
    defaults: { rsaBits: 2048, ecdsaCurve: "P224" },
    computed: [
        "privateKeyOpenssh",
        "privateKeyPem",
        "privateKeyPemPkcs8",
        "publicKeyFingerprintMd5",
        "publicKeyFingerprintSha256",
        "publicKeyOpenssh",
        "publicKeyPem",
    ],
    check: (inputs) => [...oneOf(inputs, "algorithm", ALGORITHMS), ...oneOf(inputs, "ecdsaCurve", Object.keys(CURVES))],
    async make({ algorithm, rsaBits, ecdsaCurve }) {
        const key = await makeKey(String(algorithm), Number(rsaBits), ecdsaCurve as Curve);
        return { id: keyId(key), outputs: { ...privateForms(key), ...publicForms(key) } };
    },
};

const certRequest: LogicalResource = {
    required: [],
    computed: ["certRequestPem", "keyAlgorithm"],
    writeOnly: ["privateKeyPemWo"],
    check: (inputs) => [...exactlyOne(inputs, "privateKeyPem", "privateKeyPemWo"), ...checkNames(inputs)],
    async make(inputs) {
        const key = givenKey(inputs, "privateKeyPem");
        const keys = await signingKeys(key);
        const names = alternativeNamesOf(inputs);
        const request = await x509.Pkcs10CertificateRequestGenerator.create({
            name: subjectOf(inputs).toJSON(),
            keys: keys as unknown as CryptoKeyPair,
            signingAlgorithm: keys.signingAlgorithm as Algorithm,
            extensions: names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : [],
        });
        const certRequestPem = `${request.toString("pem")}\n`;
        return { id: sha1(certRequestPem), outputs: { certRequestPem, keyAlgorithm: algorithmOf(key) } };
    },
};

/** What certificates have in common: they come of age, and are then due for replacement. */
const renewable: Pick<LogicalResource, "updatable" | "refresh" | "due"> = {
    updatable: ["earlyRenewalHours"],
    refresh: (outputs) => ({ ...outputs, readyForRenewal: isDue(outputs, outputs) }),
    due: (outputs, inputs): ReturnType<NonNullable<LogicalResource["due"]>> =>
        isDue(outputs, inputs) ? { readyForRenewal: { kind: "update", replace: true } } : {},
};

const certificateDefaults: Properties = {
    earlyRenewalHours: 0,
    isCaCertificate: false,
    maxPathLength: -1,
    setSubjectKeyId: false,
};

const certificateOutputs = ["certPem", "validityStartTime", "validityEndTime", "readyForRenewal"];

const selfSignedCert: LogicalResource = {
    ...renewable,
    required: ["allowedUses", "validityPeriodHours"],
    defaults: { ...certificateDefaults, setAuthorityKeyId: false },
    computed: [...certificateOutputs, "keyAlgorithm"],
    writeOnly: ["privateKeyPemWo"],
    check: (inputs) => [
        ...exactlyOne(inputs, "privateKeyPem", "privateKeyPemWo"),
        ...checkUses(inputs),
        ...checkNames(inputs),
        ...checkHours(inputs),
    ],
    async make(inputs) {
        const key = givenKey(inputs, "privateKeyPem");
        const keys = await signingKeys(key);
        const names = alternativeNamesOf(inputs);
        const { id, outputs } = await issue(
            inputs,
            subjectOf(inputs),
            names.length > 0 ? new x509.SubjectAlternativeNameExtension(names) : undefined,
            keys.publicKey,
            { keys },
        );
        return { id, outputs: { ...outputs, keyAlgorithm: algorithmOf(key) } };
    },
};

const locallySignedCert: LogicalResource = {
    ...renewable,
    required: ["allowedUses", "validityPeriodHours", "caCertPem", "certRequestPem"],
    defaults: certificateDefaults,
    computed: [...certificateOutputs, "caKeyAlgorithm"],
    writeOnly: ["caPrivateKeyPemWo"],
    check: (inputs) => [
        ...exactlyOne(inputs, "caPrivateKeyPem", "caPrivateKeyPemWo"),
        ...checkUses(inputs),
        ...checkHours(inputs),
    ],
    async make(inputs) {
        const request = readRequest(String(inputs.certRequestPem));
        if (!(await request.verify())) throw new Error("certRequestPem is not signed by the key that it is for");
        const key = givenKey(inputs, "caPrivateKeyPem");
        const signer: Signer = { keys: await signingKeys(key), certificate: readCertificate(String(inputs.caCertPem)) };
        const names = request.getExtension(SUBJECT_ALTERNATIVE_NAMES) ?? undefined;
        const { id, outputs } = await issue(inputs, request.subjectName, names, request.publicKey, signer);
        return { id, outputs: { ...outputs, caKeyAlgorithm: algorithmOf(key) } };
    },
};

/** All resources of @pulumi/tls, by type. */
export const resources: Record<string, LogicalResource> = {
    "tls:index/privateKey:PrivateKey": privateKey,
    "tls:index/certRequest:CertRequest": certRequest,
    "tls:index/selfSignedCert:SelfSignedCert": selfSignedCert,
    "tls:index/locallySignedCert:LocallySignedCert": locallySignedCert,
};

function givenKey(inputs: Properties, property: string) {
    return readPrivateKey(String(inputs[property] ?? inputs[`${property}Wo`]), property);
}

function readRequest(pem: string): x509.Pkcs10CertificateRequest {
    try {
        return new x509.Pkcs10CertificateRequest(pem);
    } catch (error) {
        throw new Error(`certRequestPem is no certificate request that can be read: ${(error as Error).message}`);
    }
}

function readCertificate(pem: string): x509.X509Certificate {
    try {
        return new x509.X509Certificate(pem);
    } catch (error) {
        throw new Error(`caCertPem is no certificate that can be read: ${(error as Error).message}`);
    }
}

function oneOf(inputs: Properties, property: string, allowed: readonly string[]): CheckFailure[] {
    const value = inputs[property];
    if (typeof value !== "string" || allowed.includes(value)) return [];
    return [{ property, reason: `is ${value}; allowed are ${allowed.join(", ")}` }];
}

function exactlyOne(inputs: Properties, ...properties: [string, string]): CheckFailure[] {
    const given = properties.filter((property) => property in inputs);
    if (given.length === 1) return [];
    const what = given.length === 0 ? "neither is" : "both are";
    return [{ property: properties[0], reason: `or ${properties[1]} has to be given, and ${what}` }];
}

function checkHours(inputs: Properties): CheckFailure[] {
    return ["validityPeriodHours", "earlyRenewalHours"].flatMap((property) => {
        const value = inputs[property];
        if (typeof value !== "number" || (Number.isInteger(value) && value >= 0)) return [];
        return [{ property, reason: `is ${value}; it has to be a whole number of hours, at least 0` }];
    });
}

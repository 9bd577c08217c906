import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { logicalProvider, UNKNOWN, type Properties } from "../../rehearsal/provider";
import { functions } from "../../rehearsal/tls/functions";
import { resources } from "../../rehearsal/tls/resources";

const provider = logicalProvider(resources, functions);
const type = (name: string) => Object.keys(resources).find((type) => type.endsWith(`:${name}`))!;
const about = (name: string) => ({ urn: `urn:pulumi:test::test::${type(name)}::x`, type: type(name), name: "x" });
const create = async (name: string, inputs: Properties, preview = false) =>
    (
        await provider.create({
            ...about(name),
            inputs,
            preview,
            timeoutSeconds: 0,
            signal: new AbortController().signal,
        })
    ).outputs as Record<string, string>;
const diff = async (name: string, oldInputs: Properties, inputs: Properties, oldOutputs: Properties = {}) =>
    (await provider.diff({ ...about(name), id: "x", oldInputs, oldOutputs, inputs })).entries;
const check = async (name: string, inputs: Properties) =>
    (await provider.check({ ...about(name), inputs, randomSeed: Buffer.alloc(0) })).failures;

const key = (inputs: Properties = { algorithm: "ECDSA", ecdsaCurve: "P256" }) => create("PrivateKey", inputs);
const authority = async (inputs: Properties = {}) => {
    const { privateKeyPem } = await key();
    const { certPem } = await create("SelfSignedCert", {
        privateKeyPem,
        subject: { commonName: "authority", organization: "Mainstay" },
        isCaCertificate: true,
        allowedUses: ["cert_signing", "crl_signing"],
        validityPeriodHours: 24,
        ...inputs,
    });
    return { caPrivateKeyPem: privateKeyPem, caCertPem: certPem };
};
const server = { allowedUses: ["server_auth", "digital_signature", "key_encipherment"], validityPeriodHours: 12 };

describe("keys and certificates", function () {
    this.timeout(20_000);
    let folder: string;

    before(async () => {
        folder = await mkdtemp(join(tmpdir(), "mainstay-tls-test-"));
    });
    after(() => rm(folder, { recursive: true, force: true }));

    const file = async (name: string, text: string) => {
        await writeFile(join(folder, name), text);
        await chmod(join(folder, name), 0o600);
        return join(folder, name);
    };
    const run = (command: string, ...args: string[]) =>
        execFileSync(command, args, { encoding: "utf8", stdio: "pipe" });

    for (const inputs of [
        { algorithm: "RSA", rsaBits: 3072 },
        { algorithm: "ECDSA", ecdsaCurve: "P256" },
        { algorithm: "ECDSA", ecdsaCurve: "P384" },
        { algorithm: "ECDSA", ecdsaCurve: "P521" },
        { algorithm: "ED25519" },
    ] as Properties[]) {
        const name = Object.values(inputs).join(" ");

        it(`are ${name} keys of one and the same value in every form, which openssl and ssh-keygen read`, async () => {
            const made = await key(inputs);
            const header = { RSA: "RSA PRIVATE KEY", ECDSA: "EC PRIVATE KEY", ED25519: "PRIVATE KEY" }[
                String(inputs.algorithm)
            ];
            assert.match(made.privateKeyPem, new RegExp(`^-----BEGIN ${header}-----\n`));

            const fromPem = await functions["tls:index/getPublicKey:getPublicKey"]({
                privateKeyPem: made.privateKeyPem,
            });
            const fromOpenssh = await functions["tls:index/getPublicKey:getPublicKey"]({
                privateKeyOpenssh: made.privateKeyOpenssh,
            });
            assert.equal(fromPem.algorithm, inputs.algorithm);
            for (const form of [
                "publicKeyPem",
                "publicKeyOpenssh",
                "publicKeyFingerprintSha256",
                "publicKeyFingerprintMd5",
            ]) {
                assert.equal(fromPem[form], made[form], form);
                assert.equal(fromOpenssh[form], made[form], form);
            }
            const path = await file("key.pem", made.privateKeyPem);
            assert.equal(run("openssl", "pkey", "-in", path, "-pubout"), made.publicKeyPem);
        });

        it(`are certificates with ${name} keys that openssl verifies`, async () => {
            const { privateKeyPem } = await key(inputs);
            const { certRequestPem, keyAlgorithm } = await create("CertRequest", {
                privateKeyPem,
                subject: { commonName: "api" },
                dnsNames: ["api.example"],
                ipAddresses: ["10.0.0.4", "fd00::4"],
                uris: ["https://api.example/"],
            });
            assert.equal(keyAlgorithm, inputs.algorithm);
            const ca = await authority();
            const made = await create("LocallySignedCert", { ...ca, certRequestPem, ...server });
            assert.match(
                run(
                    "openssl",
                    "verify",
                    "-x509_strict",
                    "-purpose",
                    "sslserver",
                    "-CAfile",
                    await file("ca.pem", ca.caCertPem),
                    await file("c.pem", made.certPem),
                ),
                /OK/,
            );
            const certificate = new X509Certificate(made.certPem);
            assert.ok(certificate.checkPrivateKey(createPrivateKey(privateKeyPem)));
            assert.equal(certificate.checkHost("api.example"), "api.example");
            assert.equal(certificate.checkIP("10.0.0.4"), "10.0.0.4");
            assert.equal(
                certificate.subjectAltName,
                "DNS:api.example, IP Address:10.0.0.4, IP Address:FD00:0:0:0:0:0:0:4, URI:https://api.example/",
            );
            assert.equal(certificate.issuer, "O=Mainstay\nCN=authority");
            assert.equal(made.caKeyAlgorithm, "ECDSA");
        });
    }

    it("are read by ssh-keygen where there is one", async function () {
        try {
            run("which", "ssh-keygen");
        } catch {
            return this.skip();
        }
        for (const inputs of [
            { algorithm: "RSA" },
            { algorithm: "ECDSA", ecdsaCurve: "P521" },
            { algorithm: "ED25519" },
        ]) {
            const made = await key(inputs as Properties);
            const path = await file("id", made.privateKeyOpenssh);
            assert.equal(run("ssh-keygen", "-y", "-f", path).trim(), made.publicKeyOpenssh.trim());
            const shown = run("ssh-keygen", "-l", "-f", await file("id.pub", made.publicKeyOpenssh));
            assert.ok(shown.includes(made.publicKeyFingerprintSha256), shown);
        }
    });

    it("have no OpenSSH form for P224, which is the default curve and cannot sign here", async () => {
        const made = await key({ algorithm: "ECDSA" });
        assert.equal(made.ecdsaCurve, "P224");
        assert.equal(made.publicKeyOpenssh, "");
        const inputs = { privateKeyPem: made.privateKeyPem, ...server };
        await assert.rejects(
            create("SelfSignedCert", inputs),
            /P224 cannot sign in a rehearsal: set .*ecdsaCurve to P256/,
        );
    });

    it("sign themselves, with validity, uses and subject as asked for", async () => {
        const { privateKeyPem } = await key();
        const made = await create("SelfSignedCert", {
            privateKeyPem,
            subject: {
                commonName: "me",
                organization: "Größe & Söhne",
                country: "DE",
                streetAddresses: ["a 1", "b 2"],
            },
            setSubjectKeyId: true,
            setAuthorityKeyId: true,
            ...server,
        });
        const certificate = new X509Certificate(made.certPem);
        assert.ok(certificate.verify(certificate.publicKey));
        assert.equal(certificate.ca, false);
        assert.equal(certificate.subject, "C=DE\nO=Größe & Söhne\nstreet=a 1\nstreet=b 2\nCN=me");
        assert.equal(Date.parse(made.validityStartTime), Date.parse(certificate.validFrom));
        assert.equal(Date.parse(made.validityEndTime), Date.parse(certificate.validTo));
        assert.equal(Date.parse(made.validityEndTime) - Date.parse(made.validityStartTime), 12 * 3600 * 1000);
        const text = run("openssl", "x509", "-noout", "-text", "-in", await file("self.pem", made.certPem));
        assert.match(text, /Key Usage: critical\s+Digital Signature, Key Encipherment\n/);
        assert.match(text, /Extended Key Usage:\s+TLS Web Server Authentication\n/);
        assert.match(text, /Subject Key Identifier/);
        assert.match(text, /Authority Key Identifier/);
    });

    it("are authorities whose path length openssl holds against them", async () => {
        const root = await authority({ maxPathLength: 0 });
        const rootText = run("openssl", "x509", "-noout", "-text", "-in", await file("root.pem", root.caCertPem));
        assert.match(rootText, /Basic Constraints: critical\s+CA:TRUE, pathlen:0/);

        const sign = async (ca: Properties, commonName: string, inputs: Properties) => {
            const { privateKeyPem } = await key();
            const { certRequestPem } = await create("CertRequest", { privateKeyPem, subject: { commonName } });
            return {
                privateKeyPem,
                ...(await create("LocallySignedCert", { ...ca, certRequestPem, ...inputs })),
            } as Record<string, string>;
        };
        const middle = await sign(root, "middle", {
            isCaCertificate: true,
            allowedUses: ["cert_signing"],
            validityPeriodHours: 1,
        });
        const leaf = await sign({ caPrivateKeyPem: middle.privateKeyPem, caCertPem: middle.certPem }, "leaf", server);
        const verify = async () =>
            run(
                "openssl",
                "verify",
                "-CAfile",
                await file("root.pem", root.caCertPem),
                "-untrusted",
                await file("middle.pem", middle.certPem),
                await file("leaf.pem", leaf.certPem),
            );
        await assert.rejects(verify(), /path length constraint exceeded/);
    });

    it("are refused where the request was tampered with or is none", async () => {
        const ca = await authority();
        const { privateKeyPem } = await key();
        const { certRequestPem } = await create("CertRequest", { privateKeyPem, subject: { commonName: "honest" } });
        const der = Buffer.from(certRequestPem.replace(/-----.*-----|\s/g, ""), "base64");
        const at = der.indexOf("honest");
        der.write("crooks", at);
        const tampered = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString("base64")}\n-----END CERTIFICATE REQUEST-----\n`;
        await assert.rejects(
            create("LocallySignedCert", { ...ca, certRequestPem: tampered, ...server }),
            /not signed by the key/,
        );
        await assert.rejects(
            create("LocallySignedCert", { ...ca, certRequestPem: "x", ...server }),
            /certRequestPem is no/,
        );
    });

    it("say what is wrong with a key and do not show it", async () => {
        const inputs = {
            privateKeyPem: "-----BEGIN PRIVATE KEY-----\ngarbage\n-----END PRIVATE KEY-----\n",
            ...server,
        };
        await assert.rejects(create("SelfSignedCert", inputs), (error: Error) => {
            assert.match(error.message, /^privateKeyPem is no private key/);
            return !error.message.includes("garbage");
        });
    });

    it("are replaced by any change, but for the hours of early renewal", async () => {
        const before = { privateKeyPem: "k", ...server, subject: { commonName: "a" } };
        assert.deepEqual(await diff("SelfSignedCert", before, { ...before, subject: { commonName: "b" } }), {
            "subject.commonName": { kind: "update", replace: true },
        });
        assert.deepEqual(await diff("SelfSignedCert", before, { ...before, earlyRenewalHours: 1 }), {
            earlyRenewalHours: { kind: "add" },
        });
        assert.deepEqual(await diff("PrivateKey", { algorithm: "RSA" }, { algorithm: "ED25519" }), {
            algorithm: { kind: "update", replace: true },
        });
        assert.deepEqual(await diff("PrivateKey", { algorithm: "RSA" }, { algorithm: "RSA" }), {});
    });

    it("are due for renewal so many hours before their end, and not before", async () => {
        const { privateKeyPem } = await key();
        const inputs: Properties = { privateKeyPem, ...server };
        const made = await create("SelfSignedCert", inputs);
        const seen = async (earlyRenewalHours: number) => {
            const oldOutputs = { ...made, earlyRenewalHours };
            const read = await provider.read({ ...about("SelfSignedCert"), id: "x", oldInputs: inputs, oldOutputs });
            const entries = await diff("SelfSignedCert", inputs, inputs, oldOutputs);
            const due = await diff(
                "SelfSignedCert",
                { ...inputs, earlyRenewalHours },
                { ...inputs, earlyRenewalHours },
                oldOutputs,
            );
            assert.deepEqual(entries, {}, "what counts are the inputs of now");
            return [read!.outputs.readyForRenewal, due.readyForRenewal?.replace === true];
        };
        assert.deepEqual(await seen(11), [false, false]);
        assert.deepEqual(await seen(12), [true, true]);
    });

    it("take a key that is only written, and never show it", async () => {
        const { privateKeyPem } = await key();
        const made = await create("SelfSignedCert", {
            privateKeyPemWo: privateKeyPem,
            privateKeyPemWoVersion: 1,
            ...server,
        });
        assert.ok(made.certPem);
        assert.ok(!("privateKeyPemWo" in made));
        const before = { privateKeyPemWo: "a", privateKeyPemWoVersion: 1, ...server };
        assert.deepEqual(await diff("SelfSignedCert", before, { ...before, privateKeyPemWo: "b" }), {});
        const next = await diff("SelfSignedCert", before, { ...before, privateKeyPemWoVersion: 2 });
        assert.ok(next.privateKeyPemWoVersion.replace);
    });

    it("are unknown in a preview, and cannot be imported", async () => {
        const made = await create(
            "LocallySignedCert",
            { caCertPem: UNKNOWN, certRequestPem: UNKNOWN, ...server } as Properties,
            true,
        );
        assert.equal(made.certPem, UNKNOWN);
        assert.deepEqual(made.allowedUses, server.allowedUses);
        await assert.rejects(provider.read({ ...about("PrivateKey"), id: "x" }), /cannot be imported/);
    });

    it("are refused, with the property's name, where the inputs cannot be", async () => {
        const good = { privateKeyPem: "k", ...server };
        const refused: [string, Properties, string, RegExp][] = [
            ["PrivateKey", {}, "algorithm", /is required/],
            ["PrivateKey", { algorithm: "DSA" }, "algorithm", /is DSA; allowed are RSA, ECDSA, ED25519/],
            ["PrivateKey", { algorithm: "ECDSA", ecdsaCurve: "P255" }, "ecdsaCurve", /is P255/],
            ["SelfSignedCert", { ...good, allowedUses: ["serverAuth"] }, "allowedUses[0]", /allowed are .*server_auth/],
            ["SelfSignedCert", { ...good, ipAddresses: ["10.0.0.4", "api"] }, "ipAddresses[1]", /no IP address/],
            ["SelfSignedCert", { ...good, validityPeriodHours: -1 }, "validityPeriodHours", /at least 0/],
            ["SelfSignedCert", server, "privateKeyPem", /neither is/],
            ["CertRequest", { privateKeyPem: "k", privateKeyPemWo: "k" }, "privateKeyPem", /both are/],
        ];
        for (const [name, inputs, property, reason] of refused) {
            const failures = await check(name, inputs);
            assert.deepEqual(
                failures.map((failure) => failure.property),
                [property],
                JSON.stringify(inputs),
            );
            assert.match(failures[0].reason, reason);
        }
    });

    it("are described from their text, and not from a far address", async () => {
        const { caCertPem } = await authority();
        const getCertificate = functions["tls:index/getCertificate:getCertificate"];
        const { certificates } = (await getCertificate({ content: caCertPem })) as unknown as {
            certificates: Properties[];
        };
        const [{ isCa, subject, sha1Fingerprint, publicKeyAlgorithm, signatureAlgorithm }] = certificates;
        const fingerprint = new X509Certificate(caCertPem).fingerprint.replaceAll(":", "").toLowerCase();
        assert.deepEqual(
            { isCa, subject, sha1Fingerprint, publicKeyAlgorithm, signatureAlgorithm },
            {
                isCa: true,
                subject: "O=Mainstay, CN=authority",
                sha1Fingerprint: fingerprint,
                publicKeyAlgorithm: "ECDSA",
                signatureAlgorithm: "ECDSA-SHA256",
            },
        );
        await assert.rejects(
            getCertificate({ url: "https://example.com" }),
            /give getCertificate the certificates as content/,
        );
    });
});

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "yaml";
import { discoveryDocument, jwksUri } from "../../components/controlPlane/configuration";
import { startControlPlane, stopControlPlane, type ControlPlane } from "../../rehearsal/controlPlane";
import { keptPorts, layout, makePrivateFolder } from "../../rehearsal/controlPlane/folder";
import { prepareMaterial } from "../../rehearsal/controlPlane/material";
import { Rehearsal, type UpResult } from "../../rehearsal/engine";
import { KubernetesClient, type ApiError } from "../../rehearsal/kubernetes/client";
import { clientFor } from "../../rehearsal/kubernetes/kubeconfig";
import { secretsIn } from "../secretScan";
import { skip } from "../skip";

interface Generations {
    authorities: number[];
    administrator: number;
    encryptionKeys: number[];
    serviceAccountKeys: number[];
}

const certificates = join(__dirname, "..", "..", "components", "controlPlane", "certificates");
const apiName = "api.mainstay-test.internal";
const kinds = ["kubernetes", "etcd", "front-proxy"] as const;

const program = (generations: Generations) => ({
    "index.ts": `
        import { createCertificates } from ${JSON.stringify(certificates)};
        const made = createCertificates("control-plane", {
            site: { prefix: "mainstay-test" },
            apiServer: "https://${apiName}:6443",
            ...${JSON.stringify(generations)},
        }, {});
        export const { secrets, administratorKubeconfig, jwks, authorityBundle } = made;
    `,
});

/** From one authority to the next, and everything else of the second generation with it. */
const steps: Generations[] = [
    { authorities: [1], administrator: 1, encryptionKeys: [1], serviceAccountKeys: [1] },
    { authorities: [1, 2], administrator: 1, encryptionKeys: [1, 2], serviceAccountKeys: [1, 2] },
    { authorities: [2, 1], administrator: 2, encryptionKeys: [2, 1], serviceAccountKeys: [2, 1] },
    { authorities: [2], administrator: 2, encryptionKeys: [2], serviceAccountKeys: [2] },
];

type Secrets = Record<string, string>;
const certificatesIn = (pem: string): string[] =>
    pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
const decoded = (text: string) => Buffer.from(text, "base64").toString("utf8");

describe("keys and certificates of a control plane, on the real engine", function () {
    this.timeout(180_000);

    const rehearsal = new Rehearsal({ program: program(steps[0]) });
    const ups: UpResult[] = [];
    const secretsOf = (step: number) => ups[step].outputs.secrets as Secrets;
    let folder: string;

    before(async function () {
        try {
            execFileSync("openssl", ["version"], { stdio: "ignore" });
        } catch {
            skip(this, "openssl, which judges the certificates, is not installed");
        }
        folder = mkdtempSync(join(tmpdir(), "mainstay-certificates-test-"));
        const preview = await rehearsal.preview();
        assert.equal(preview.exitCode, 0, preview.stdout);
        for (const step of steps) {
            await rehearsal.change(program(step));
            const up = await rehearsal.up();
            assert.equal(up.exitCode, 0, up.stdout);
            ups.push(up);
        }
    });
    after(async () => {
        await rehearsal.remove();
        if (folder) await rm(folder, { recursive: true, force: true });
    });

    const write = (name: string, text: string) => {
        const path = join(folder, name);
        writeFileSync(path, text, { mode: 0o600 });
        return path;
    };
    const openssl = (...args: string[]) =>
        execFileSync("openssl", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
    const trusts = (bundle: string, leaf: string, purpose = "any") => {
        try {
            openssl("verify", "-purpose", purpose, "-CAfile", write("bundle.crt", bundle), write("leaf.crt", leaf));
            return true;
        } catch {
            return false;
        }
    };
    /** A certificate as kubeadm makes it: by the first of the bundle, with its key. */
    const leafOf = (secrets: Secrets, kind: string, name = "leaf") => {
        const key = join(folder, `${name}.key`);
        const request = join(folder, `${name}.csr`);
        openssl(
            "req",
            "-new",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-subj",
            `/CN=${name}`,
            "-keyout",
            key,
            "-out",
            request,
        );
        const [signing] = certificatesIn(secrets[`${kind}-ca-crt`]);
        const signed = ["-CA", write("ca.crt", signing), "-CAkey", write("ca.key", secrets[`${kind}-ca-key`])];
        const extensions = write(
            "extensions",
            `subjectAltName=DNS:${apiName}\nextendedKeyUsage=serverAuth,clientAuth\n`,
        );
        return openssl("x509", "-req", "-in", request, ...signed, "-days", "1", "-extfile", extensions);
    };

    it("makes three authorities, of one kind of key and nothing in common", () => {
        const secrets = secretsOf(0);
        const keys = new Set<string>();
        for (const kind of kinds) {
            const [pem, ...more] = certificatesIn(secrets[`${kind}-ca-crt`]);
            assert.equal(more.length, 0);
            const certificate = new X509Certificate(pem);
            assert.ok(certificate.ca);
            assert.ok(certificate.checkPrivateKey(createPrivateKey(secrets[`${kind}-ca-key`])));
            assert.equal(certificate.publicKey.asymmetricKeyDetails?.namedCurve, "prime256v1");
            const years = (Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / (365 * 24 * 3600_000);
            assert.equal(Math.round(years), 10);
            const usage = openssl("x509", "-in", write("ca.crt", pem), "-noout", "-ext", "keyUsage,basicConstraints");
            assert.match(usage, /Certificate Sign/);
            assert.match(usage, /CA:TRUE/);
            assert.doesNotMatch(usage, /Encipherment/);
            keys.add(secrets[`${kind}-ca-key`]);
            for (const other of kinds)
                assert.equal(
                    trusts(secrets[`${other}-ca-crt`], leafOf(secrets, kind)),
                    other === kind,
                    `${kind}, ${other}`,
                );
        }
        assert.equal(keys.size, 3);
    });

    it("puts the authority that signs first, and alone where one alone is taken", () => {
        for (const [step, { authorities }] of steps.entries()) {
            const secrets = secretsOf(step);
            for (const kind of kinds) {
                const names = certificatesIn(secrets[`${kind}-ca-crt`]).map((pem) => new X509Certificate(pem).subject);
                assert.deepEqual(
                    names,
                    authorities.map((generation) => `CN=mainstay-test-${kind}-${generation}`),
                );
            }
            const [first] = certificatesIn(secrets["kubernetes-ca-crt"]);
            assert.deepEqual(certificatesIn(secrets["kubernetes-ca-signing-crt"]), [first]);
            assert.equal(ups[step].outputs.authorityBundle, secrets["kubernetes-ca-crt"]);
        }
    });

    it("keeps the trust of every step in the next and in the one before", () => {
        for (const kind of kinds) {
            const leaves = steps.map((_step, index) => leafOf(secretsOf(index), kind));
            const bundles = steps.map((_step, index) => secretsOf(index)[`${kind}-ca-crt`]);
            for (const step of [0, 1, 2, 3]) {
                for (const near of [step - 1, step, step + 1])
                    if (bundles[near])
                        assert.ok(trusts(bundles[near], leaves[step]), `${kind}: leaf of ${step}, bundle of ${near}`);
            }
            // Steps there have to be: from the first to the last at once, nobody would know anybody.
            assert.ok(!trusts(bundles[3], leaves[0]));
            assert.ok(!trusts(bundles[0], leaves[3]));
        }
    });

    it("changes no authority that stays", () => {
        const both = certificatesIn(secretsOf(1)["kubernetes-ca-crt"]);
        assert.equal(both[0], certificatesIn(secretsOf(0)["kubernetes-ca-crt"])[0]);
        assert.deepEqual(certificatesIn(secretsOf(2)["kubernetes-ca-crt"]), [both[1], both[0]]);
        assert.equal(certificatesIn(secretsOf(3)["kubernetes-ca-crt"])[0], both[1]);
    });

    it("gives the administrator a certificate for a client, in a group whose rights can be taken back", () => {
        for (const [step, { administrator }] of steps.entries()) {
            const kubeconfig = parse(ups[step].outputs.administratorKubeconfig as string);
            const { user } = kubeconfig.users[0];
            const pem = decoded(user["client-certificate-data"]);
            const certificate = new X509Certificate(pem);
            assert.deepEqual(certificate.subject.split("\n").sort(), [
                `CN=mainstay-administrator-${administrator}`,
                "O=kubeadm:cluster-admins",
            ]);
            assert.ok(certificate.checkPrivateKey(createPrivateKey(decoded(user["client-key-data"]))));
            const days = (Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / (24 * 3600_000);
            assert.equal(Math.round(days), 365);
            const { cluster } = kubeconfig.clusters[0];
            assert.equal(cluster.server, `https://${apiName}:6443`);
            assert.equal(decoded(cluster["certificate-authority-data"]), secretsOf(step)["kubernetes-ca-crt"]);
            assert.ok(trusts(secretsOf(step)["kubernetes-ca-crt"], pem, "sslclient"));
            assert.ok(!trusts(secretsOf(step)["kubernetes-ca-crt"], pem, "sslserver"));
            assert.equal(secretsOf(step)["administrator-kubeconfig"], ups[step].outputs.administratorKubeconfig);
        }
        const keyOf = (step: number) =>
            parse(ups[step].outputs.administratorKubeconfig as string).users[0].user["client-key-data"];
        assert.equal(keyOf(1), keyOf(0));
        assert.notEqual(keyOf(2), keyOf(1));
    });

    it("signs service accounts' tokens with RSA, and publishes the keys of all", () => {
        for (const [step, { serviceAccountKeys }] of steps.entries()) {
            const secrets = secretsOf(step);
            const key = createPrivateKey(secrets["service-account-key"]);
            assert.equal(key.asymmetricKeyType, "rsa");
            const spki = (from: Parameters<typeof createPublicKey>[0]) =>
                createPublicKey(from).export({ type: "spki", format: "pem" });
            const publicKeys =
                secrets["service-account-pub"].match(/-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----\n/g) ??
                [];
            assert.equal(publicKeys.length, serviceAccountKeys.length);
            assert.equal(publicKeys[0], spki(key as any));
            const { keys } = JSON.parse(ups[step].outputs.jwks as string);
            assert.deepEqual(
                keys.map((jwk: any) => spki({ key: jwk, format: "jwk" })),
                publicKeys,
            );
        }
    });

    it("encrypts by the first key, and reads by those that are listed", () => {
        const keysOf = (step: number) =>
            parse(secretsOf(step).encryption).resources[0].providers[0].secretbox.keys as {
                name: string;
                secret: string;
            }[];
        assert.deepEqual(
            steps.map((_step, index) => keysOf(index).map(({ name }) => name)),
            [["key-1"], ["key-1", "key-2"], ["key-2", "key-1"], ["key-2"]],
        );
        const [one, two] = keysOf(1);
        assert.deepEqual([keysOf(0)[0], keysOf(2), keysOf(3)[0]], [one, [two, one], two]);
        assert.notEqual(one.secret, two.secret);
        for (const { secret } of [one, two]) assert.equal(Buffer.from(secret, "base64").length, 32);
    });

    it("does nothing where nothing changed", async () => {
        const { changes } = await rehearsal.up();
        assert.deepEqual(Object.keys(changes), ["same"]);
    });

    it("leaves no key in the state, in what is shown, or in the names of things", async () => {
        const state = await rehearsal.state();
        const shown = [JSON.stringify(state), ...ups.map((up) => up.stdout + JSON.stringify(up.events))].join("\n");
        assert.deepEqual(secretsIn(shown), []);
        // What is private of every key, whatever it is wrapped in: a curve's key begins with it and ends with the public
        // part; RSA's begins with the public part.
        const last = secretsOf(3);
        const bodyOf = (pem: string) => pem.split("\n").filter((line) => line !== "" && !line.includes("-----"));
        const { secretbox } = parse(last.encryption).resources[0].providers[0];
        const keys: string[] = [
            ...kinds.map((kind) => bodyOf(last[`${kind}-ca-key`])[0]),
            ...bodyOf(last["service-account-key"]).slice(13),
            ...secretbox.keys.map((key: { secret: string }) => key.secret),
            parse(last["administrator-kubeconfig"]).users[0].user["client-key-data"],
        ];
        assert.ok(keys.length > 10);
        for (const key of keys) assert.ok(!shown.includes(key), "a key is there in the clear");
        assert.ok(shown.includes(JSON.parse(ups[3].outputs.jwks as string).keys[0].kid), "what is public is found");
        // What only drawn numbers are made of is no ID of its own.
        for (const { id, type } of state.deployment.resources ?? [])
            if (type === "random:index/randomPassword:RandomPassword") assert.equal(id, "none");
    });

    describe("in a real API server", () => {
        const issuer = "https://issuer0123456789abc.z6.web.core.windows.net";
        let plane: ControlPlane;
        let rehearsed: KubernetesClient;
        let administrator: KubernetesClient;

        before(async () => {
            // The step in the middle: two of everything.
            const secrets = secretsOf(1);
            const cluster = join(folder, "cluster");
            makePrivateFolder(cluster);
            const place = layout(cluster);
            const ports = await keptPorts(place.ports);
            const material = await prepareMaterial(place, ports);
            const pki = join(folder, "pki");
            mkdirSync(pki, { mode: 0o700 });
            const file = (name: string, text: string) => {
                writeFileSync(join(pki, name), text, { mode: 0o600 });
                return join(pki, name);
            };
            const own = readFileSync(material.authority.certificate, "utf8");
            const serving = file("server.crt", leafOf(secrets, "kubernetes", "server"));
            const servingKey = file("server.key", readFileSync(join(folder, "server.key"), "utf8"));
            plane = await startControlPlane(cluster, {
                flags: {
                    apiServer: {
                        "client-ca-file": file("ca.crt", own + secrets["kubernetes-ca-crt"]),
                        "tls-sni-cert-key": `${serving},${servingKey}:${apiName}`,
                        "service-account-key-file": file("sa.pub", secrets["service-account-pub"]),
                        "service-account-signing-key-file": file("sa.key", secrets["service-account-key"]),
                        "service-account-issuer": issuer,
                        "service-account-jwks-uri": jwksUri(issuer),
                    },
                    controllerManager: {
                        "service-account-private-key-file": join(pki, "sa.key"),
                        "cluster-signing-cert-file": file("ca-signing.crt", secrets["kubernetes-ca-signing-crt"]),
                        "cluster-signing-key-file": file("ca.key", secrets["kubernetes-ca-key"]),
                    },
                },
            });
            rehearsed = clientFor(plane.kubeconfig);
            const kubeconfig = parse(ups[1].outputs.administratorKubeconfig as string);
            administrator = new KubernetesClient({
                server: plane.server,
                serverName: apiName,
                authority: decoded(kubeconfig.clusters[0].cluster["certificate-authority-data"]),
                certificate: decoded(kubeconfig.users[0].user["client-certificate-data"]),
                key: decoded(kubeconfig.users[0].user["client-key-data"]),
            });
        });
        after(async () => {
            rehearsed?.close();
            administrator?.close();
            if (folder) await stopControlPlane(join(folder, "cluster"));
        });

        it("publishes the very documents that the server itself serves", async () => {
            const served = (await rehearsed.request("GET", "/openid/v1/jwks", { accept: "*/*" })).body;
            const published = JSON.parse(ups[1].outputs.jwks as string);
            const byId = (keys: { kid: string }[]) => [...keys].sort((a, b) => a.kid.localeCompare(b.kid));
            assert.deepEqual(byId(published.keys), byId(served.keys));
            assert.equal(published.keys.length, 2);
            assert.deepEqual(
                JSON.parse(discoveryDocument(issuer)),
                await rehearsed.get("/.well-known/openid-configuration"),
            );
        });

        it("lets the administrator in by the binding of its group, and no longer than that", async () => {
            const path = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";
            const name = "kubeadm:cluster-admins";
            const api = "rbac.authorization.k8s.io";
            await assert.rejects(administrator.get("/api/v1/secrets"), (error: ApiError) => error.code === 403);
            const body = {
                apiVersion: `${api}/v1`,
                kind: "ClusterRoleBinding",
                metadata: { name },
                roleRef: { apiGroup: api, kind: "ClusterRole", name: "cluster-admin" },
                subjects: [{ apiGroup: api, kind: "Group", name }],
            };
            await rehearsed.request("POST", path, { body });
            await settled(async () => !!(await administrator.get("/api/v1/secrets")).items);
            await rehearsed.request("DELETE", `${path}/${name}`);
            await settled(() =>
                administrator.get("/api/v1/secrets").then(
                    () => false,
                    (error: ApiError) => error.code === 403,
                ),
            );
        });

        it("signs nodes' certificates by the first authority, with two to trust", async () => {
            const key = join(folder, "node.key");
            const subject = ["-subj", "/O=system:nodes/CN=system:node:n1"];
            const request = openssl(
                "req",
                "-new",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                ...subject,
                "-keyout",
                key,
            );
            const path = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
            const body = {
                apiVersion: "certificates.k8s.io/v1",
                kind: "CertificateSigningRequest",
                metadata: { name: "n1" },
                spec: {
                    request: Buffer.from(request).toString("base64"),
                    signerName: "kubernetes.io/kube-apiserver-client-kubelet",
                    usages: ["digital signature", "client auth"],
                },
            };
            const made = (await rehearsed.request("POST", path, { body })).body;
            made.status = { conditions: [{ type: "Approved", status: "True", reason: "Test", message: "test" }] };
            await rehearsed.request("PUT", `${path}/n1/approval`, { body: made });
            let certificate = "";
            await settled(async () => {
                certificate = decoded((await rehearsed.get(`${path}/n1`)).status.certificate ?? "");
                return certificate !== "";
            });
            assert.equal(new X509Certificate(certificate).issuer, "CN=mainstay-test-kubernetes-1");
            assert.ok(trusts(secretsOf(2)["kubernetes-ca-crt"], certificate, "sslclient"));
        });
    });
});

/** Asks until it is so: what was bound a moment ago is not known everywhere at once. */
async function settled(condition: () => Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 100; tries++) {
        if (await condition().catch(() => false)) return;
        await sleep(100);
    }
    assert.fail("it never came to that");
}

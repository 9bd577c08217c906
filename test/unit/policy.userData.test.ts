import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import * as fc from "fast-check";
import {
    type ControlPlaneFacts,
    controlPlaneBundle,
    customData,
    bootCommand,
    releases,
    workerBundle,
} from "../../components/controlPlane/boot";
import { packFiles, scriptFiles } from "../../components/controlPlane/boot/bundle";
import { controlPlaneFiles, workerFiles } from "../../components/controlPlane/configuration";
import { leaksIn } from "../../policy/leaks";
import { filesOf } from "../../policy/packedFiles";
import { judge } from "../policy/judge";

const MACHINE = "azure-native:compute:VirtualMachine";
const SCALE_SET = "azure-native:compute:VirtualMachineScaleSet";
const RULE = "user-data-without-secrets";
const tags = { "mainstay-role": "control-plane" };

const pem = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
    type: "pkcs8",
    format: "pem",
}) as string;
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({
    type: "pkcs1",
    format: "pem",
}) as string;
const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64");
const jwt = ['{"alg":"RS256"}', '{"sub":"system:admin"}', randomBytes(64)]
    .map((part) => Buffer.from(part).toString("base64url"))
    .join(".");
const accountKey = randomBytes(64).toString("base64");

const facts: ControlPlaneFacts = {
    cluster: "mainstay-test",
    zone: "1",
    kubernetesVersion: releases["1.35"].kubernetes,
    apiName: "api.mainstay-test.internal",
    joinVaultUrl: "https://join.vault.azure.net",
    machine: "mainstay-test-cp-1",
    generation: 1,
    nodeAddress: "10.64.0.132",
    apiAddress: "10.64.0.4",
    peers: [{ name: "mainstay-test-cp-1", address: "10.64.0.132" }],
    vaultUrl: "https://secrets.vault.azure.net",
    secretFiles: {
        "kubernetes-ca-key": "/etc/kubernetes/pki/ca.key",
        "service-account-key": "/etc/kubernetes/pki/sa.key",
        encryption: "/etc/kubernetes/mainstay/encryption.yaml",
    },
    stateUrl: "https://state.blob.core.windows.net/cluster",
    snapshotUrl: "https://etcd.blob.core.windows.net/snapshots",
    issuerUrl: "https://issuer.z6.web.core.windows.net",
    issuerBlobUrl: "https://issuer.blob.core.windows.net",
};

/** What the project's own machines are given: with public keys and sums, and scripts that speak of tokens on every line. */
function ownFiles(): Record<string, string> {
    const jwk = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({ format: "jwk" });
    const plan = {
        ...facts,
        resourceGroupName: "mainstay-test-cluster",
        apiPort: 6443,
        podCidr: "192.168.0.0/16",
        serviceCidr: "10.0.0.0/16",
        dnsServiceIP: "10.0.0.10",
        tenantId: "11111111-2222-3333-4444-555555555555",
        signInClientId: "66666666-2222-3333-4444-555555555555",
        machines: [{ name: facts.machine, address: facts.nodeAddress }],
    };
    return {
        ...controlPlaneFiles(plan as never, { name: facts.machine, address: facts.nodeAddress }),
        "issuer/jwks": JSON.stringify({
            keys: [{ ...jwk, kid: "GX4mCUMqFAPlwGpYl9Kj3xAAUzcXrT6Xeq5rUqZpyhQ", use: "sig" }],
        }),
    };
}

/** Each with what it is taken for. */
const secrets: [string, string, RegExp][] = [
    ["a key of PKCS 8", pem, /private key/],
    ["a key of PKCS 1", rsa, /private key/],
    ["a key in a kubeconfig", `users:\n- user:\n    client-key-data: ${base64(pem)}\n`, /private key/],
    ["a key in one line of JSON", JSON.stringify({ key: pem }), /private key/],
    [
        "a key in a compressed file of cloud-init",
        `encoding: gz+b64\ncontent: ${base64(gzipSync(rsa))}\n`,
        /private key/,
    ],
    ["a service account's token", `kubectl --token ${jwt}`, /signed token/],
    ["a bootstrap token", "kubeadm join --token 8ewj1p.9r9hcjoqgajrj4gi api:6443", /bootstrap token/],
    ["a bearer token", `curl -H 'Authorization: Bearer ${randomBytes(24).toString("hex")}'`, /bearer token/],
    [
        "a connection string",
        `CONNECTION='DefaultEndpointsProtocol=https;AccountName=etcd;AccountKey=${accountKey};EndpointSuffix=core.windows.net'`,
        /key of an account/,
    ],
    ["an account's key by itself", `azcopy ${accountKey}`, /key of an account/],
    [
        "a shared access signature",
        `https://a.blob.core.windows.net/c?sv=2024-05-04&sig=${encodeURIComponent(randomBytes(32).toString("base64"))}`,
        /shared access/,
    ],
    ["a client secret", `AZURE_CLIENT_SECRET=abc8Q~${"a1B2c3D4".repeat(4)}`, /client secret/],
    ["a database's address", `postgres://app:${"hunter2"}@db.internal/app`, /address with a password/],
    ["a password in shell", "export DB_PASSWORD='hunter2'", /password/],
    ["a password in YAML", "  password: hunter2\n", /password/],
    ["a key of encryption at rest", `      secret: ${randomBytes(32).toString("base64")}\n`, /secret/],
];

describe("policy: secrets in user data", () => {
    const own = controlPlaneBundle(facts, ownFiles());

    it("finds none in what the project's own machines are given", () => {
        const worker = workerBundle(
            { ...facts, pool: "general1" },
            workerFiles(
                { tenantId: "11111111-2222-3333-4444-555555555555" },
                { name: "general1", labels: {}, taints: [], maxPods: 110, registry: "team.azurecr.io" },
            ),
        );
        assert.ok(filesOf(own).length > 20 && filesOf(worker).length > 10, "they were unpacked");
        const machine = (userData: string) => ({ userData, osProfile: { customData }, tags });
        for (const rule of [RULE, "etcd-snapshots-scheduled", "entra-sign-in"]) {
            const { outcome, findings } = judge(rule, MACHINE, machine(own));
            assert.equal(outcome, "passed", `${rule}: ${findings[0]?.message}`);
        }
        const { outcome, findings } = judge(RULE, SCALE_SET, { virtualMachineProfile: machine(worker) });
        assert.equal(outcome, "passed", findings[0]?.message);
        const boot = { settings: { commandToExecute: bootCommand } };
        assert.equal(judge(RULE, "azure-native:compute:VirtualMachineExtension", boot).outcome, "passed");
    });

    for (const [name, text, what] of secrets) {
        it(`finds ${name}, however it is packed, and does not repeat it`, () => {
            const script = scriptFiles()["boot.sh"];
            const packings = {
                text: base64(`${script}\n${text}\n`),
                compressed: base64(gzipSync(`${script}\n${text}\n`)),
                "compressed archive": packFiles("test", { ...scriptFiles(), "etc/planted": text }),
                archive: base64(uncompressed(packFiles("test", { "boot.sh": script, "etc/planted": text }))),
            };
            for (const [packing, data] of Object.entries(packings)) {
                for (const props of [{ userData: data }, { userData: own, osProfile: { customData: data } }]) {
                    const { outcome, findings } = judge(RULE, MACHINE, props);
                    assert.equal(outcome, "refused", packing);
                    assert.match(findings[0].message, what);
                    assert.ok(!findings[0].message.includes(text.slice(-20).trim()));
                    if (packing.includes("archive")) assert.match(findings[0].message, /etc\/planted in/);
                }
            }
        });
    }

    it("a name of a secret, or a variable, is none", () => {
        for (const text of [
            "JOIN_SECRET='discovery'",
            "PASSWORD=$(secret_get admin)",
            `token="$\{1:?a token}"`,
            "lock_passwd: true",
            "passwordFile: /run/secrets/password",
            "grep -q -- '-----BEGIN EC PRIVATE KEY-----' /etc/kubernetes/pki/ca.key",
            "bootstrap token: abcdef.<secret>",
            "sha512-" + randomBytes(64).toString("base64"),
            "registry.k8s.io/kube-apiserver@sha256:" + randomBytes(32).toString("hex"),
            "client-certificate-data: " +
                base64("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n".repeat(3)),
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBcV0Jm1p0Yz8vX3mFQx0kZz1O8aZC5N3y8m1c1yq3kQ",
        ]) {
            assert.deepEqual(leaksIn(text), [], text);
        }
    });

    it("whatever machines are given is judged, never a reason to fail", () => {
        fc.assert(
            fc.property(fc.oneof(fc.uint8Array({ maxLength: 2000 }), fc.string().map(Buffer.from)), (bytes) => {
                for (const data of [Buffer.from(bytes), Buffer.concat([Buffer.from([0x1f, 0x8b]), bytes])]) {
                    filesOf(data.toString("base64")).forEach(({ text }) => leaksIn(text));
                }
            }),
        );
    });
});

function uncompressed(data: string): Buffer {
    return gunzipSync(Buffer.from(data, "base64"));
}

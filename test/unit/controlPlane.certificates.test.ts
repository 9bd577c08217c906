import assert from "node:assert/strict";
import { createHash, createPublicKey, createSign, createVerify, generateKeyPairSync } from "node:crypto";
import { parse } from "yaml";
import {
    createCertificates,
    keyId,
    keySet,
    peopleKubeconfig,
    secretFiles,
} from "../../components/controlPlane/certificates";

const keyPair = () =>
    generateKeyPairSync("rsa", {
        modulusLength: 2048,
        publicKeyEncoding: { type: "spki", format: "pem" },
        privateKeyEncoding: { type: "pkcs1", format: "pem" },
    });

describe("the issuer's keys", () => {
    const [first, second] = [keyPair(), keyPair()];

    it("check what the private key signed, read as anybody reads them", () => {
        const [jwk] = JSON.parse(keySet([first.publicKey])).keys;
        const signature = createSign("RSA-SHA256").update("claims").sign(first.privateKey);
        const key = createPublicKey({ key: jwk, format: "jwk" });
        assert.ok(createVerify("RSA-SHA256").update("claims").verify(key, signature));
        assert.equal(jwk.d, undefined);
    });

    it("are all there, each under a name of its own, the one that signs first", () => {
        const { keys } = JSON.parse(keySet([first.publicKey, second.publicKey]));
        assert.deepEqual(
            keys.map(({ kid }: { kid: string }) => kid),
            [keyId(first.publicKey), keyId(second.publicKey)],
        );
        const der = Buffer.from(first.publicKey.replace(/-----.*-----|\s/g, ""), "base64");
        assert.equal(keyId(first.publicKey), createHash("sha256").update(der).digest("base64url"));
        assert.doesNotMatch(keyId(first.publicKey), /[+/=]/);
    });
});

describe("people's kubeconfig", () => {
    const kubeconfig = parse(
        peopleKubeconfig({
            cluster: "mainstay-prod",
            server: "https://api.mainstay-prod.internal:6443",
            authority: "-----BEGIN CERTIFICATE-----\n",
            clientId: "22222222-2222-4222-8222-222222222222",
            tenantId: "11111111-1111-4111-8111-111111111111",
        }),
    );

    it("signs in through kubelogin, for the application that the API server takes tokens for", () => {
        const { command, args } = kubeconfig.users[0].user.exec;
        assert.equal(command, "kubelogin");
        assert.equal(
            args.join(" "),
            "get-token --environment AzurePublicCloud --server-id 22222222-2222-4222-8222-222222222222 " +
                "--client-id 22222222-2222-4222-8222-222222222222 --tenant-id 11111111-1111-4111-8111-111111111111",
        );
    });

    it("holds no credential", () => {
        assert.deepEqual(Object.keys(kubeconfig.users[0].user), ["exec"]);
        const { user, cluster } = kubeconfig.contexts[0].context;
        assert.deepEqual([user, cluster], [kubeconfig.users[0].name, kubeconfig.clusters[0].name]);
        assert.equal(kubeconfig["current-context"], kubeconfig.contexts[0].name);
    });
});

describe("the secrets of a control plane", () => {
    it("have names that Key Vault takes, and places of their own", () => {
        for (const name of Object.keys(secretFiles)) assert.match(name, /^[0-9a-zA-Z-]{1,127}$/);
        const places: string[] = Object.values(secretFiles);
        assert.equal(new Set(places).size, places.length);
        assert.ok(!("administrator-kubeconfig" in secretFiles), "no machine gets the administrator's certificate");
    });

    it("need every list to name a generation, and each once", () => {
        const make = (authorities: number[]) => () =>
            createCertificates(
                "control-plane",
                {
                    site: { prefix: "p" },
                    apiServer: "https://a:6443",
                    authorities,
                    administrator: 1,
                    encryptionKeys: [1],
                },
                {},
            );
        assert.throws(make([]), /authorities is \[\]/);
        assert.throws(make([1, 1]), /authorities is \[1, 1\].*each once/);
    });
});

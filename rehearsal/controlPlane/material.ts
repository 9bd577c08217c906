import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { aksServerApplication, signInHost, type SignIn } from "../kubelogin/token";
import { createAuthority, createServiceAccountKeys, readAuthority, type Authority, type KeyPair } from "./certificates";
import type { CertificateFiles } from "./flags";
import { makePrivateFolder, writeJson, writePrivate, type Layout, type Ports } from "./folder";

/** Members may do everything, as the members of an AKS cluster's admin groups may. */
export const adminGroup = "rehearsal-cluster-admins";

export const podAddressRange = "10.244.0.0/16";
export const serviceAddressRange = "10.96.0.0/16";
export const serviceAddressOfApi = "10.96.0.1";

export interface Material {
    authority: CertificateFiles;
    apiServer: CertificateFiles;
    etcd: CertificateFiles;
    issuer: CertificateFiles;
    /** In `system:masters`: for the rehearsal's own bootstrap and simulators, never handed out. */
    bootstrap: CertificateFiles;
    serviceAccounts: { issuer: string; publicKey: string; privateKey: string };
    signInKeys: { publicKey: string; privateKey: string };
    kubeconfigs: { bootstrap: string; controllerManager: string; scheduler: string; kwok: string };
}

/** Certificates, keys, tokens and kubeconfigs; made on the first start and kept. */
export async function prepareMaterial(place: Layout, ports: Ports): Promise<Material> {
    const pair = (name: string): CertificateFiles => ({
        certificate: join(place.pki, `${name}.crt`),
        key: join(place.pki, `${name}.key`),
    });
    const keys = (name: string) => ({
        publicKey: join(place.pki, `${name}.pub`),
        privateKey: join(place.pki, `${name}.key`),
    });
    const kubeconfigFor = (name: string) => join(place.pki, `${name}.kubeconfig`);
    const server = `https://127.0.0.1:${ports.apiServer}`;
    const material: Material = {
        authority: pair("authority"),
        apiServer: pair("api-server"),
        etcd: pair("etcd"),
        issuer: pair("entra"),
        bootstrap: pair("bootstrap"),
        serviceAccounts: { issuer: server, ...keys("service-accounts") },
        signInKeys: keys("sign-in"),
        kubeconfigs: {
            bootstrap: kubeconfigFor("bootstrap"),
            controllerManager: kubeconfigFor("controller-manager"),
            scheduler: kubeconfigFor("scheduler"),
            kwok: kubeconfigFor("kwok"),
        },
    };
    // Written last: where it exists, all else does.
    if (existsSync(place.apiServer)) {
        // But for this one, which rehearsals that were kept earlier lack.
        if (!existsSync(material.issuer.certificate))
            writePair(material.issuer, await signIssuer(await readAuthority(readPair(material.authority))));
        return material;
    }

    makePrivateFolder(place.pki);
    const authority = await createAuthority("mainstay-rehearsal");
    writePair(material.authority, authority);

    const loopback = { addresses: ["127.0.0.1", "::1"] };
    const clusterNames = ["kubernetes", "kubernetes.default", "kubernetes.default.svc"];
    writePair(
        material.apiServer,
        await authority.sign({
            commonName: "kube-apiserver",
            names: ["localhost", ...clusterNames, "kubernetes.default.svc.cluster.local", "*.azmk8s.io"],
            addresses: [...loopback.addresses, serviceAddressOfApi],
        }),
    );
    writePair(material.etcd, await authority.sign({ commonName: "etcd", names: ["localhost"], ...loopback }));
    writePair(material.issuer, await signIssuer(authority));

    const client = async (path: string, commonName: string, organizations: string[]): Promise<KeyPair> => {
        const pair = await authority.sign({ commonName, organizations });
        writePrivate(path, kubeconfig(server, authority.certificate, certificateUser(pair)));
        return pair;
    };
    writePair(
        material.bootstrap,
        await client(material.kubeconfigs.bootstrap, "rehearsal-bootstrap", ["system:masters"]),
    );
    await client(material.kubeconfigs.controllerManager, "system:kube-controller-manager", []);
    await client(material.kubeconfigs.scheduler, "system:kube-scheduler", []);
    await client(material.kubeconfigs.kwok, "rehearsal-kwok", ["system:masters"]);

    for (const files of [material.serviceAccounts, material.signInKeys]) {
        const made = createServiceAccountKeys();
        writePrivate(files.privateKey, made.privateKey);
        writePrivate(files.publicKey, made.publicKey);
    }

    const adminToken = randomBytes(32).toString("hex");
    writePrivate(place.adminToken, adminToken);
    writePrivate(place.tokens, `${adminToken},rehearsal-admin,rehearsal-admin,"${adminGroup}"\n`);
    writePrivate(place.kubeconfig, kubeconfig(server, authority.certificate, { token: adminToken }));

    const signIn: SignIn = {
        issuer: `https://127.0.0.1:${ports.issuer}/rehearsal/v2.0`,
        privateKey: material.signInKeys.privateKey,
        keyId: "rehearsal",
        user: "person@rehearsal.example",
    };
    writeJson(place.signIn, signIn);
    writeJson(place.authenticationConfiguration, authentication(signIn, authority.certificate));
    writePrivate(
        place.personKubeconfig,
        kubeconfig(server, authority.certificate, {
            exec: {
                apiVersion: "client.authentication.k8s.io/v1beta1",
                command: join(place.bin, "kubelogin"),
                args: ["get-token", "--login", "azurecli", "--server-id", aksServerApplication],
                interactiveMode: "Never",
                provideClusterInfo: false,
            },
        }),
    );
    writeJson(place.apiServer, {
        server,
        certificateAuthority: material.authority.certificate,
        adminToken: place.adminToken,
        kubeconfig: place.kubeconfig,
        personKubeconfig: place.personKubeconfig,
        proxy: `http://127.0.0.1:${ports.door}`,
    });
    return material;
}

/** People come with the issuer's tokens, as they come with Entra's on AKS; nobody may ask anything but for health unnamed. */
function authentication({ issuer }: SignIn, certificateAuthority: string): unknown {
    return {
        apiVersion: "apiserver.config.k8s.io/v1",
        kind: "AuthenticationConfiguration",
        jwt: [
            {
                issuer: { url: issuer, audiences: [aksServerApplication], certificateAuthority },
                claimMappings: {
                    username: { claim: "upn", prefix: "" },
                    groups: { claim: "groups", prefix: "" },
                },
            },
        ],
        anonymous: { enabled: true, conditions: ["/livez", "/readyz", "/healthz"].map((path) => ({ path })) },
    };
}

/** It is asked by Entra's name, and on AKS's behalf at loopback. */
function signIssuer(authority: Authority): Promise<KeyPair> {
    return authority.sign({ commonName: signInHost, names: [signInHost], addresses: ["127.0.0.1"] });
}

function readPair(files: CertificateFiles): KeyPair {
    return { certificate: readFileSync(files.certificate, "utf8"), key: readFileSync(files.key, "utf8") };
}

function writePair(files: CertificateFiles, pair: KeyPair): void {
    writeFileSync(files.certificate, pair.certificate + "\n");
    writePrivate(files.key, pair.key);
    chmodSync(files.certificate, 0o644);
}

function certificateUser(pair: KeyPair): Record<string, unknown> {
    return {
        "client-certificate-data": Buffer.from(pair.certificate).toString("base64"),
        "client-key-data": Buffer.from(pair.key).toString("base64"),
    };
}

function kubeconfig(server: string, authority: string, user: Record<string, unknown>): string {
    const name = "mainstay-rehearsal";
    const content = {
        apiVersion: "v1",
        kind: "Config",
        clusters: [
            { name, cluster: { server, "certificate-authority-data": Buffer.from(authority).toString("base64") } },
        ],
        users: [{ name, user }],
        contexts: [{ name, context: { cluster: name, user: name } }],
        "current-context": name,
    };
    return JSON.stringify(content, undefined, 4) + "\n"; // JSON is YAML
}

import * as pulumi from "@pulumi/pulumi";
import { PrivateKey } from "@pulumi/tls";
import type { Site } from "../../site";
import { apiServerFolder, encryptionConfiguration, signingCertificate } from "../configuration";
import { createAdministrator } from "./administrator";
import { createAuthorities, type AuthorityKind } from "./authorities";
import { createEncryptionKeys } from "./encryptionKeys";
import { certificateKubeconfig } from "./kubeconfig";
import { createServiceAccountKeys } from "./serviceAccounts";

/** Lists of generations: the first is used, all are trusted. Numbers are never used again. */
export interface CertificatesArgs {
    site: Pick<Site, "prefix">;
    /** Where the deployment reaches the API: `https://host:port`. */
    apiServer: string;
    authorities: number[];
    /** Generation of the administrator's certificate: another number makes another one. */
    administrator: number;
    encryptionKeys: number[];
    /** Of the keys that sign service accounts' tokens. @default [1] */
    serviceAccountKeys?: number[];
}

export interface Certificates {
    /** What goes into the vault, by name; all secret. */
    secrets: Record<SecretName, pulumi.Output<string>>;
    /** Where machines put what they need of it. */
    secretFiles: typeof secretFiles;
    /** The deployment's own; secret. */
    administratorKubeconfig: pulumi.Output<string>;
    /** Public keys of service accounts' tokens, as published. */
    jwks: pulumi.Output<string>;
    /** Certificates of all of Kubernetes' authorities, for whoever has to know the API server. */
    authorityBundle: pulumi.Output<string>;
}

const pki = "/etc/kubernetes/pki";

/** Names in the vault, and where on a machine of the control plane each belongs. */
export const secretFiles = {
    "kubernetes-ca-crt": `${pki}/ca.crt`,
    "kubernetes-ca-key": `${pki}/ca.key`,
    "kubernetes-ca-signing-crt": signingCertificate,
    "etcd-ca-crt": `${pki}/etcd/ca.crt`,
    "etcd-ca-key": `${pki}/etcd/ca.key`,
    "front-proxy-ca-crt": `${pki}/front-proxy-ca.crt`,
    "front-proxy-ca-key": `${pki}/front-proxy-ca.key`,
    "service-account-key": `${pki}/sa.key`,
    "service-account-pub": `${pki}/sa.pub`,
    "etcd-snapshot-key": `${pki}/etcd-snapshot.key`,
    encryption: `${apiServerFolder}/encryption.yaml`,
} as const;

/** Beside what machines need, what people need when all else fails. */
export type SecretName = keyof typeof secretFiles | "administrator-kubeconfig";

/** Every key of a cluster, made by the program: kubeconfigs are known before any machine is there. */
export function createCertificates(
    name: string,
    args: CertificatesArgs,
    child: pulumi.CustomResourceOptions,
): Certificates {
    const cluster = args.site.prefix;
    const authoritiesOf = (kind: AuthorityKind) =>
        createAuthorities(name, { cluster, kind, generations: distinct("authorities", args.authorities) }, child);
    const kubernetes = authoritiesOf("kubernetes");
    const etcd = authoritiesOf("etcd");
    const frontProxy = authoritiesOf("front-proxy");
    const serviceAccounts = createServiceAccountKeys(
        name,
        distinct("serviceAccountKeys", args.serviceAccountKeys ?? [1]),
        child,
    );
    // Every snapshot is encrypted to it: no generations, since old snapshots would need the old ones.
    const snapshotKey = new PrivateKey(`${name}-etcd-snapshot-key`, { algorithm: "RSA", rsaBits: 3072 }, child);
    const encryptionKeys = createEncryptionKeys(name, distinct("encryptionKeys", args.encryptionKeys), child);
    const administrator = createAdministrator(name, { generation: args.administrator, authorities: kubernetes }, child);

    const administratorKubeconfig = pulumi.secret(
        pulumi
            .all([kubernetes.bundle, administrator.certificate, administrator.key])
            .apply(([authority, certificate, key]) =>
                certificateKubeconfig({ cluster, server: args.apiServer, authority }, { certificate, key }),
            ),
    );
    const secrets: Record<SecretName, pulumi.Output<string>> = {
        "kubernetes-ca-crt": kubernetes.bundle,
        "kubernetes-ca-key": kubernetes.key,
        "kubernetes-ca-signing-crt": kubernetes.signing,
        "etcd-ca-crt": etcd.bundle,
        "etcd-ca-key": etcd.key,
        "front-proxy-ca-crt": frontProxy.bundle,
        "front-proxy-ca-key": frontProxy.key,
        "service-account-key": serviceAccounts.key,
        "service-account-pub": serviceAccounts.publicKeys,
        "etcd-snapshot-key": snapshotKey.privateKeyPem,
        encryption: encryptionKeys.apply(encryptionConfiguration),
        "administrator-kubeconfig": administratorKubeconfig,
    };
    return {
        secrets: Object.fromEntries(
            Object.entries(secrets).map(([secret, value]) => [secret, pulumi.secret(value)]),
        ) as typeof secrets,
        secretFiles,
        administratorKubeconfig,
        jwks: serviceAccounts.jwks,
        authorityBundle: kubernetes.bundle,
    };
}

function distinct(setting: string, generations: number[]): number[] {
    if (generations.length === 0 || new Set(generations).size < generations.length)
        throw new Error(
            `${setting} is [${generations.join(", ")}]; it has to name at least one generation, and each once`,
        );
    return generations;
}

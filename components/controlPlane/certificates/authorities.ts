import * as pulumi from "@pulumi/pulumi";
import { PrivateKey, SelfSignedCert } from "@pulumi/tls";

/** Certificates that a cluster's programs trust each other by: each kind has authorities of its own. */
export type AuthorityKind = "kubernetes" | "etcd" | "front-proxy";

/** Authorities of one kind, of every generation that the settings list. */
export interface Authorities {
    /** Certificate of the one that signs. */
    signing: pulumi.Output<string>;
    /** Key of the one that signs; secret. */
    key: pulumi.Output<string>;
    /** All certificates, the one that signs first: whoever has this trusts what any of them signed. */
    bundle: pulumi.Output<string>;
}

const YEAR_HOURS = 365 * 24;

/**
 * Authorities of the given generations. The first signs, all are trusted: going from `[1]` over `[1, 2]` and `[2, 1]` to
 * `[2]`, with every machine brought up to date at each step, changes an authority while nobody loses trust.
 *
 * Ten years; an `up` in the last of them renews the certificate with the same key, so that what was signed stays good.
 */
export function createAuthorities(
    name: string,
    args: { cluster: string; kind: AuthorityKind; generations: number[] },
    child: pulumi.CustomResourceOptions,
): Authorities {
    const made = args.generations.map((generation) => {
        const authority = `${name}-${args.kind}-authority-${generation}`;
        const key = new PrivateKey(`${authority}-key`, { algorithm: "ECDSA", ecdsaCurve: "P256" }, child);
        const certificate = new SelfSignedCert(
            authority,
            {
                privateKeyPem: key.privateKeyPem,
                // Each generation its own name: a chain is found by names.
                subject: { commonName: `${args.cluster}-${args.kind}-${generation}` },
                isCaCertificate: true,
                allowedUses: ["cert_signing", "crl_signing", "digital_signature"],
                validityPeriodHours: 10 * YEAR_HOURS,
                earlyRenewalHours: YEAR_HOURS,
            },
            child,
        );
        return { key: key.privateKeyPem, certificate: certificate.certPem };
    });
    return {
        signing: made[0].certificate,
        key: made[0].key,
        bundle: pulumi.all(made.map(({ certificate }) => certificate)).apply(joined),
    };
}

/** PEM blocks one after another. */
export function joined(blocks: string[]): string {
    return blocks.map((block) => block.trim() + "\n").join("");
}

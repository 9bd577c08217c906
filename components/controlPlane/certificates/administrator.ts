import type * as pulumi from "@pulumi/pulumi";
import { CertRequest, LocallySignedCert, PrivateKey } from "@pulumi/tls";
import type { Authorities } from "./authorities";

const YEAR_HOURS = 365 * 24;
const MONTH_HOURS = 30 * 24;

/**
 * The deployment's own certificate, and for breaking glass.
 *
 * kubeadm binds its group to cluster-admin: without the binding it can do nothing. A member of system:masters passes every
 * check, and nobody can take that back before the certificate ends.
 */
export function createAdministrator(
    name: string,
    args: { generation: number; authorities: Authorities },
    child: pulumi.CustomResourceOptions,
): { certificate: pulumi.Output<string>; key: pulumi.Output<string> } {
    const administrator = `${name}-administrator-${args.generation}`;
    const key = new PrivateKey(`${administrator}-key`, { algorithm: "ECDSA", ecdsaCurve: "P256" }, child);
    const request = new CertRequest(
        `${administrator}-request`,
        {
            privateKeyPem: key.privateKeyPem,
            subject: {
                commonName: `mainstay-administrator-${args.generation}`,
                organization: "kubeadm:cluster-admins",
            },
        },
        child,
    );
    const certificate = new LocallySignedCert(
        administrator,
        {
            caPrivateKeyPem: args.authorities.key,
            caCertPem: args.authorities.signing,
            certRequestPem: request.certRequestPem,
            allowedUses: ["digital_signature", "client_auth"],
            validityPeriodHours: YEAR_HOURS,
            earlyRenewalHours: MONTH_HOURS,
        },
        child,
    );
    return { certificate: certificate.certPem, key: key.privateKeyPem };
}

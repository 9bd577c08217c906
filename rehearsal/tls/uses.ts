import type { CheckFailure, Properties } from "../provider";
import { x509 } from "./x509";

const { KeyUsageFlags } = x509;

const KEY_USES: Record<string, number> = {
    digital_signature: KeyUsageFlags.digitalSignature,
    content_commitment: KeyUsageFlags.nonRepudiation,
    key_encipherment: KeyUsageFlags.keyEncipherment,
    data_encipherment: KeyUsageFlags.dataEncipherment,
    key_agreement: KeyUsageFlags.keyAgreement,
    cert_signing: KeyUsageFlags.keyCertSign,
    crl_signing: KeyUsageFlags.cRLSign,
    encipher_only: KeyUsageFlags.encipherOnly,
    decipher_only: KeyUsageFlags.decipherOnly,
};

const EXTENDED_USES: Record<string, string> = {
    any_extended: "2.5.29.37.0",
    server_auth: "1.3.6.1.5.5.7.3.1",
    client_auth: "1.3.6.1.5.5.7.3.2",
    code_signing: "1.3.6.1.5.5.7.3.3",
    email_protection: "1.3.6.1.5.5.7.3.4",
    ipsec_end_system: "1.3.6.1.5.5.7.3.5",
    ipsec_tunnel: "1.3.6.1.5.5.7.3.6",
    ipsec_user: "1.3.6.1.5.5.7.3.7",
    timestamping: "1.3.6.1.5.5.7.3.8",
    ocsp_signing: "1.3.6.1.5.5.7.3.9",
    microsoft_commercial_code_signing: "1.3.6.1.4.1.311.2.1.22",
    microsoft_kernel_code_signing: "1.3.6.1.4.1.311.61.1.1",
    microsoft_server_gated_crypto: "1.3.6.1.4.1.311.10.3.3",
    netscape_server_gated_crypto: "2.16.840.1.113730.4.1",
};

export function checkUses({ allowedUses }: Properties): CheckFailure[] {
    if (!Array.isArray(allowedUses)) return [];
    const known = [...Object.keys(KEY_USES), ...Object.keys(EXTENDED_USES)];
    return allowedUses.flatMap((use, i) =>
        typeof use === "string" && !known.includes(use)
            ? [{ property: `allowedUses[${i}]`, reason: `is ${use}; allowed are ${known.sort().join(", ")}` }]
            : [],
    );
}

export function usesExtensions({ allowedUses }: Properties): x509.Extension[] {
    const uses = allowedUses as string[];
    const flags = uses.reduce((sum, use) => sum | (KEY_USES[use] ?? 0), 0);
    const extended = uses.flatMap((use) => EXTENDED_USES[use] ?? []);
    return [
        ...(flags ? [new x509.KeyUsagesExtension(flags, true)] : []),
        ...(extended.length > 0 ? [new x509.ExtendedKeyUsageExtension(extended)] : []),
    ];
}

/** Where machines unpack their bundle: what has the path `x` in a bundle lies at `/etc/mainstay/x`. */
export const bundleFolder = "/etc/mainstay";

/** Files of the API server; boot copies the bundle's `kubernetes/files/` here, and the encryption keys from the vault. */
export const apiServerFolder = "/etc/kubernetes/mainstay";

/** The API server writes its audit log here; a log shipper reads it. */
export const auditLogFolder = "/var/log/kubernetes/audit";

/** One certificate, where `ca.crt` may be a bundle of them: the controller manager's signer takes no more than one. */
export const signingCertificate = "/etc/kubernetes/pki/ca-signing.crt";

/** A join finds the authorities and its token here; boot writes it. */
export const discoveryFile = "/run/mainstay/discovery.conf";

/** The kubelet's credential provider, where boot links the download of that name. */
export const credentialProvider = { folder: "/opt/mainstay/credential-providers", program: "credential-provider" };

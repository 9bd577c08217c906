import { documents } from "./document";

/** A key that Secrets are encrypted with. */
export interface EncryptionKey {
    name: string;
    /** 32 bytes, base64. */
    secret: string;
}

/**
 * How Secrets lie in etcd. The first key encrypts, every key decrypts. There is no plain text to fall back to: a Secret
 * that was stored unencrypted is not read.
 *
 * @throws RangeError when there is no key, or one is not 32 bytes long
 */
export function encryptionConfiguration(keys: EncryptionKey[]): string {
    if (keys.length === 0) throw new RangeError("encryption at rest needs at least one key");
    for (const { name, secret } of keys) {
        const { length } = Buffer.from(secret, "base64");
        if (length !== 32) throw new RangeError(`encryption key ${name} has ${length} bytes; secretbox takes 32`);
    }
    return documents({
        apiVersion: "apiserver.config.k8s.io/v1",
        kind: "EncryptionConfiguration",
        resources: [{ resources: ["secrets"], providers: [{ secretbox: { keys } }] }],
    });
}

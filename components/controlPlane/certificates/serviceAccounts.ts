import { createHash, createPublicKey } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { PrivateKey } from "@pulumi/tls";
import { joined } from "./authorities";

/** Keys of service accounts' tokens. */
export interface ServiceAccountKeys {
    /** The key that signs; secret. */
    key: pulumi.Output<string>;
    /** All public keys, the signing one's first. */
    publicKeys: pulumi.Output<string>;
    /** The same as a JSON Web Key Set, as published. */
    jwks: pulumi.Output<string>;
}

/** RSA: Entra ID takes federated tokens signed by RS256 alone. The first of the generations signs, all are trusted. */
export function createServiceAccountKeys(
    name: string,
    generations: number[],
    child: pulumi.CustomResourceOptions,
): ServiceAccountKeys {
    const keys = generations.map(
        (generation) =>
            new PrivateKey(`${name}-service-account-key-${generation}`, { algorithm: "RSA", rsaBits: 2048 }, child),
    );
    const publicKeys = pulumi.all(keys.map((key) => key.publicKeyPem));
    return { key: keys[0].privateKeyPem, publicKeys: publicKeys.apply(joined), jwks: publicKeys.apply(keySet) };
}

/** The key set that an API server with these public keys serves. */
export function keySet(publicKeys: string[]): string {
    const keys = publicKeys.map((pem) => {
        const { n, e } = createPublicKey(pem).export({ format: "jwk" });
        return { use: "sig", kty: "RSA", kid: keyId(pem), alg: "RS256", n, e };
    });
    return JSON.stringify({ keys }) + "\n";
}

/** As Kubernetes names a key in the tokens that it signs. */
export function keyId(publicKey: string): string {
    const der = createPublicKey(publicKey).export({ type: "spki", format: "der" });
    return createHash("sha256").update(der).digest("base64url");
}

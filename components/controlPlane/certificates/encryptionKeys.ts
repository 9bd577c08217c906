import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import type { EncryptionKey } from "../configuration";

/**
 * Keys that Secrets are encrypted with in etcd; the first encrypts, all decrypt. Secret.
 *
 * Not RandomBytes: its ID is what it drew, and an ID is never secret in the state. A RandomPassword's ID says nothing; 64
 * letters and digits are more than the 256 bits that are made of them.
 */
export function createEncryptionKeys(
    name: string,
    generations: number[],
    child: pulumi.CustomResourceOptions,
): pulumi.Output<EncryptionKey[]> {
    const drawn = generations.map(
        (generation) =>
            new RandomPassword(`${name}-encryption-key-${generation}`, { length: 64, special: false }, child).result,
    );
    return pulumi.secret(
        pulumi.all(drawn).apply((texts) =>
            texts.map((text, index) => ({
                name: `key-${generations[index]}`,
                secret: createHash("sha256").update(text).digest("base64"),
            })),
        ),
    );
}

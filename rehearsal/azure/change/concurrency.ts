import { setTimeout as sleep } from "node:timers/promises";
import { AzureError } from "../error";

/** Long enough that what the engine starts together meets here. */
const WRITE_MILLISECONDS = 100;

const CREDENTIAL = /^(.*\/userAssignedIdentities\/[^/]+)\/federatedIdentityCredentials\/[^/]+$/i;

const writing = new Set<string>();

/**
 * Federated credentials of one identity are written one after the other, or Azure refuses all but the first, and
 * azure-native does not try again. A program has to chain them by `dependsOn`.
 */
export async function oneAtATime<Result>(id: string, write: () => Promise<Result>): Promise<Result> {
    const identity = CREDENTIAL.exec(id)?.[1].toLowerCase();
    if (!identity) return write();
    if (writing.has(identity)) {
        throw new AzureError(
            409,
            "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity",
            `Too many Federated Identity Credentials are written concurrently for the managed identity '${identity}'. Concurrent Federated Identity Credentials writes under the same managed identity are not supported.`,
        );
    }
    writing.add(identity);
    try {
        await sleep(WRITE_MILLISECONDS);
        return await write();
    } finally {
        writing.delete(identity);
    }
}

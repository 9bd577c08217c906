import { setTimeout as sleep } from "node:timers/promises";
import type { KubernetesClient } from "../kubernetes/client";

/** Returns when the API server says that it is ready; throws when the signal says to stop. */
export async function waitUntilReady(client: KubernetesClient, signal: AbortSignal): Promise<void> {
    for (;;) {
        signal.throwIfAborted();
        try {
            await client.request("GET", "/readyz", { signal });
            return;
        } catch {
            await sleep(50, undefined, { signal });
        }
    }
}

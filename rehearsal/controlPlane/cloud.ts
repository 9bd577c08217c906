import type { KubernetesClient } from "../kubernetes/client";

/** One look at the simulated Azure, and what the cloud's controllers would then do in the cluster. */
export async function simulateCloud(_client: KubernetesClient, _azureFolder: string, _signal: AbortSignal) {}

/**
 * The cloud's side of a cluster, simulated: what AKS and Azure's controllers would do in it. Nodes come from the pools of
 * the simulated Azure, load balancers get addresses, claims get volumes.
 */
import type { KubernetesClient } from "../../kubernetes/client";
import { putAksDefaults } from "./aks";
import { readAzure, versionOf } from "./azure";
import { provisionVolumes } from "./disks";
import { giveAddresses } from "./loadBalancers";
import { matchNodes } from "./machines";

export class SimulatedCloud {
    private carriedOut = "";

    constructor(
        private readonly client: KubernetesClient,
        private readonly azureFolder: string,
    ) {}

    /** One look at the simulated Azure and at the cluster. */
    async step(): Promise<void> {
        const version = versionOf(this.azureFolder);
        if (version !== this.carriedOut) {
            const azure = readAzure(this.azureFolder);
            await matchNodes(this.client, azure);
            await putAksDefaults(this.client, azure);
            this.carriedOut = version;
        }
        await Promise.all([giveAddresses(this.client), provisionVolumes(this.client)]);
    }
}

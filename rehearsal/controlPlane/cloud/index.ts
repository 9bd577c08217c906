/**
 * The cloud's side of a cluster, simulated: what AKS and Azure's controllers would do in it. Nodes come from the pools and
 * machines of the simulated Azure, load balancers get addresses, claims get volumes.
 */
import type { KubernetesClient } from "../../kubernetes/client";
import { putAksDefaults } from "./aks";
import { Cloud } from "../../azure/state/cloud";
import type { Layout } from "../folder";
import { readBooted, standing, type BootedMachine } from "../machine/booted";
import { readAzure, versionOf } from "./azure";
import { provisionVolumes } from "./disks";
import { giveAddresses } from "./loadBalancers";
import { matchNodes } from "./machines";
import { nodesOf, type Node } from "./nodes";

export class SimulatedCloud {
    private carriedOut = "";
    private readonly cloud: Cloud;

    constructor(
        private readonly client: KubernetesClient,
        private readonly azureFolder: string,
        private readonly place: Layout,
    ) {
        this.cloud = new Cloud(azureFolder);
    }

    /** One look at the simulated Azure and at the cluster. */
    async step(): Promise<void> {
        const version = versionOf(this.azureFolder, this.place.booted);
        if (version !== this.carriedOut) {
            const azure = readAzure(this.azureFolder);
            const booted = standing(this.cloud, readBooted(this.place));
            const own = booted.length > 0 ? await this.ownNodes(booted) : [];
            await matchNodes(this.client, [...azure.pools.flatMap(nodesOf), ...own]);
            await putAksDefaults(this.client, azure);
            this.carriedOut = version;
        }
        await Promise.all([giveAddresses(this.client), provisionVolumes(this.client)]);
    }

    private async ownNodes(booted: BootedMachine[]): Promise<Node[]> {
        const { selfManagedNodes } = await import("./selfManaged");
        const { nodes, problems } = selfManagedNodes(this.cloud, booted);
        for (const problem of problems) console.log(problem);
        return nodes;
    }
}

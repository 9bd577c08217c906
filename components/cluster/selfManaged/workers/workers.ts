import type { VirtualMachineScaleSet } from "@pulumi/azure-native/compute/virtualMachineScaleSet";
import { NetworkSecurityGroup } from "@pulumi/azure-native/network/networkSecurityGroup";
import * as pulumi from "@pulumi/pulumi";
import type { UpgradeArgs } from "../../aks/nodePools";
import {
    type ControlPlane,
    customData,
    type KubernetesMinor,
    releases,
    workerBundle,
    workerFiles,
} from "../../../controlPlane";
import { apiNameOf, type Network } from "../../../network";
import type { Site } from "../../../site";
import type { WorkerPool } from "./pools";
import { createScaleSet } from "./scaleSet";

/** Arguments of {@link createWorkers}. */
export interface WorkersArgs {
    resourceGroupName: string;
    network: Network;
    controlPlane: Pick<ControlPlane, "joinVault" | "workerIdentity" | "sshPublicKey" | "ready">;
    kubernetesVersion: KubernetesMinor;
    upgrades: UpgradeArgs;
    /** Host of the private registry that nodes pull from. */
    registry?: string;
}

/**
 * All scale sets. They wait for the control plane: a kubelet may not be newer than the API server that it talks to.
 *
 * What their machines are told is the same for the whole pool and holds no secret, so it changes with Kubernetes' version,
 * the pool's labels and taints, and the scripts: then each pool is renewed by surge.
 */
export function createWorkers(
    name: string,
    site: Site,
    pools: WorkerPool[],
    args: WorkersArgs,
    child: pulumi.CustomResourceOptions,
): VirtualMachineScaleSet[] {
    const { resourceGroupName, controlPlane, network } = args;
    // On AKS there is such a group, too: the cloud controller manager writes into it what Services ask for. The subnets'
    // rules, which are ours, decide beside it.
    const securityGroup = new NetworkSecurityGroup(
        `${name}-workers-nsg`,
        {
            networkSecurityGroupName: workersSecurityGroup(site),
            resourceGroupName,
            location: site.location,
            tags: site.tags,
        },
        { ...child, ignoreChanges: ["securityRules"] },
    );
    const shared = {
        resourceGroupName,
        subnetIds: network.zoneSubnetIds,
        securityGroupId: securityGroup.id,
        identityId: controlPlane.workerIdentity.id,
        sshPublicKey: controlPlane.sshPublicKey,
        customData,
        upgrades: args.upgrades,
    };
    return pools.map((pool) =>
        createScaleSet(name, site, pool, userData(site, pool, args), shared, {
            ...child,
            dependsOn: [...controlPlane.workerIdentity.grants, ...controlPlane.ready],
        }),
    );
}

export function workersSecurityGroup({ prefix }: Pick<Site, "prefix">): string {
    return `${prefix}-workers`;
}

function userData(site: Site, pool: WorkerPool, { controlPlane, kubernetesVersion, registry }: WorkersArgs): string {
    return workerBundle(
        {
            cluster: site.prefix,
            zone: pool.zone,
            pool: pool.name,
            kubernetesVersion: releases[kubernetesVersion].kubernetes,
            apiName: apiNameOf(site),
            joinVaultUrl: controlPlane.joinVault.url,
            joinSecret: controlPlane.joinVault.secret,
        },
        workerFiles(
            { tenantId: site.tenantId },
            { name: pool.name, labels: pool.labels, taints: pool.taints, maxPods: pool.maxPods, registry },
        ),
    );
}

import type { VirtualMachineScaleSet } from "@pulumi/azure-native/compute/virtualMachineScaleSet";
import { NetworkSecurityGroup } from "@pulumi/azure-native/network/networkSecurityGroup";
import type * as pulumi from "@pulumi/pulumi";
import type { UpgradeArgs } from "../../pools";
import {
    type ControlPlane,
    customData,
    type KubernetesMinor,
    releases,
    workerBundle,
    workerFiles,
    credentialProvider,
    type Registry,
    registryHost,
} from "../../../controlPlane";
import { apiNameOf, type Network } from "../../../network";
import type { Site } from "../../../site";
import type { WorkerPool } from "./pools";
import { createScaleSet } from "./scaleSet";

/** Arguments of {@link createWorkers}. */
export interface WorkersArgs {
    resourceGroupName: string;
    network: Network;
    controlPlane: Pick<ControlPlane, "joinVault" | "trust" | "workerIdentity" | "sshPublicKey" | "ready">;
    kubernetesVersion: KubernetesMinor;
    upgrades: UpgradeArgs;
    /** The private registry that nodes pull from. */
    registry?: Registry;
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
    const securityGroup = createSecurityGroup(name, site, resourceGroupName, child);
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

/**
 * The group at the workers' network interfaces, as AKS has one: the cloud controller manager writes into it what Services
 * of type LoadBalancer ask for. It begins with letting in the network itself, where the subnets' rules decide, and nobody
 * else. From then on it is that controller's: writing it anew would take out what that put in.
 */
function createSecurityGroup(
    name: string,
    site: Site,
    resourceGroupName: string,
    child: pulumi.CustomResourceOptions,
): NetworkSecurityGroup {
    return new NetworkSecurityGroup(
        `${name}-workers-nsg`,
        {
            networkSecurityGroupName: workersSecurityGroup(site),
            resourceGroupName,
            location: site.location,
            securityRules: whatAzureLetsIn,
            tags: site.tags,
        },
        { ...child, ignoreChanges: ["securityRules", "tags"] },
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
            // Other authorities make another bundle, so that the pools are rolled.
            more: { KEY_GENERATIONS: controlPlane.trust },
        },
        workerFiles(
            { tenantId: site.tenantId },
            {
                name: pool.name,
                labels: pool.labels,
                taints: pool.taints,
                maxPods: pool.maxPods,
                registry: registry && registryHost(registry),
            },
        ),
        registry ? [credentialProvider(registry)] : [],
    );
}

/**
 * What a security group lets in without any rule, said by rules: who reads the group sees it, and a policy too. The last
 * places, so that what the controller denies for a Service (from 4093 down) comes before.
 */
const whatAzureLetsIn = (
    [
        ["virtual-network", "Allow", 4094, "VirtualNetwork", "The subnets' own rules decide over it"],
        ["load-balancer", "Allow", 4095, "AzureLoadBalancer", "Health probes of Azure's load balancer"],
        ["deny-rest", "Deny", 4096, "*", "What no Service asks for is denied"],
    ] as const
).map(([name, access, priority, sourceAddressPrefix, description]) => ({
    name: `inbound-${name}`,
    direction: "Inbound",
    access,
    priority,
    protocol: "*",
    sourceAddressPrefix,
    sourcePortRange: "*",
    destinationAddressPrefix: "*",
    destinationPortRange: "*",
    description,
}));

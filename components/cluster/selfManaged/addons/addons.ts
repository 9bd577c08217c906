import type { VirtualMachineScaleSet } from "@pulumi/azure-native/compute/virtualMachineScaleSet";
import * as pulumi from "@pulumi/pulumi";
import type { ControlPlane, KubernetesMinor } from "../../../controlPlane";
import { apiNameOf, type Network, nodeSubnets } from "../../../network";
import type { Site } from "../../../site";
import type { MaintenanceArgs } from "../../aks/maintenance";
import type { UpgradeArgs } from "../../pools";
import type { WorkerPool } from "../workers";
import { createAutoscaler } from "./autoscaler";
import { createCilium } from "./cilium";
import { createCloudProvider } from "./cloudProvider";
import { createDisks } from "./disks";
import { createDns } from "./dns";
import { createKeyVaultDriver } from "./keyVault";
import { createMetricsServer } from "./metrics";
import { createReboots } from "./reboots";
import { createServingCertificates } from "./servingCertificates";
import { createWorkloadIdentityWebhook } from "./workloadIdentity";

/** Arguments of {@link createAddons}. */
export interface AddonsArgs {
    network: Network;
    controlPlane: ControlPlane;
    kubernetesVersion: KubernetesMinor;
    podCidr: string;
    dnsServiceIP: string;
    pools: WorkerPool[];
    scaleSets: VirtualMachineScaleSet[];
    upgrades: UpgradeArgs;
    maintenance: MaintenanceArgs;
}

const API_PORT = 6443;

/**
 * In the order in which they need each other: the network; the cloud, which takes the taint off nodes that it has seen;
 * then what runs on workers.
 *
 * @returns what workloads have to wait for
 */
export function createAddons(
    name: string,
    site: Site,
    args: AddonsArgs,
    child: pulumi.CustomResourceOptions,
    onCluster: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
    const { network, controlPlane, kubernetesVersion, pools, scaleSets } = args;
    const after = (...resources: pulumi.Resource[]) => pulumi.mergeOptions(onCluster, { dependsOn: resources });
    // Where identities are is plain, and what they trust comes from the control plane.
    const common = {
        network,
        resourceGroupName: controlPlane.resourceGroupName,
        oidcIssuerUrl: controlPlane.oidcIssuerUrl,
    };

    // Hubble's relay runs on workers.
    const cilium = createCilium(name, { apiName: apiNameOf(site), apiPort: API_PORT }, after(...scaleSets));
    const cloud = createCloudProvider(name, site, { ...common, podCidr: args.podCidr }, child, after(cilium));
    const ready = after(cilium, cloud);

    const certificates = createServingCertificates(
        name,
        site,
        {
            pools,
            machines: controlPlane.machines.map((machine) => machine.name),
            nodeSubnets: nodeSubnets(network.addressSpace, site.zones),
        },
        ready,
    );
    createDns(name, site, args, ready);
    const webhook = createWorkloadIdentityWebhook(name, site, ready);
    const disks = createDisks(name, site, { ...common, webhook }, child, ready);
    const keyVault = createKeyVaultDriver(name, ready);
    const metrics = createMetricsServer(name, after(cilium, cloud, certificates));
    const autoscaler = createAutoscaler(
        name,
        site,
        { ...common, webhook, kubernetesVersion, workerIdentityId: controlPlane.workerIdentity.id, scaleSets },
        child,
        ready,
    );
    const { nodeImage: window, utcOffset } = args.maintenance;
    const reboots = createReboots(
        name,
        { window, utcOffset, drainTimeoutMinutes: args.upgrades.drainTimeoutMinutes },
        ready,
    );
    return [cilium, cloud, certificates, webhook, disks, keyVault, metrics, autoscaler, reboots];
}

import { VirtualMachineScaleSet } from "@pulumi/azure-native/compute/virtualMachineScaleSet";
import type * as pulumi from "@pulumi/pulumi";
import type { UpgradeArgs } from "../../pools";
import { machineImage } from "../../../controlPlane";
import { type Site } from "../../../site";
import { autoscalerTags } from "./autoscalerTags";
import type { WorkerPool } from "./pools";
import { rollingUpgrade } from "./rollingUpgrade";

/** What all scale sets share. */
export interface ScaleSetArgs {
    resourceGroupName: string;
    subnetIds: Record<string, pulumi.Input<string>>;
    /** Group that the cloud controller manager keeps for Services of type LoadBalancer. */
    securityGroupId: pulumi.Input<string>;
    identityId: pulumi.Input<string>;
    sshPublicKey: pulumi.Input<string>;
    customData: string;
    upgrades: UpgradeArgs;
}

/** The autoscaler's number of machines, which is not ours to set after the first time. */
const CAPACITY = "sku.capacity";

/** Port of the kubelet's health, on the machine itself only. */
const KUBELET_HEALTH_PORT = 10248;

/** Azure waits 5 to 15 minutes for a machine that is going; then it goes, drained or not. */
const DRAIN_MINUTES = { least: 5, most: 15 };

/**
 * The machines of a pool in one zone: no public address, no password, disks encrypted on the host, gone without a trace.
 *
 * A machine whose kubelet does not run is replaced by Azure. One that is going (upgrade, scale-in, spot) is told so by
 * Scheduled Events, and drains its node.
 */
export function createScaleSet(
    name: string,
    site: Site,
    pool: WorkerPool,
    userData: pulumi.Input<string>,
    args: ScaleSetArgs,
    child: pulumi.CustomResourceOptions,
): VirtualMachineScaleSet {
    return new VirtualMachineScaleSet(
        `${name}-${pool.name}`,
        {
            vmScaleSetName: scaleSetName(site, pool),
            resourceGroupName: args.resourceGroupName,
            location: site.location,
            zones: [pool.zone],
            sku: { name: pool.size, tier: "Standard", capacity: pool.minNodes },
            tags: { ...site.tags, "mainstay-role": "worker", ...autoscalerTags(site.prefix, pool) },
            identity: { type: "UserAssigned", userAssignedIdentities: [args.identityId] },

            orchestrationMode: "Uniform",
            // More than 100 machines, and no more of them than were asked for: each would join.
            singlePlacementGroup: false,
            platformFaultDomainCount: 1,
            overprovision: false,
            upgradePolicy: rollingUpgrade(pool, args.upgrades),
            automaticRepairsPolicy: { enabled: true, gracePeriod: "PT30M", repairAction: "Replace" },
            scaleInPolicy: { rules: ["OldestVM"], prioritizeUnhealthyVMs: true },

            virtualMachineProfile: {
                ...(pool.spot
                    ? { priority: "Spot", evictionPolicy: "Delete", billingProfile: { maxPrice: -1 } }
                    : { priority: "Regular" }),
                userData,
                securityProfile: {
                    encryptionAtHost: true,
                    securityType: "TrustedLaunch",
                    uefiSettings: { secureBootEnabled: true, vTpmEnabled: true },
                },
                osProfile: {
                    computerNamePrefix: computerNamePrefix(site, pool),
                    adminUsername: "mainstay",
                    customData: args.customData,
                    allowExtensionOperations: true,
                    linuxConfiguration: {
                        disablePasswordAuthentication: true,
                        ssh: {
                            publicKeys: [{ path: "/home/mainstay/.ssh/authorized_keys", keyData: args.sshPublicKey }],
                        },
                        provisionVMAgent: true,
                        // The machine patches itself, and restarts in turn with the others.
                        patchSettings: { patchMode: "ImageDefault", assessmentMode: "ImageDefault" },
                    },
                },
                storageProfile: {
                    imageReference: machineImage,
                    osDisk: {
                        createOption: "FromImage",
                        // On the host itself: fast, free, and nothing is left of it. Azure wants this cache for it.
                        caching: "ReadOnly",
                        diffDiskSettings: { option: "Local" },
                        diskSizeGB: pool.osDiskGiB,
                        managedDisk: { storageAccountType: "Standard_LRS" },
                    },
                },
                networkProfile: {
                    networkInterfaceConfigurations: [
                        {
                            name: "primary",
                            primary: true,
                            enableAcceleratedNetworking: true,
                            networkSecurityGroup: { id: args.securityGroupId },
                            ipConfigurations: [
                                {
                                    name: "primary",
                                    primary: true,
                                    privateIPAddressVersion: "IPv4",
                                    subnet: { id: args.subnetIds[pool.zone] },
                                },
                            ],
                        },
                    ],
                },
                // Without an address of a storage account: Azure keeps it in one of its own.
                diagnosticsProfile: { bootDiagnostics: { enabled: true } },
                scheduledEventsProfile: {
                    terminateNotificationProfile: {
                        enable: true,
                        notBeforeTimeout: `PT${drainMinutes(args.upgrades)}M`,
                    },
                },
                extensionProfile: { extensions: [kubeletHealth] },
            },
        },
        { ...child, ignoreChanges: [CAPACITY] },
    );
}

/**
 * Tells Azure whether the kubelet runs. Version 2 of the extension knows machines that are still booting, but wants a JSON
 * answer of its own over HTTP, which the kubelet does not speak: so it asks whether the port is open.
 */
const kubeletHealth = {
    name: "kubelet-health",
    publisher: "Microsoft.ManagedServices",
    type: "ApplicationHealthLinux",
    typeHandlerVersion: "2.0",
    autoUpgradeMinorVersion: true,
    settings: {
        protocol: "tcp",
        port: KUBELET_HEALTH_PORT,
        intervalInSeconds: 10,
        numberOfProbes: 3,
        gracePeriod: 900,
    },
};

/** A drain that takes longer is cut off by Azure. */
export function drainMinutes({ drainTimeoutMinutes }: Pick<UpgradeArgs, "drainTimeoutMinutes">): number {
    return Math.min(DRAIN_MINUTES.most, Math.max(DRAIN_MINUTES.least, drainTimeoutMinutes));
}

export function scaleSetName(site: Pick<Site, "prefix">, pool: Pick<WorkerPool, "name">): string {
    return `${site.prefix}-${pool.name}`;
}

/** Azure adds six letters and digits for each machine: its host name, and its node's. */
export function computerNamePrefix(site: Pick<Site, "prefix">, pool: Pick<WorkerPool, "name">): string {
    return `${site.prefix}-${pool.name}-`;
}

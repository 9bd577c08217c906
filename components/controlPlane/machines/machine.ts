import { createHash } from "node:crypto";
import { Disk } from "@pulumi/azure-native/compute/disk";
import { VirtualMachine } from "@pulumi/azure-native/compute/virtualMachine";
import { VirtualMachineExtension } from "@pulumi/azure-native/compute/virtualMachineExtension";
import { NetworkInterface } from "@pulumi/azure-native/network/networkInterface";
import * as pulumi from "@pulumi/pulumi";
import { resourceId, type Site } from "../../site";
import { machineImage } from "./image";

/** A disk for etcd alone. */
export interface EtcdDiskArgs {
    sizeGiB: number;
    /** Beyond the 3,000 that a disk has for nothing, each costs. */
    iops: number;
    mebibytesPerSecond: number;
}

/** What all machines of a control plane share. */
export interface MachineArgs {
    resourceGroupName: string;
    /** Size of machines made from now on: one that is there keeps its own until its generation grows. */
    size: string;
    etcdDisk: EtcdDiskArgs;
    identityId: pulumi.Input<string>;
    /** Backends of the API's load balancers. */
    backendPoolIds: pulumi.Input<string>[];
    /** Public half of an SSH key that nobody uses: Azure wants a key where no password is. */
    sshPublicKey: pulumi.Input<string>;
    /** Constant stub, base64. */
    customData: string;
    /** Runs the boot anew; its exit code is the result. */
    bootCommand: string;
    /** Grows when every boot is to run again. */
    bootRun: number;
}

/** One machine of a control plane, before it is made. */
export interface MachinePlan {
    number: number;
    /** In Azure, as a host and as a node. */
    name: string;
    zone: string;
    address: string;
    /** Grows when the machine is to be replaced. */
    generation: number;
}

export interface Machine extends MachinePlan {
    virtualMachine: VirtualMachine;
    /** How the boot ended: later machines and everything in Kubernetes wait for it. */
    boot: VirtualMachineExtension;
    etcdDisk: Disk;
}

/**
 * What a machine has from birth. Azure refuses to change the image and the custom data, and restarts the machine for its
 * size and security: with all of them in one update that would be the end of etcd's majority. So a change waits until
 * the machine's generation grows, and a replacement takes what the program says then.
 *
 * Whole properties and not what is in them: of an ignored path inside one, a replacement would keep the old value
 * (machineReplacement.test.ts).
 */
const FROM_BIRTH = ["hardwareProfile", "osProfile", "securityProfile", "storageProfile"];

/** A boot may download everything, wait for the machine before it and replay etcd. CustomScript itself ends at 90 minutes. */
const BOOT_TIMEOUTS = { create: "60m", update: "60m" };

/**
 * A machine in its zone, with an address and an etcd disk that outlive it.
 *
 * @param subnetId - the control plane's subnet of the machine's zone
 * @param userData - the boot's bundle, base64
 * @param waitsFor - what its boot reads: vaults, roles, storage
 * @param previous - the machine whose boot has to end well first
 */
export function createMachine(
    name: string,
    site: Site,
    plan: MachinePlan,
    args: MachineArgs,
    own: {
        subnetId: pulumi.Input<string>;
        userData: pulumi.Input<string>;
        waitsFor: pulumi.Resource[];
        previous: Machine | undefined;
    },
    child: pulumi.CustomResourceOptions,
): Machine {
    const { resourceGroupName } = args;
    const place = { resourceGroupName, location: site.location };
    const tags = { ...site.tags, "mainstay-role": "control-plane" };
    // With the machine they belong to, and made anew with it.
    const generationTags = { ...tags, generation: String(plan.generation) };
    const withGeneration = { replaceOnChanges: ["tags.generation"], deleteBeforeReplace: true };

    const networkInterface = new NetworkInterface(
        `${name}-nic-${plan.number}`,
        {
            ...place,
            networkInterfaceName: plan.name,
            enableAcceleratedNetworking: true,
            ipConfigurations: [
                {
                    name: "primary",
                    primary: true,
                    privateIPAllocationMethod: "Static",
                    privateIPAddress: plan.address,
                    privateIPAddressVersion: "IPv4",
                    subnet: { id: own.subnetId },
                    loadBalancerBackendAddressPools: args.backendPoolIds.map((id) => ({ id })),
                },
            ],
            tags,
        },
        child,
    );

    const etcdDisk = createEtcdDisk(name, site, plan, args, child);

    const virtualMachine = new VirtualMachine(
        `${name}-machine-${plan.number}`,
        {
            ...place,
            vmName: plan.name,
            zones: [plan.zone],
            hardwareProfile: { vmSize: args.size },
            identity: { type: "UserAssigned", userAssignedIdentities: [args.identityId] },
            securityProfile: {
                encryptionAtHost: true,
                securityType: "TrustedLaunch",
                uefiSettings: { secureBootEnabled: true, vTpmEnabled: true },
            },
            osProfile: {
                computerName: plan.name,
                adminUsername: "mainstay",
                customData: args.customData,
                allowExtensionOperations: true,
                linuxConfiguration: {
                    disablePasswordAuthentication: true,
                    ssh: { publicKeys: [{ path: "/home/mainstay/.ssh/authorized_keys", keyData: args.sshPublicKey }] },
                    provisionVMAgent: true,
                    // The machine patches itself, and restarts in turn with the others: Azure knows nothing of etcd.
                    patchSettings: { patchMode: "ImageDefault", assessmentMode: "ImageDefault" },
                },
            },
            storageProfile: {
                imageReference: machineImage,
                osDisk: {
                    createOption: "FromImage",
                    caching: "ReadWrite",
                    diskSizeGB: 64,
                    managedDisk: { storageAccountType: "Premium_LRS" },
                    deleteOption: "Delete",
                },
                dataDisks: [
                    {
                        lun: 0,
                        createOption: "Attach",
                        caching: "None",
                        managedDisk: { id: etcdDisk.id },
                        deleteOption: "Detach",
                    },
                ],
            },
            networkProfile: {
                networkInterfaces: [{ id: networkInterface.id, primary: true, deleteOption: "Detach" }],
            },
            // Without an address of a storage account: Azure keeps it in one of its own.
            diagnosticsProfile: { bootDiagnostics: { enabled: true } },
            userData: own.userData,
            tags: generationTags,
        },
        { ...child, ...withGeneration, ignoreChanges: FROM_BIRTH, dependsOn: own.waitsFor },
    );

    const boot = new VirtualMachineExtension(
        `${name}-boot-${plan.number}`,
        {
            ...place,
            vmName: plan.name,
            vmExtensionName: "boot",
            publisher: "Microsoft.Azure.Extensions",
            type: "CustomScript",
            typeHandlerVersion: "2.1",
            autoUpgradeMinorVersion: true,
            settings: { commandToExecute: args.bootCommand },
            // Another bundle, another run. In the settings CustomScript would refuse a key that it does not know.
            forceUpdateTag: pulumi.output(own.userData).apply((bundle) => digest(`${bundle}\n${args.bootRun}`)),
            tags: generationTags,
        },
        {
            ...child,
            ...withGeneration,
            // It is gone with its machine: Azure need not be asked to delete it.
            deletedWith: virtualMachine,
            dependsOn: [virtualMachine, ...(own.previous ? [own.previous.boot] : [])],
            customTimeouts: BOOT_TIMEOUTS,
        },
    );

    return { ...plan, virtualMachine, boot, etcdDisk };
}

/**
 * etcd waits for its disk at every write, so it has one of its own, in the machine's zone.
 *
 * Premium SSD v2: its operations and throughput are bought apart from its size, where a Premium SSD of the size that
 * etcd needs is slow; they change without a restart. It takes no host cache, which etcd's writes would not want anyway.
 */
function createEtcdDisk(
    name: string,
    site: Site,
    plan: MachinePlan,
    { resourceGroupName, etcdDisk }: MachineArgs,
    child: pulumi.CustomResourceOptions,
): Disk {
    return new Disk(
        `${name}-etcd-${plan.number}`,
        {
            diskName: `${plan.name}-etcd`,
            resourceGroupName,
            location: site.location,
            zones: [plan.zone],
            sku: { name: "PremiumV2_LRS" },
            creationData: { createOption: "Empty" },
            diskSizeGB: etcdDisk.sizeGiB,
            diskIOPSReadWrite: etcdDisk.iops,
            diskMBpsReadWrite: etcdDisk.mebibytesPerSecond,
            // Nobody downloads it.
            networkAccessPolicy: "DenyAll",
            publicNetworkAccess: "Disabled",
            tags: { ...site.tags, "mainstay-role": "control-plane" },
        },
        child,
    );
}

/** ID that the machine has or will have. */
export function machineId(site: Site, resourceGroupName: string, { name }: Pick<MachinePlan, "name">): string {
    return resourceId(site, resourceGroupName, "Microsoft.Compute/virtualMachines", name);
}

function digest(text: string): string {
    return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

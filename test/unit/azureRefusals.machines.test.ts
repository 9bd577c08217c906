import type { Properties } from "../../rehearsal/provider/values";
import { assertTaken, itRefuses, type Refusal } from "./azureRefusal";
import { AzureRun, base, changed } from "./azureRun";

type Good = Awaited<ReturnType<typeof goodInputs>>;

const MACHINE = "compute:VirtualMachine";
const DISK = "compute:Disk";
const SET = "compute:VirtualMachineScaleSet";
const BALANCER = "network:LoadBalancer";
const NIC = "network:NetworkInterface";
const EXTENSION = "compute:VirtualMachineExtension";

const machine = (good: Good): Properties => good.machine;
const disk = (good: Good): Properties => good.disk;
const scaleSet = (good: Good): Properties => good.scaleSet;
const balancer = (good: Good): Properties => good.balancer;
const nic = (good: Good): Properties => good.nic;
const extension = (good: Good): Properties => good.extension;

const id = (type: string, name: string): string => `/subscriptions/SUB/resourceGroups/rg/providers/${type}/${name}`;
const balancerPart = (kind: string, name: string, owner = "lb"): string =>
    id("Microsoft.Network/loadBalancers", `${owner}/${kind}/${name}`);
const key = (data: string): unknown => [{ path: "/home/mainstay/.ssh/authorized_keys", keyData: data }];

const REFUSALS: Refusal<Good>[] = [
    // machines
    {
        what: "a machine without disks",
        type: MACHINE,
        from: machine,
        set: ["storageProfile", undefined],
        property: "storageProfile",
        says: /Required parameter/,
    },
    {
        what: "an image for another processor",
        type: MACHINE,
        from: machine,
        set: ["hardwareProfile.vmSize", "Standard_D4ps_v6"],
        property: "storageProfile.imageReference",
        says: /only supports a CPU Architecture of 'Arm64'/,
    },
    {
        what: "an image of generation 1 on a size that boots none",
        type: MACHINE,
        from: (good) => changed(good.machine, "hardwareProfile.vmSize", "Standard_D4s_v6"),
        set: ["storageProfile.imageReference.sku", "server-gen1"],
        property: "storageProfile.imageReference",
        says: /cannot boot Hypervisor Generation '1'/,
    },
    {
        what: "trusted launch from an image of generation 1",
        type: MACHINE,
        from: machine,
        set: ["storageProfile.imageReference.sku", "server-gen1"],
        property: "securityProfile.securityType",
        says: /Gen2 OS Image/,
    },
    {
        what: "trusted launch on a size without",
        type: MACHINE,
        from: (good) => changed(good.machine, "storageProfile.imageReference.sku", "server-arm64"),
        set: ["hardwareProfile.vmSize", "Standard_D4ps_v5"],
        property: "securityProfile.securityType",
        says: /is not supported for creation/,
    },
    {
        what: "secure boot without trusted launch",
        type: MACHINE,
        from: machine,
        set: ["securityProfile.securityType", undefined],
        property: "securityProfile.uefiSettings",
        says: /without securityType/,
    },
    {
        what: "a system on a Premium SSD v2",
        type: MACHINE,
        from: machine,
        set: ["storageProfile.osDisk.managedDisk.storageAccountType", "PremiumV2_LRS"],
        property: "storageProfile.osDisk.managedDisk.storageAccountType",
        says: /not supported for an OS disk/,
    },
    {
        what: "a system's disk that is smaller than its image",
        type: MACHINE,
        from: machine,
        set: ["storageProfile.osDisk.diskSizeGB", 16],
        property: "storageProfile.osDisk.diskSizeGB",
        says: /smaller than the size of the corresponding disk in the VM image/,
    },
    {
        what: "an ephemeral disk that does not fit",
        type: MACHINE,
        from: (good) => changed(good.machine, "storageProfile.osDisk.diskSizeGB", 200),
        set: ["storageProfile.osDisk.diffDiskSettings", { option: "Local", placement: "ResourceDisk" }],
        property: "storageProfile.osDisk.diffDiskSettings",
        says: /greater than 150 GB is not allowed/,
    },
    {
        what: "an ephemeral disk with a cache that writes",
        type: MACHINE,
        from: (good) => changed(good.machine, "storageProfile.osDisk.caching", "ReadWrite"),
        set: ["storageProfile.osDisk.diffDiskSettings", { option: "Local" }],
        property: "storageProfile.osDisk.caching",
        says: /ReadOnly/,
    },
    {
        what: "an eviction policy without spot",
        type: MACHINE,
        from: machine,
        set: ["evictionPolicy", "Delete"],
        property: "evictionPolicy",
        says: /"Spot" only/,
    },
    {
        what: "a highest price of zero",
        type: MACHINE,
        from: (good) => changed(good.machine, "priority", "Spot"),
        set: ["billingProfile", { maxPrice: 0 }],
        property: "billingProfile.maxPrice",
        says: /-1 or more than zero/,
    },
    {
        what: "a password where there is to be none",
        type: MACHINE,
        from: machine,
        set: ["osProfile.adminPassword", "Never-used-1"],
        property: "osProfile.adminPassword",
        says: /disablePasswordAuthentication/,
    },
    {
        what: "a weak password",
        type: MACHINE,
        from: (good) => changed(good.machine, "osProfile.linuxConfiguration", undefined),
        set: ["osProfile.adminPassword", "password"],
        property: "osProfile.adminPassword",
        says: /at least 3 of password complexity/,
    },
    {
        what: "neither password nor key",
        type: MACHINE,
        from: machine,
        set: ["osProfile.linuxConfiguration", undefined],
        property: "osProfile.adminPassword",
        says: /either SSH or by user name and password/,
    },
    {
        what: "a key on a curve of NIST",
        type: MACHINE,
        from: machine,
        set: ["osProfile.linuxConfiguration.ssh.publicKeys", key("ecdsa-sha2-nistp256 AAAA")],
        property: "osProfile.linuxConfiguration.ssh.publicKeys[0].keyData",
        says: /ssh-rsa or ssh-ed25519/,
    },
    {
        what: "a key in somebody else's home",
        type: MACHINE,
        from: machine,
        set: ["osProfile.linuxConfiguration.ssh.publicKeys[0].path", "/root/.ssh/authorized_keys"],
        property: "osProfile.linuxConfiguration.ssh.publicKeys[0].path",
        says: /limited to its default value/,
    },
    {
        what: "a user whom Azure keeps for itself",
        type: MACHINE,
        from: machine,
        set: ["osProfile.adminUsername", "actuser"],
        property: "osProfile.adminUsername",
        says: /not allowed/,
    },
    {
        what: "a computer's name with a dot",
        type: MACHINE,
        from: machine,
        set: ["osProfile.computerName", "node.internal"],
        property: "osProfile.computerName",
        says: /letters, digits and dashes/,
    },
    {
        what: "user data that is too long",
        type: MACHINE,
        from: machine,
        set: ["userData", Buffer.alloc(65_536).toString("base64")],
        property: "userData",
        says: /65535 bytes.*has 65536/,
    },
    {
        what: "a machine in two zones",
        type: MACHINE,
        from: machine,
        set: ["zones", ["1", "2"]],
        property: "zones",
        says: /one zone/,
    },
    {
        what: "a disk of another zone",
        type: MACHINE,
        from: machine,
        set: ["zones", ["2"]],
        property: "storageProfile.dataDisks[0].managedDisk.id",
        says: /not in the same zone as the VM\. VM zone: '2'\. Disk zone: '1'/,
    },
    {
        what: "a disk of no zone on a machine in one",
        type: MACHINE,
        from: machine,
        set: ["storageProfile.dataDisks[0].managedDisk.id", id("Microsoft.Compute/disks", "regional")],
        property: "storageProfile.dataDisks[0].managedDisk.id",
        says: /not in zone '1'/,
    },
    {
        what: "a cache for a Premium SSD v2",
        type: MACHINE,
        from: machine,
        set: ["storageProfile.dataDisks[0].caching", "ReadOnly"],
        property: "storageProfile.dataDisks[0].caching",
        says: /PremiumV2_LRS is not supported with caching type ReadOnly/,
    },
    {
        what: "an Ultra disk on a machine that takes none",
        type: MACHINE,
        from: machine,
        set: ["storageProfile.dataDisks[0].managedDisk.id", id("Microsoft.Compute/disks", "ultra")],
        property: "additionalCapabilities.ultraSSDEnabled",
        says: /UltraSSD_LRS/,
    },
    {
        what: "more disks than the size has room for",
        type: MACHINE,
        from: (good) => changed(good.machine, "hardwareProfile.vmSize", "Standard_D2s_v5"),
        set: [
            "storageProfile.dataDisks",
            [0, 1, 2, 3, 4].map((lun) => ({ lun, createOption: "Empty", diskSizeGB: 8 })),
        ],
        property: "storageProfile.dataDisks",
        says: /maximum number of data disks.*is 4/,
    },
    {
        what: "one place for two disks",
        type: MACHINE,
        from: machine,
        set: ["storageProfile.dataDisks[1]", { lun: 0, createOption: "Empty", diskSizeGB: 8 }],
        property: "storageProfile.dataDisks[1].lun",
        says: /used twice/,
    },
    {
        what: "a disk that is on another machine",
        type: MACHINE,
        from: machine,
        set: ["vmName", "second"],
        property: "storageProfile.dataDisks[0].managedDisk.id",
        says: /already attached to VM .*\/made\..*ConflictingUserInput/,
    },
    {
        what: "an interface that is in another machine",
        type: MACHINE,
        from: machine,
        set: ["vmName", "second"],
        property: "networkProfile.networkInterfaces[0].id",
        says: /NicInUse/,
    },
    {
        what: "two interfaces of which none is the first",
        type: MACHINE,
        from: machine,
        set: [
            "networkProfile.networkInterfaces",
            ["nic", "fast"].map((name) => ({ id: id("Microsoft.Network/networkInterfaces", name) })),
        ],
        property: "networkProfile.networkInterfaces",
        says: /VirtualMachineMustHaveOneNetworkInterfaceAsPrimary/,
    },
    {
        what: "accelerated networking on a size without",
        type: MACHINE,
        from: (good) => changed(good.machine, "hardwareProfile.vmSize", "Standard_B2ms"),
        set: ["networkProfile.networkInterfaces[0].id", id("Microsoft.Network/networkInterfaces", "fast")],
        property: "networkProfile.networkInterfaces[0].id",
        says: /VMSizeIsNotPermittedToEnableAcceleratedNetworking/,
    },
    {
        what: "a public address of another zone",
        type: MACHINE,
        from: machine,
        set: ["networkProfile.networkInterfaces[0].id", id("Microsoft.Network/networkInterfaces", "public")],
        property: "networkProfile.networkInterfaces[0].id",
        says: /in zone 3, the machine is in zone 1/,
    },
    {
        what: "an identity of a machine that does not exist",
        type: MACHINE,
        from: machine,
        set: [
            "identity",
            {
                type: "UserAssigned",
                userAssignedIdentities: [id("Microsoft.ManagedIdentity/userAssignedIdentities", "gone")],
            },
        ],
        property: "identity.userAssignedIdentities[0]",
        says: /does not exist/,
    },

    // disks
    {
        what: "a Premium SSD v2 of no zone",
        type: DISK,
        from: disk,
        set: ["zones", undefined],
        property: "zones",
        says: /PremiumV2_LRS disk is in one zone/,
    },
    {
        what: "a disk in two zones",
        type: DISK,
        from: disk,
        set: ["zones", ["1", "2"]],
        property: "zones",
        says: /one zone/,
    },
    {
        what: "a zone for a disk that is in all",
        type: DISK,
        from: (good) => changed(changed(good.disk, "diskIOPSReadWrite", undefined), "diskMBpsReadWrite", undefined),
        set: ["sku.name", "Premium_ZRS"],
        property: "zones",
        says: /in all of them/,
    },
    {
        what: "an empty disk of no size",
        type: DISK,
        from: disk,
        set: ["diskSizeGB", undefined],
        property: "diskSizeGB",
        says: /Required parameter/,
    },
    {
        what: "more operations than the disk's size may have",
        type: DISK,
        from: disk,
        set: ["diskIOPSReadWrite", 40_000],
        property: "diskIOPSReadWrite",
        says: /from 3000 to 32000/,
    },
    {
        what: "more throughput than the disk's operations may have",
        type: DISK,
        from: disk,
        set: ["diskMBpsReadWrite", 900],
        property: "diskMBpsReadWrite",
        says: /from 125 to 750/,
    },
    {
        what: "a speed for a disk whose size says it",
        type: DISK,
        from: disk,
        set: ["sku.name", "Premium_LRS"],
        property: "diskIOPSReadWrite",
        says: /PremiumV2_LRS and UltraSSD_LRS only/,
    },

    // extensions
    {
        what: "a second extension of one handler",
        type: EXTENSION,
        from: extension,
        set: ["vmExtensionName", "again"],
        property: "type",
        says: /Multiple VMExtensions per handler not supported.*Microsoft\.Azure\.Extensions\.CustomScript/,
    },
    {
        what: "an extension of a machine that does not exist",
        type: EXTENSION,
        from: extension,
        set: ["vmName", "gone"],
        property: "vmName",
        says: /ParentResourceNotFound/,
    },
    {
        what: "a script without its command",
        type: EXTENSION,
        from: extension,
        set: ["settings", {}],
        property: "settings.commandToExecute",
        says: /'commandToExecute' or 'script'/,
    },
    {
        what: "a handler of three versions",
        type: EXTENSION,
        from: extension,
        set: ["typeHandlerVersion", "2.1.10"],
        property: "typeHandlerVersion",
        says: /such as 2\.1/,
    },
    {
        what: "an extension without a publisher",
        type: EXTENSION,
        from: extension,
        set: ["publisher", undefined],
        property: "publisher",
        says: /Required parameter/,
    },

    // interfaces and balancers
    {
        what: "an interface with two first addresses",
        type: NIC,
        from: nic,
        set: [
            "ipConfigurations[1]",
            {
                name: "second",
                primary: true,
                subnet: { id: id("Microsoft.Network/virtualNetworks", "vnet/subnets/nodes") },
            },
        ],
        property: "ipConfigurations",
        says: /NetworkInterfaceMustHaveOneIPConfigurationAsPrimary/,
    },
    {
        what: "an interface's address that a balancer has",
        type: NIC,
        from: nic,
        set: ["ipConfigurations[0].privateIPAddress", "10.1.0.4"],
        property: "ipConfigurations[0].privateIPAddress",
        says: /already allocated to .*loadBalancers\/lb\./,
    },
    {
        what: "an interface behind two internal balancers",
        type: NIC,
        from: nic,
        set: [
            "ipConfigurations[0].loadBalancerBackendAddressPools[1]",
            { id: balancerPart("backendAddressPools", "api", "lb2") },
        ],
        property: "ipConfigurations[0].loadBalancerBackendAddressPools[1].id",
        says: /another internal load balancer/,
    },
    {
        what: "an interface behind a balancer of another network",
        type: NIC,
        from: nic,
        set: [
            "ipConfigurations[0].loadBalancerBackendAddressPools[0].id",
            balancerPart("backendAddressPools", "api", "elsewhere"),
        ],
        property: "ipConfigurations[0].loadBalancerBackendAddressPools[0].id",
        says: /MustUseSameVnet/,
    },
    {
        what: "an interface in another region than its network",
        type: NIC,
        from: nic,
        set: ["location", "northeurope"],
        property: "ipConfigurations[0].subnet.id",
        says: /both resources are in the same region.*InvalidResourceReference/,
    },
    {
        what: "a balancer that is public and internal",
        type: BALANCER,
        from: balancer,
        set: [
            "frontendIPConfigurations[1]",
            { name: "public", publicIPAddress: { id: id("Microsoft.Network/publicIPAddresses", "ip") } },
        ],
        property: "frontendIPConfigurations",
        says: /all public or all private/,
    },
    {
        what: "a probe that asks once in four seconds",
        type: BALANCER,
        from: balancer,
        set: ["probes[0].intervalInSeconds", 4],
        property: "probes[0].intervalInSeconds",
        says: /at least 5/,
    },
    {
        what: "a probe of an HTTPS server without a path",
        type: BALANCER,
        from: balancer,
        set: ["probes[0].requestPath", undefined],
        property: "probes[0].requestPath",
        says: /required for an Https probe/,
    },
    {
        what: "a probe's path without its slash",
        type: BALANCER,
        from: balancer,
        set: ["probes[0].requestPath", "readyz"],
        property: "probes[0].requestPath",
        says: /slash/,
    },
    {
        what: "a probe that never decides",
        type: BALANCER,
        from: balancer,
        set: ["probes[0].probeThreshold", 0],
        property: "probes[0].probeThreshold",
        says: /from 1 to 100/,
    },
    {
        what: "a connection that idles for two hours",
        type: BALANCER,
        from: balancer,
        set: ["loadBalancingRules[0].idleTimeoutInMinutes", 120],
        property: "loadBalancingRules[0].idleTimeoutInMinutes",
        says: /from 4 to 100/,
    },
    {
        what: "two rules to one port of the same machines",
        type: BALANCER,
        from: balancer,
        set: [
            "loadBalancingRules[1]",
            {
                name: "second",
                protocol: "Tcp",
                frontendPort: 443,
                backendPort: 6443,
                frontendIPConfiguration: { id: balancerPart("frontendIPConfigurations", "front") },
                backendAddressPool: { id: balancerPart("backendAddressPools", "api") },
            },
        ],
        property: "loadBalancingRules[1].backendPort",
        says: /enableFloatingIP/,
    },
    {
        what: "a rule on another balancer's probe",
        type: BALANCER,
        from: balancer,
        set: ["loadBalancingRules[0].probe", { id: balancerPart("probes", "ready", "lb2") }],
        property: "loadBalancingRules[0].probe.id",
        says: /its own load balancer/,
    },
    {
        what: "two ways out by one address",
        type: BALANCER,
        from: (good) => good.publicBalancer,
        set: ["loadBalancingRules[0].disableOutboundSnat", false],
        property: "loadBalancingRules[0].disableOutboundSnat",
        says: /LoadBalancingRuleMustDisableSNAT/,
    },
    {
        what: "ports out that are no multiple of eight",
        type: BALANCER,
        from: (good) => good.publicBalancer,
        set: ["outboundRules[0].allocatedOutboundPorts", 1001],
        property: "outboundRules[0].allocatedOutboundPorts",
        says: /multiple of 8/,
    },

    // scale sets
    {
        what: "rolling upgrades without a sign of health",
        type: SET,
        from: scaleSet,
        set: ["virtualMachineProfile.extensionProfile", undefined],
        property: "upgradePolicy.mode",
        says: /Rolling Upgrade mode is not supported.*health probe or health extension was not specified/,
    },
    {
        what: "repairs without a sign of health",
        type: SET,
        from: (good) => changed(good.scaleSet, "upgradePolicy", { mode: "Manual" }),
        set: ["virtualMachineProfile.extensionProfile", undefined],
        property: "automaticRepairsPolicy.enabled",
        says: /health probe or health extension was not specified/,
    },
    {
        what: "a probe and an extension for health",
        type: SET,
        from: scaleSet,
        set: ["virtualMachineProfile.networkProfile.healthProbe", { id: balancerPart("probes", "ready") }],
        property: "upgradePolicy.mode",
        says: /both a health probe and a health extension/,
    },
    {
        what: "a surge with machines to spare",
        type: SET,
        from: scaleSet,
        set: ["overprovision", undefined],
        property: "upgradePolicy.rollingUpgradePolicy.maxSurge",
        says: /overprovision to be false/,
    },
    {
        what: "a batch of nothing",
        type: SET,
        from: scaleSet,
        set: ["upgradePolicy.rollingUpgradePolicy.maxBatchInstancePercent", 4],
        property: "upgradePolicy.rollingUpgradePolicy.maxBatchInstancePercent",
        says: /at least|from 5 to 100|>= 5/,
    },
    {
        what: "fewer unhealthy machines than a batch has",
        type: SET,
        from: scaleSet,
        set: ["upgradePolicy.rollingUpgradePolicy.maxUnhealthyInstancePercent", 10],
        property: "upgradePolicy.rollingUpgradePolicy.maxUnhealthyInstancePercent",
        says: /less than maxBatchInstancePercent 20/,
    },
    {
        what: "a repair after five minutes",
        type: SET,
        from: scaleSet,
        set: ["automaticRepairsPolicy.gracePeriod", "PT5M"],
        property: "automaticRepairsPolicy.gracePeriod",
        says: /PT10M to PT90M/,
    },
    {
        what: "more than a hundred machines in one placement group",
        type: SET,
        from: (good) => changed(good.scaleSet, "sku.capacity", 101),
        set: ["singlePlacementGroup", true],
        property: "sku.capacity",
        says: /from 0 to 100/,
    },
    {
        what: "machines without an image",
        type: SET,
        from: scaleSet,
        set: ["virtualMachineProfile.storageProfile", undefined],
        property: "virtualMachineProfile.storageProfile",
        says: /Required parameter/,
    },
    {
        what: "a set without an upgrade policy",
        type: SET,
        from: scaleSet,
        set: ["upgradePolicy", undefined],
        property: "upgradePolicy",
        says: /needs its mode/,
    },
    {
        what: "a price limit without spot in a set",
        type: SET,
        from: scaleSet,
        set: ["virtualMachineProfile.billingProfile", { maxPrice: -1 }],
        property: "virtualMachineProfile.billingProfile",
        says: /"Spot" only/,
    },
    {
        what: "names of machines that begin with a dash",
        type: SET,
        from: scaleSet,
        set: ["virtualMachineProfile.osProfile.computerNamePrefix", "-node"],
        property: "virtualMachineProfile.osProfile.computerNamePrefix",
        says: /letters, digits and dashes/,
    },
    {
        what: "user data of a set that is not Base64",
        type: SET,
        from: scaleSet,
        set: ["virtualMachineProfile.userData", "ROLE=worker"],
        property: "virtualMachineProfile.userData",
        says: /Base64/,
    },
    {
        what: "two interfaces of which none is the first in a set",
        type: SET,
        from: scaleSet,
        set: [
            "virtualMachineProfile.networkProfile.networkInterfaceConfigurations",
            ["a", "b"].map((name) => ({ name, ipConfigurations: [{ name: "first" }] })),
        ],
        property: "virtualMachineProfile.networkProfile.networkInterfaceConfigurations",
        says: /MustHaveOneNetworkInterfaceAsPrimary/,
    },
    {
        what: "interfaces of a Flexible set without their API version",
        type: SET,
        from: (good) => changed(good.scaleSet, "platformFaultDomainCount", 1),
        set: ["orchestrationMode", "Flexible"],
        property: "virtualMachineProfile.networkProfile.networkApiVersion",
        says: /2020-11-01/,
    },
];

describe("the simulated Azure refuses of machines", function () {
    this.timeout(60_000);
    let run: AzureRun;
    let good: Good;

    before(async () => {
        run = new AzureRun();
        good = await goodInputs(run);
    });
    after(() => run.end());

    it("nothing of what Azure takes", () =>
        assertTaken(run, [
            [MACHINE, good.machine],
            [DISK, good.disk],
            [SET, good.scaleSet],
            [BALANCER, good.balancer],
            [BALANCER, good.publicBalancer],
            [NIC, good.nic],
            [EXTENSION, good.extension],
        ]));

    itRefuses(REFUSALS, () => ({ run, good }));
});

async function goodInputs(run: AzureRun) {
    const { subnet, group, balancer: plain } = await base(run);
    const inGroup = { resourceGroupName: "rg" };
    const part = (kind: string, name: string, owner = "lb"): { id: string } => ({
        id: `${group.id}/providers/Microsoft.Network/loadBalancers/${owner}/${kind}/${name}`,
    });
    const front = { name: "front", subnet: { id: subnet.id }, zones: ["1", "2", "3"] };
    const rule = {
        name: "api",
        protocol: "Tcp",
        frontendPort: 6443,
        backendPort: 6443,
        enableTcpReset: true,
        idleTimeoutInMinutes: 30,
        disableOutboundSnat: true,
        frontendIPConfiguration: part("frontendIPConfigurations", "front"),
        backendAddressPool: part("backendAddressPools", "api"),
        probe: part("probes", "ready"),
    };
    const balancer = {
        ...plain,
        frontendIPConfigurations: [
            { ...front, privateIPAllocationMethod: "Static", privateIPAddress: "10.1.0.4" },
        ] as Properties[],
        backendAddressPools: [{ name: "api" }],
        loadBalancingRules: [rule],
    } satisfies Properties;
    await run.make(BALANCER, balancer);
    await run.make(BALANCER, {
        ...balancer,
        loadBalancerName: "lb2",
        frontendIPConfigurations: [front],
        loadBalancingRules: [],
    });
    await run.make("network:VirtualNetwork", {
        ...inGroup,
        virtualNetworkName: "apart",
        addressSpace: { addressPrefixes: ["10.2.0.0/16"] },
        subnets: [{ name: "other", addressPrefix: "10.2.0.0/24" }],
    });
    await run.make(BALANCER, {
        ...balancer,
        loadBalancerName: "elsewhere",
        frontendIPConfigurations: [
            {
                name: "front",
                subnet: { id: `${group.id}/providers/Microsoft.Network/virtualNetworks/apart/subnets/other` },
            },
        ],
        loadBalancingRules: [],
    });
    const address = (publicIpAddressName: string, zones: string[]) =>
        run.make("network:PublicIPAddress", {
            ...inGroup,
            publicIpAddressName,
            sku: { name: "Standard" },
            publicIPAllocationMethod: "Static",
            zones,
        });
    const ip = await address("ip", ["1", "2", "3"]);
    const zonal = await address("zonal", ["3"]);
    const newNic = (networkInterfaceName: string, more: Properties = {}, configuration: Properties = {}) =>
        run.make(NIC, {
            ...inGroup,
            ...more,
            networkInterfaceName,
            ipConfigurations: [{ name: "first", subnet: { id: subnet.id }, ...configuration }],
        });
    const used = await newNic("nic");
    await newNic("fast", { enableAcceleratedNetworking: true });
    await newNic("public", {}, { publicIPAddress: { id: zonal.id } });

    const newDisk = (diskName: string, sku: string, zones?: string[]) =>
        run.make(DISK, {
            ...inGroup,
            diskName,
            sku: { name: sku },
            ...(zones ? { zones } : {}),
            diskSizeGB: 64,
            creationData: { createOption: "Empty" },
        });
    const etcd = await newDisk("etcd", "PremiumV2_LRS", ["1"]);
    await newDisk("regional", "Premium_LRS");
    await newDisk("ultra", "UltraSSD_LRS", ["1"]);

    const image = { publisher: "Canonical", offer: "ubuntu-24_04-lts", sku: "server", version: "latest" };
    const securityProfile = {
        encryptionAtHost: true,
        securityType: "TrustedLaunch",
        uefiSettings: { secureBootEnabled: true, vTpmEnabled: true },
    };
    const linuxConfiguration = {
        disablePasswordAuthentication: true,
        ssh: { publicKeys: [{ path: "/home/mainstay/.ssh/authorized_keys", keyData: "ssh-ed25519 AAAA" }] },
    };
    const machine = {
        ...inGroup,
        vmName: "made",
        zones: ["1"],
        hardwareProfile: { vmSize: "Standard_D4ds_v5" },
        securityProfile,
        storageProfile: {
            imageReference: image,
            osDisk: {
                createOption: "FromImage",
                caching: "ReadOnly",
                managedDisk: { storageAccountType: "Premium_LRS" },
            },
            dataDisks: [{ lun: 0, createOption: "Attach", caching: "None", managedDisk: { id: etcd.id } }],
        },
        osProfile: {
            computerName: "node",
            adminUsername: "mainstay",
            customData: "IyEvYmluL3No",
            linuxConfiguration,
        },
        userData: "ZmFjdHM=",
        networkProfile: { networkInterfaces: [{ id: used.id, primary: true }] },
    } satisfies Properties;
    await run.make(MACHINE, machine);
    const extension = {
        ...inGroup,
        vmName: "made",
        vmExtensionName: "boot",
        publisher: "Microsoft.Azure.Extensions",
        type: "CustomScript",
        typeHandlerVersion: "2.1",
        settings: { commandToExecute: "/usr/local/sbin/mainstay-boot" },
    } satisfies Properties;
    await run.make(EXTENSION, extension);
    return {
        subscription: group.id.split("/")[2],
        machine,
        extension,
        balancer,
        publicBalancer: {
            ...balancer,
            frontendIPConfigurations: [{ name: "front", publicIPAddress: { id: ip.id } }],
            outboundRules: [
                {
                    name: "out",
                    protocol: "All",
                    allocatedOutboundPorts: 1024,
                    frontendIPConfigurations: [part("frontendIPConfigurations", "front")],
                    backendAddressPool: part("backendAddressPools", "api"),
                },
            ],
        } satisfies Properties,
        nic: {
            ...inGroup,
            networkInterfaceName: "fixed",
            ipConfigurations: [
                {
                    name: "first",
                    primary: true,
                    subnet: { id: subnet.id },
                    privateIPAllocationMethod: "Static",
                    privateIPAddress: "10.1.0.9",
                    loadBalancerBackendAddressPools: [part("backendAddressPools", "api")],
                },
            ],
        } satisfies Properties,
        disk: {
            ...inGroup,
            diskName: "data",
            sku: { name: "PremiumV2_LRS" },
            zones: ["1"],
            diskSizeGB: 64,
            diskIOPSReadWrite: 3000,
            diskMBpsReadWrite: 200,
            creationData: { createOption: "Empty" },
        } satisfies Properties,
        scaleSet: {
            ...inGroup,
            vmScaleSetName: "workers",
            zones: ["1"],
            sku: { name: "Standard_D4ds_v5", capacity: 2 },
            orchestrationMode: "Uniform",
            overprovision: false,
            singlePlacementGroup: false,
            automaticRepairsPolicy: { enabled: true, gracePeriod: "PT30M" },
            upgradePolicy: {
                mode: "Rolling",
                rollingUpgradePolicy: {
                    maxBatchInstancePercent: 20,
                    maxUnhealthyInstancePercent: 20,
                    maxUnhealthyUpgradedInstancePercent: 20,
                    maxSurge: true,
                },
            },
            virtualMachineProfile: {
                securityProfile,
                storageProfile: { imageReference: image, osDisk: { createOption: "FromImage" } },
                osProfile: { computerNamePrefix: "node", adminUsername: "mainstay", linuxConfiguration },
                userData: "ZmFjdHM=",
                networkProfile: {
                    networkInterfaceConfigurations: [
                        {
                            name: "nic",
                            primary: true,
                            ipConfigurations: [{ name: "first", subnet: { id: subnet.id } }],
                        },
                    ],
                },
                extensionProfile: {
                    extensions: [
                        {
                            name: "health",
                            publisher: "Microsoft.ManagedServices",
                            type: "ApplicationHealthLinux",
                            typeHandlerVersion: "2.0",
                            settings: { protocol: "http", port: 10_248, requestPath: "/healthz" },
                        },
                    ],
                },
            },
        } satisfies Properties,
    };
}

import assert from "node:assert/strict";
import { contractsFolder } from "../../rehearsal/contracts";
import type { Properties } from "../../rehearsal/provider/values";
import { assertTaken, itRefuses, type Refusal } from "./azureRefusal";
import { AzureRun, base, changed, CLUSTER, POOL } from "./azureRun";

type Good = Awaited<ReturnType<typeof goodInputs>>;

const cluster = (good: Good): Properties => good.cluster;
const balancer = (good: Good): Properties => good.balancer;
const subnet = (good: Good): Properties => good.subnet;
const pool = (good: Good): Properties => good.pool;
const rules = (good: Good): Properties => good.securityGroup;

const REFUSALS: Refusal<Good>[] = [
    // ARM's own schemas
    {
        what: "a tier that is none",
        type: CLUSTER,
        from: cluster,
        set: ["sku.tier", "Gold"],
        property: "sku.tier",
        says: /"Premium", "Standard", "Free".*"Gold"/,
        bySchema: true,
    },
    {
        what: "a misspelt enum, with the nearest",
        type: CLUSTER,
        from: cluster,
        set: ["networkProfile.networkPlugin", "azur"],
        property: "networkProfile.networkPlugin",
        says: /Did you mean "azure"/,
        bySchema: true,
    },
    {
        what: "a word where a number belongs",
        type: CLUSTER,
        from: cluster,
        set: ["agentPoolProfiles[0].count", "three"],
        property: "agentPoolProfiles[0].count",
        says: /an integer.*"three"/,
        bySchema: true,
    },
    {
        what: "a text where a list belongs",
        type: CLUSTER,
        from: cluster,
        set: ["agentPoolProfiles[0].nodeTaints", "a=b:NoSchedule"],
        property: "agentPoolProfiles[0].nodeTaints",
        says: /an array/,
        bySchema: true,
    },
    {
        what: "a pool's name in capitals",
        type: CLUSTER,
        from: cluster,
        set: ["agentPoolProfiles[0].name", "System"],
        property: "agentPoolProfiles[0].name",
        says: /\^\[a-z\]/,
        bySchema: true,
    },
    {
        what: "a pool's name of 13 letters",
        type: POOL,
        from: pool,
        set: ["agentPoolName", "abcdefghijklm"],
        property: "agentPoolName",
        says: /must match|at most 12/,
        bySchema: true,
    },
    {
        what: "an unknown key, with the nearest",
        type: CLUSTER,
        from: cluster,
        set: ["networkProfil", {}],
        property: "networkProfil",
        says: /Did you mean `networkProfile`/,
        bySchema: true,
    },
    {
        what: "an unknown key deep inside",
        type: CLUSTER,
        from: cluster,
        set: ["agentPoolProfiles[0].upgradeSettings", { maxSurg: "1" }],
        property: "agentPoolProfiles[0].upgradeSettings.maxSurg",
        says: /Did you mean `maxSurge`/,
        bySchema: true,
    },
    {
        what: "wrong nesting",
        type: CLUSTER,
        from: cluster,
        set: ["networkPlugin", "azure"],
        property: "networkPlugin",
        says: /not known to Azure/,
        bySchema: true,
    },
    {
        what: "a probe without its port",
        type: "network:LoadBalancer",
        from: balancer,
        set: ["probes[0].port", undefined],
        property: "probes[0].port",
        says: /required/,
        bySchema: true,
    },
    {
        what: "a probe of an unknown protocol",
        type: "network:LoadBalancer",
        from: balancer,
        set: ["probes[0].protocol", "HTTPS2"],
        property: "probes[0].protocol",
        says: /"Http", "Tcp", "Https"|"Https"/,
        bySchema: true,
    },
    {
        what: "a NAT gateway of a SKU that its API version does not know",
        type: "network:NatGateway",
        from: (good) => good.nat,
        set: ["sku.name", "StandardV2"],
        property: "sku.name",
        says: /"Standard".*"StandardV2"/,
        bySchema: true,
    },
    {
        what: "a backup rule of no known kind",
        type: "dataprotection:BackupPolicy",
        from: (good) => good.backupPolicy,
        set: ["properties.policyRules[0].objectType", "AzureBackupRul"],
        property: "properties.policyRules[0].objectType",
        says: /AzureRetentionRule/,
        bySchema: true,
    },
    {
        what: "a vault's tenant that is no GUID",
        type: "keyvault:Vault",
        from: (good) => good.vault,
        set: ["properties.tenantId", "contoso"],
        property: "properties.tenantId",
        says: /must match/,
        bySchema: true,
    },

    // references
    {
        what: "a subnet that does not exist",
        type: CLUSTER,
        from: cluster,
        set: [
            "agentPoolProfiles[0].vnetSubnetID",
            "/subscriptions/SUB/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/vnet/subnets/gone",
        ],
        property: "agentPoolProfiles[0].vnetSubnetID",
        says: /does not exist/,
    },
    {
        what: "an identity that does not exist",
        type: CLUSTER,
        from: cluster,
        set: [
            "identity",
            {
                type: "UserAssigned",
                userAssignedIdentities: [
                    "/subscriptions/SUB/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/gone",
                ],
            },
        ],
        property: "identity.userAssignedIdentities[0]",
        says: /does not exist/,
    },
    {
        what: "a rule on a frontend that the load balancer does not have",
        type: "network:LoadBalancer",
        from: balancer,
        set: [
            "loadBalancingRules",
            [
                {
                    name: "api",
                    protocol: "Tcp",
                    frontendPort: 6443,
                    backendPort: 6443,
                    frontendIPConfiguration: {
                        id: "/subscriptions/SUB/resourceGroups/rg/providers/Microsoft.Network/loadBalancers/lb/frontendIPConfigurations/back",
                    },
                },
            ],
        ],
        property: "loadBalancingRules[0].frontendIPConfiguration.id",
        says: /does not exist/,
    },
    {
        what: "a resource group that does not exist",
        type: "network:LoadBalancer",
        from: balancer,
        set: ["resourceGroupName", "gone"],
        property: "resourceGroupName",
        says: /ResourceGroupNotFound/,
    },
    {
        what: "a network that does not exist",
        type: "network:Subnet",
        from: subnet,
        set: ["virtualNetworkName", "gone"],
        property: "virtualNetworkName",
        says: /ParentResourceNotFound/,
    },
    {
        what: "a workspace that does not exist",
        type: "monitor:DiagnosticSetting",
        from: (good) => good.diagnostics,
        set: [
            "workspaceId",
            "/subscriptions/SUB/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/gone",
        ],
        property: "workspaceId",
        says: /does not exist/,
    },

    // addresses
    {
        what: "a subnet outside of its network",
        type: "network:Subnet",
        from: subnet,
        set: ["addressPrefix", "10.2.0.0/24"],
        property: "addressPrefix",
        says: /NetcfgInvalidSubnet/,
    },
    {
        what: "a subnet that overlaps with another",
        type: "network:Subnet",
        from: subnet,
        set: ["addressPrefix", "10.1.2.0/23"],
        property: "addressPrefix",
        says: /'nodes'.*NetcfgSubnetRangesOverlap/,
    },
    {
        what: "a range with bits behind its prefix",
        type: "network:Subnet",
        from: subnet,
        set: ["addressPrefix", "10.1.8.1/24"],
        property: "addressPrefix",
        says: /should be 10\.1\.8\.0\/24/,
    },
    {
        what: "a range that is none",
        type: "network:Subnet",
        from: subnet,
        set: ["addressPrefix", "10.1.8.0"],
        property: "addressPrefix",
        says: /InvalidCIDRNotation/,
    },
    {
        what: "a subnet too small",
        type: "network:Subnet",
        from: subnet,
        set: ["addressPrefix", "10.1.8.0/30"],
        property: "addressPrefix",
        says: /\/29 is the smallest/,
    },
    {
        what: "services that overlap with the nodes' network",
        type: CLUSTER,
        from: cluster,
        set: ["networkProfile.serviceCidr", "10.1.128.0/20"],
        property: "networkProfile.serviceCidr",
        says: /ServiceCidrOverlapExistingSubnetsCidr/,
    },
    {
        what: "pods that overlap with the nodes' network",
        type: CLUSTER,
        from: cluster,
        set: ["networkProfile.podCidr", "10.1.0.0/16"],
        property: "networkProfile.podCidr",
        says: /PodCidrOverlap/,
    },
    {
        what: "a DNS address outside of the services'",
        type: CLUSTER,
        from: cluster,
        set: ["networkProfile.dnsServiceIP", "10.9.0.10"],
        property: "networkProfile.dnsServiceIP",
        says: /not within serviceCidr/,
    },
    {
        what: "a frontend's address that Azure keeps",
        type: "network:LoadBalancer",
        from: balancer,
        set: ["frontendIPConfigurations[0].privateIPAddress", "10.1.0.3"],
        property: "frontendIPConfigurations[0].privateIPAddress",
        says: /kept by Azure/,
    },

    // zones, regions, sizes
    {
        what: "a zone that the region does not have",
        type: CLUSTER,
        from: cluster,
        set: ["agentPoolProfiles[0].availabilityZones", ["1", "4"]],
        property: "agentPoolProfiles[0].availabilityZones",
        says: /zone 4 is not in westeurope/,
    },
    {
        what: "zones in a region without",
        type: POOL,
        from: (good) => good.poolOutside,
        set: ["availabilityZones", ["1"]],
        property: "availabilityZones",
        says: /has no zones/,
    },
    {
        what: "a region that is none",
        type: "network:LoadBalancer",
        from: balancer,
        set: ["location", "westeurop"],
        property: "location",
        says: /Did you mean "westeurope"/,
    },
    {
        what: "a machine size that is none",
        type: CLUSTER,
        from: cluster,
        set: ["agentPoolProfiles[0].vmSize", "Standard_D4dsv5"],
        property: "agentPoolProfiles[0].vmSize",
        says: /VMSizeNotSupported/,
    },
    {
        what: "a NAT gateway over three zones",
        type: "network:NatGateway",
        from: (good) => good.nat,
        set: ["zones", ["1", "2", "3"]],
        property: "zones",
        says: /one NAT gateway a zone/,
    },
    {
        what: "a NAT gateway's address in another zone",
        type: "network:NatGateway",
        from: (good) => good.nat,
        set: ["zones", ["2"]],
        property: "publicIpAddresses[0].id",
        says: /in zone 1, the NAT gateway in zone 2/,
    },
    {
        what: "zones on a public frontend",
        type: "network:LoadBalancer",
        from: (good) => good.publicBalancer,
        set: ["frontendIPConfigurations[0].zones", ["1", "2", "3"]],
        property: "frontendIPConfigurations[0].zones",
        says: /LoadBalancerFrontendIPConfigCannotHaveZoneWhenReferencingPublicIPAddress/,
    },
    {
        what: "an address of the retired Basic SKU",
        type: "network:PublicIPAddress",
        from: (good) => good.address,
        set: ["sku", undefined],
        property: "sku.name",
        says: /IPv4BasicSkuPublicIpCountLimitReached/,
    },

    // clusters and pools
    {
        what: "authorised ranges for a private cluster",
        type: CLUSTER,
        from: cluster,
        set: ["apiServerAccessProfile", { enablePrivateCluster: true, authorizedIPRanges: ["203.0.113.0/24"] }],
        property: "apiServerAccessProfile.authorizedIPRanges",
        says: /private cluster/,
    },
    {
        what: "a cluster without an inline pool",
        type: CLUSTER,
        from: cluster,
        set: ["agentPoolProfiles", undefined],
        property: "agentPoolProfiles",
        says: /inline system pool/,
    },
    {
        what: "a cluster without a system pool",
        type: CLUSTER,
        from: cluster,
        set: ["agentPoolProfiles[0].mode", "User"],
        property: "agentPoolProfiles[0].mode",
        says: /at least one system pool/,
    },
    {
        what: "an autoscaler without limits",
        type: POOL,
        from: pool,
        set: ["enableAutoScaling", true],
        property: "maxCount",
        says: /missing/,
    },
    {
        what: "a count outside of the autoscaler's limits",
        type: CLUSTER,
        from: (good) => changed(good.cluster, "agentPoolProfiles[0].enableAutoScaling", true),
        set: [
            "agentPoolProfiles[0]",
            {
                name: "system",
                mode: "System",
                enableAutoScaling: true,
                count: 9,
                minCount: 3,
                maxCount: 5,
                vmSize: "Standard_D4ds_v5",
            },
        ],
        property: "agentPoolProfiles[0].count",
        says: /within minCount 3 and maxCount 5/,
    },
    {
        what: "local accounts off with nobody to sign in",
        type: CLUSTER,
        from: cluster,
        set: ["disableLocalAccounts", true],
        property: "disableLocalAccounts",
        says: /aadProfile/,
    },
    {
        what: "workload identity without an issuer",
        type: CLUSTER,
        from: cluster,
        set: ["securityProfile", { workloadIdentity: { enabled: true } }],
        property: "securityProfile.workloadIdentity.enabled",
        says: /oidcIssuerProfile/,
    },
    {
        what: "Cilium's policies on another data plane",
        type: CLUSTER,
        from: cluster,
        set: ["networkProfile.networkPolicy", "cilium"],
        property: "networkProfile.networkPolicy",
        says: /networkDataplane/,
    },
    {
        what: "egress by NAT gateway from a subnet without one",
        type: CLUSTER,
        from: cluster,
        set: ["networkProfile.outboundType", "userAssignedNATGateway"],
        property: "agentPoolProfiles[0].vnetSubnetID",
        says: /has none/,
    },
    {
        what: "a version that is not offered",
        type: CLUSTER,
        from: cluster,
        set: ["kubernetesVersion", "1.19.3"],
        property: "kubernetesVersion",
        says: /K8sVersionNotSupported/,
    },
    {
        what: "a taint without its effect",
        type: CLUSTER,
        from: cluster,
        set: ["agentPoolProfiles[0].nodeTaints", ["CriticalAddonsOnly=true"]],
        property: "agentPoolProfiles[0].nodeTaints[0]",
        says: /NoSchedule/,
    },
    {
        what: "a maintenance window of an unknown kind",
        type: "containerservice:MaintenanceConfiguration",
        from: (good) => good.maintenance,
        set: ["configName", "weekly"],
        property: "configName",
        says: /aksManagedNodeOSUpgradeSchedule/,
    },

    // names, rules, principals
    {
        what: "a storage account in capitals",
        type: "storage:StorageAccount",
        from: (good) => good.account,
        set: ["accountName", "Audit-Logs"],
        property: "accountName",
        says: /lower-case letters and digits/,
    },
    {
        what: "a storage account's name that is taken",
        type: "storage:StorageAccount",
        from: (good) => good.account,
        set: ["accountName", "takenaccount"],
        property: "accountName",
        says: /only one in all of Azure/,
    },
    {
        what: "two rules of one priority",
        type: "network:NetworkSecurityGroup",
        from: rules,
        set: ["securityRules[1].priority", 100],
        property: "securityRules[1].priority",
        says: /SecurityRuleConflict/,
    },
    {
        what: "a priority out of range",
        type: "network:NetworkSecurityGroup",
        from: rules,
        set: ["securityRules[0].priority", 99],
        property: "securityRules[0].priority",
        says: /100 to 4096/,
    },
    {
        what: "a port range upside down",
        type: "network:NetworkSecurityGroup",
        from: rules,
        set: ["securityRules[0].destinationPortRange", "443-80"],
        property: "securityRules[0].destinationPortRange",
        says: /SecurityRuleInvalidPortRange/,
    },
    {
        what: "a source that is no address",
        type: "network:NetworkSecurityGroup",
        from: rules,
        set: ["securityRules[0].sourceAddressPrefix", "10.0.0.300/24"],
        property: "securityRules[0].sourceAddressPrefix",
        says: /SecurityRuleInvalidAddressPrefix/,
    },
    {
        what: "a role for an identity as if it were a person",
        type: "authorization:RoleAssignment",
        from: (good) => good.role,
        set: ["principalType", "User"],
        property: "principalType",
        says: /UnmatchedPrincipalType/,
    },
    {
        what: "custom data that is not Base64",
        type: "compute:VirtualMachine",
        from: (good) => good.machine,
        set: ["osProfile.customData", "#cloud-config"],
        property: "osProfile.customData",
        says: /Base64/,
    },
    {
        what: "an unknown log category",
        type: "monitor:DiagnosticSetting",
        from: (good) => good.diagnostics,
        set: ["logs[0].category", "kube-audits"],
        property: "logs[0].category",
        says: /not supported/,
    },
    {
        what: "an address's label that is taken",
        type: "network:PublicIPAddress",
        from: (good) => good.address,
        set: ["dnsSettings", { domainNameLabel: "taken" }],
        property: "dnsSettings.domainNameLabel",
        says: /DnsRecordInUse/,
    },
    {
        what: "a scale set of no known size",
        type: "compute:VirtualMachineScaleSet",
        from: (good) => good.scaleSet,
        set: ["sku.name", "Standard_D4ds_v55"],
        property: "sku.name",
        says: /Standard_D4ds_v5/,
    },
    {
        what: "purge protection set to false",
        type: "keyvault:Vault",
        from: (good) => good.vault,
        set: ["properties.enablePurgeProtection", false],
        property: "properties.enablePurgeProtection",
        says: /cannot be set to false/,
    },
    {
        what: "an issuer without https",
        type: "managedidentity:FederatedIdentityCredential",
        from: (good) => good.credential,
        set: ["issuer", "http://issuer.example"],
        property: "issuer",
        says: /https/,
    },
    {
        what: "an interface's address outside of its subnet",
        type: "network:NetworkInterface",
        from: (good) => good.nic,
        set: ["ipConfigurations[0].privateIPAddress", "10.1.9.9"],
        property: "ipConfigurations[0].privateIPAddress",
        says: /PrivateIPAddressNotInSubnet/,
    },
    {
        what: "a rule of its own with a priority that its group has",
        type: "network:SecurityRule",
        from: (good) => good.securityRule,
        set: ["priority", 100],
        property: "priority",
        says: /'api'.*SecurityRuleConflict/,
    },
    {
        what: "a peering of networks that share addresses",
        type: "network:VirtualNetworkPeering",
        from: (good) => good.peering,
        set: [
            "remoteVirtualNetwork.id",
            "/subscriptions/SUB/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/twin",
        ],
        property: "remoteVirtualNetwork.id",
        says: /VnetAddressSpacesOverlap/,
    },
];

describe("the simulated Azure refuses", function () {
    this.timeout(60_000);
    let run: AzureRun;
    let good: Good;

    before(async () => {
        run = new AzureRun();
        good = await goodInputs(run);
    });
    after(() => run.end());

    it("nothing of what Azure takes", async () => {
        const all: [string, Properties][] = [
            [CLUSTER, good.cluster],
            [POOL, good.pool],
            ["network:LoadBalancer", good.balancer],
            ["network:LoadBalancer", good.publicBalancer],
            ["network:Subnet", good.subnet],
            ["network:NatGateway", good.nat],
            ["network:PublicIPAddress", good.address],
            ["network:NetworkSecurityGroup", good.securityGroup],
            ["dataprotection:BackupPolicy", good.backupPolicy],
            ["keyvault:Vault", good.vault],
            ["monitor:DiagnosticSetting", good.diagnostics],
            ["containerservice:MaintenanceConfiguration", good.maintenance],
            ["storage:StorageAccount", good.account],
            ["authorization:RoleAssignment", good.role],
            ["compute:VirtualMachine", good.machine],
            ["compute:VirtualMachineScaleSet", good.scaleSet],
            ["managedidentity:FederatedIdentityCredential", good.credential],
            ["network:NetworkInterface", good.nic],
            ["network:SecurityRule", good.securityRule],
            ["network:VirtualNetworkPeering", good.peering],
        ];
        await assertTaken(run, all);
    });

    itRefuses(REFUSALS, () => ({ run, good }));

    it("every violation at once", async function () {
        if (!contractsFolder()) this.skip();
        let inputs = changed(good.cluster, "sku.tier", "Gold");
        inputs = changed(inputs, "agentPoolProfiles[0].count", "three");
        inputs = changed(inputs, "agentPoolProfiles[0].availabilityZones", ["9"]);
        inputs = changed(inputs, "bogus", true);
        const { failures } = await run.check(CLUSTER, inputs);
        const named = failures.map((failure) => failure.property);
        for (const property of [
            "sku.tier",
            "agentPoolProfiles[0].count",
            "agentPoolProfiles[0].availabilityZones",
            "bogus",
        ]) {
            assert.ok(named.includes(property), `${property} in ${named.join(", ")}`);
        }
    });
});

async function goodInputs(run: AzureRun) {
    const { subnet, cluster, balancer, group, network } = await base(run);
    await run.make("resources:ResourceGroup", { resourceGroupName: "other", location: "westus" });
    const made = await run.make(CLUSTER, { ...cluster, resourceName: "made", dnsPrefix: "made" });
    const outside = await run.make(CLUSTER, {
        ...changed(
            { ...cluster, resourceGroupName: "other", resourceName: "outside" },
            "agentPoolProfiles[0].availabilityZones",
            undefined,
        ),
    });
    const address = {
        resourceGroupName: "rg",
        publicIpAddressName: "ip",
        sku: { name: "Standard" },
        publicIPAllocationMethod: "Static",
        zones: ["1"],
    } satisfies Properties;
    const ip = await run.make("network:PublicIPAddress", { ...address, dnsSettings: { domainNameLabel: "taken" } });
    const account = {
        resourceGroupName: "rg",
        accountName: "auditlogs",
        kind: "StorageV2",
        sku: { name: "Standard_ZRS" },
    } satisfies Properties;
    await run.make("storage:StorageAccount", {
        ...account,
        accountName: "takenaccount",
        resourceGroupName: "other",
        location: "westeurope",
    });
    const workspace = await run.make("operationalinsights:Workspace", {
        resourceGroupName: "rg",
        workspaceName: "logs",
        sku: { name: "PerGB2018" },
    });
    const identity = await run.make("managedidentity:UserAssignedIdentity", {
        resourceGroupName: "rg",
        resourceName: "identity",
    });
    await run.make("dataprotection:BackupVault", {
        resourceGroupName: "rg",
        vaultName: "backups",
        properties: { storageSettings: [{ datastoreType: "VaultStore", type: "ZoneRedundant" }] },
    });
    const subscription = group.id.split("/")[2];
    const rule = {
        access: "Allow",
        direction: "Inbound",
        protocol: "Tcp",
        sourceAddressPrefix: "AzureLoadBalancer",
        sourcePortRange: "*",
        destinationAddressPrefix: "*",
        destinationPortRange: "6443",
    };
    const nic = await run.make("network:NetworkInterface", {
        resourceGroupName: "rg",
        networkInterfaceName: "nic",
        ipConfigurations: [{ name: "first", subnet: { id: subnet.id } }],
    });
    await run.make("network:NetworkSecurityGroup", {
        resourceGroupName: "rg",
        networkSecurityGroupName: "own",
        securityRules: [{ ...rule, name: "api", priority: 100 }],
    });
    const networks = { twin: "10.1.128.0/17", apart: "10.2.0.0/16" };
    for (const [virtualNetworkName, range] of Object.entries(networks)) {
        await run.make("network:VirtualNetwork", {
            resourceGroupName: "rg",
            virtualNetworkName,
            addressSpace: { addressPrefixes: [range] },
        });
    }
    return {
        subscription,
        scaleSet: {
            resourceGroupName: "rg",
            vmScaleSetName: "workers",
            sku: { name: "Standard_D4ds_v5", capacity: 2 },
            orchestrationMode: "Flexible",
            platformFaultDomainCount: 1,
        } satisfies Properties,
        credential: {
            resourceGroupName: "rg",
            resourceName: "identity",
            federatedIdentityCredentialResourceName: "workload",
            issuer: "https://issuer.example",
            subject: "system:serviceaccount:a:b",
            audiences: ["api://AzureADTokenExchange"],
        } satisfies Properties,
        nic: {
            resourceGroupName: "rg",
            networkInterfaceName: "fixed",
            ipConfigurations: [
                {
                    name: "first",
                    subnet: { id: subnet.id },
                    privateIPAllocationMethod: "Static",
                    privateIPAddress: "10.1.0.9",
                },
            ],
        } satisfies Properties,
        securityRule: {
            ...rule,
            resourceGroupName: "rg",
            networkSecurityGroupName: "own",
            securityRuleName: "more",
            priority: 200,
        } satisfies Properties,
        peering: {
            resourceGroupName: "rg",
            virtualNetworkName: "vnet",
            virtualNetworkPeeringName: "peering",
            remoteVirtualNetwork: { id: network.id.replace(/vnet$/, "apart") },
        } satisfies Properties,
        cluster,
        balancer,
        address: { ...address, publicIpAddressName: "ip2" },
        publicBalancer: {
            ...balancer,
            frontendIPConfigurations: [{ name: "front", publicIPAddress: { id: ip.id } }],
        } satisfies Properties,
        subnet: {
            resourceGroupName: "rg",
            virtualNetworkName: "vnet",
            subnetName: "new",
            addressPrefix: "10.1.8.0/24",
        } satisfies Properties,
        pool: {
            resourceGroupName: "rg",
            resourceName: made.outputs.name,
            agentPoolName: "user1",
            mode: "User",
            count: 2,
            vmSize: "Standard_D8ds_v5",
            vnetSubnetID: subnet.id,
        } satisfies Properties,
        poolOutside: {
            resourceGroupName: "other",
            resourceName: outside.outputs.name,
            agentPoolName: "user1",
            mode: "User",
            count: 2,
            vmSize: "Standard_D8ds_v5",
            vnetSubnetID: subnet.id,
        } satisfies Properties,
        nat: {
            resourceGroupName: "rg",
            natGatewayName: "nat",
            sku: { name: "Standard" },
            zones: ["1"],
            publicIpAddresses: [{ id: ip.id }],
        } satisfies Properties,
        securityGroup: {
            resourceGroupName: "rg",
            networkSecurityGroupName: "nsg",
            securityRules: [
                { ...rule, name: "api", priority: 100 },
                {
                    ...rule,
                    name: "deny",
                    priority: 4096,
                    access: "Deny",
                    protocol: "*",
                    destinationPortRange: "*",
                    sourceAddressPrefix: "*",
                },
            ],
        } satisfies Properties,
        backupPolicy: {
            resourceGroupName: "rg",
            vaultName: "backups",
            backupPolicyName: "daily",
            properties: {
                objectType: "BackupPolicy",
                datasourceTypes: ["Microsoft.ContainerService/managedClusters"],
                policyRules: [
                    {
                        objectType: "AzureRetentionRule",
                        name: "Default",
                        isDefault: true,
                        lifecycles: [
                            {
                                deleteAfter: { objectType: "AbsoluteDeleteOption", duration: "P7D" },
                                sourceDataStore: { objectType: "DataStoreInfoBase", dataStoreType: "OperationalStore" },
                            },
                        ],
                    },
                ],
            },
        } satisfies Properties,
        vault: {
            resourceGroupName: "rg",
            vaultName: "mainstay-keys",
            properties: {
                tenantId: "11111111-2222-4333-8444-555555555555",
                sku: { family: "A", name: "standard" },
                enableRbacAuthorization: true,
            },
        } satisfies Properties,
        diagnostics: {
            resourceUri: made.id,
            name: "audit",
            workspaceId: workspace.id,
            logs: [{ category: "kube-audit-admin", enabled: true }],
        } satisfies Properties,
        maintenance: {
            resourceGroupName: "rg",
            resourceName: made.outputs.name,
            configName: "aksManagedNodeOSUpgradeSchedule",
            maintenanceWindow: {
                durationHours: 4,
                startTime: "02:00",
                utcOffset: "+00:00",
                schedule: { weekly: { dayOfWeek: "Sunday", intervalWeeks: 1 } },
            },
        } satisfies Properties,
        account,
        role: {
            scope: group.id,
            principalId: identity.outputs.principalId,
            principalType: "ServicePrincipal",
            roleDefinitionId: `/subscriptions/${subscription}/providers/Microsoft.Authorization/roleDefinitions/4d97b98b-1d4f-4787-a291-c67834d212e7`,
        } satisfies Properties,
        machine: {
            resourceGroupName: "rg",
            vmName: "node",
            zones: ["1"],
            hardwareProfile: { vmSize: "Standard_D4ds_v5" },
            storageProfile: {
                imageReference: { publisher: "Canonical", offer: "ubuntu-24_04-lts", sku: "server", version: "latest" },
                osDisk: { createOption: "FromImage", managedDisk: { storageAccountType: "Premium_LRS" } },
            },
            osProfile: {
                computerName: "node",
                adminUsername: "mainstay",
                customData: "IyEvYmluL3No",
                linuxConfiguration: {
                    disablePasswordAuthentication: true,
                    ssh: { publicKeys: [{ path: "/home/mainstay/.ssh/authorized_keys", keyData: "ssh-ed25519 AAAA" }] },
                },
            },
            networkProfile: { networkInterfaces: [{ id: nic.id, primary: true }] },
        } satisfies Properties,
    };
}

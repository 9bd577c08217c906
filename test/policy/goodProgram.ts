import { clusterProgram } from "./clusterProgram";
import type { Resource } from "./program";
import { hardened, selfManagedProgram } from "./selfManagedProgram";

const tags = { environment: "test", Owner: "platform" };
const zones = ["1", "2", "3"];

const denyAll = {
    direction: "Inbound",
    access: "Deny",
    priority: 4096,
    protocol: "*",
    sourceAddressPrefix: "*",
    sourcePortRange: "*",
    destinationAddressPrefix: "*",
    destinationPortRange: "*",
};

const fromOffice = {
    name: "ssh-from-office",
    direction: "Inbound",
    access: "Allow",
    priority: 100,
    protocol: "Tcp",
    sourceAddressPrefix: "203.0.113.0/24",
    sourcePortRange: "*",
    destinationAddressPrefix: "10.0.0.0/16",
    destinationPortRange: "22",
};

const fromAnybody = { ...fromOffice, name: "web", sourceAddressPrefix: "Internet", destinationPortRange: "443" };

const systemPool = {
    mode: "System",
    availabilityZones: zones,
    enableAutoScaling: true,
    count: 3,
    minCount: 3,
    maxCount: 5,
    nodeTaints: ["CriticalAddonsOnly=true:NoSchedule"],
    enableEncryptionAtHost: true,
    enableNodePublicIP: false,
    vnetSubnetID: { ref: "subnet-1" },
};

const userPool = {
    mode: "User",
    availabilityZones: ["1"],
    enableAutoScaling: true,
    count: 1,
    minCount: 1,
    maxCount: 4,
    enableEncryptionAtHost: true,
    tags,
};

const weekly = {
    schedule: { weekly: { dayOfWeek: "Sunday", intervalWeeks: 1 } },
    startTime: "02:00",
    durationHours: 4,
};

/** A program that keeps every rule, with each kind of resource that a rule reads, in each shape that it may have. */
export const goodProgram: Resource[] = [
    { type: "azure-native:resources:ResourceGroup", name: "group", props: { tags } },
    {
        type: "azure-native:network:NetworkSecurityGroup",
        name: "guard",
        props: { tags, securityRules: [fromOffice, fromAnybody, { name: "deny-rest", ...denyAll }] },
    },
    { type: "azure-native:network:NetworkSecurityGroup", name: "guard-apart", family: "guard-apart", props: { tags } },
    {
        type: "azure-native:network:SecurityRule",
        name: "rule-apart",
        family: "guard-apart",
        props: { networkSecurityGroupName: { ref: "guard-apart", output: "name" }, ...denyAll },
    },
    {
        type: "azure-native:network:SecurityRule",
        name: "rule-ssh",
        props: { networkSecurityGroupName: { ref: "guard", output: "name" }, ...fromOffice },
    },
    { type: "azure-native:network:VirtualNetwork", name: "network", props: { tags } },
    {
        type: "azure-native:network:VirtualNetwork",
        name: "network-inline",
        props: {
            tags,
            subnets: [{ name: "GatewaySubnet" }, { name: "nodes", networkSecurityGroup: { id: { ref: "guard" } } }],
        },
    },
    ...zones.flatMap((zone): Resource[] => [
        { type: "azure-native:network:PublicIPAddress", name: `address-${zone}`, props: { zones: [zone], tags } },
        {
            type: "azure-native:network:NatGateway",
            name: `egress-${zone}`,
            props: {
                sku: { name: "Standard" },
                zones: [zone],
                publicIpAddresses: [{ id: { ref: `address-${zone}` } }],
                tags,
            },
        },
        {
            type: "azure-native:network:Subnet",
            name: `subnet-${zone}`,
            props: {
                virtualNetworkName: { ref: "network", output: "name" },
                networkSecurityGroup: { id: { ref: "guard" } },
                natGateway: { id: { ref: `egress-${zone}` } },
            },
        },
    ]),
    {
        type: "azure-native:network:Subnet",
        name: "firewall-subnet",
        props: { virtualNetworkName: { ref: "network", output: "name" }, subnetName: "AzureFirewallSubnet" },
    },
    {
        type: "azure-native:network:LoadBalancer",
        name: "balancer",
        props: { sku: { name: "Standard" }, tags },
    },
    {
        type: "azure-native:network:NetworkInterface",
        name: "card",
        props: { ipConfigurations: [{ name: "private", subnet: { id: { ref: "subnet-1" } } }], tags },
    },
    {
        type: "azure-native:compute:VirtualMachine",
        name: "machine",
        props: { ...structuredClone(hardened), networkProfile: { networkInterfaces: [{ id: { ref: "card" } }] }, tags },
    },
    {
        type: "azure-native:compute:VirtualMachineScaleSet",
        name: "machines",
        props: {
            virtualMachineProfile: {
                ...structuredClone(hardened),
                networkProfile: {
                    networkInterfaceConfigurations: [{ name: "card", ipConfigurations: [{ name: "private" }] }],
                },
            },
            tags,
        },
    },
    { type: "azure-native:managedidentity:UserAssignedIdentity", name: "identity", props: { tags } },
    { type: "azure-native:operationalinsights:Workspace", name: "workspace", props: { tags } },
    {
        type: "azure-native:authorization:RoleAssignment",
        name: "role",
        props: { principalType: "ServicePrincipal", principalId: { ref: "identity", output: "name" } },
    },
    {
        type: "azure-native:containerservice:ManagedCluster",
        name: "cluster",
        family: "cluster",
        props: {
            sku: { name: "Base", tier: "Standard" },
            disableLocalAccounts: true,
            aadProfile: { managed: true, adminGroupObjectIDs: ["3f2504e0-4f89-41d3-9a0c-0305e82c3301"] },
            apiServerAccessProfile: { enablePrivateCluster: true, disableRunCommand: true },
            agentPoolProfiles: [{ name: "system", ...systemPool }],
            networkProfile: { networkPlugin: "azure", networkDataplane: "cilium", networkPolicy: "cilium" },
            oidcIssuerProfile: { enabled: true },
            securityProfile: {
                workloadIdentity: { enabled: true },
                imageCleaner: { enabled: true, intervalHours: 168 },
            },
            addonProfiles: {
                azureKeyvaultSecretsProvider: { enabled: true, config: { enableSecretRotation: "true" } },
            },
            autoScalerProfile: { balanceSimilarNodeGroups: "true" },
            autoUpgradeProfile: { nodeOSUpgradeChannel: "NodeImage", upgradeChannel: "patch" },
            tags,
        },
    },
    ...["1", "2", "3"].map((zone): Resource => ({
        type: "azure-native:containerservice:AgentPool",
        name: `user-${zone}`,
        family: "cluster",
        props: {
            resourceName: { ref: "cluster", output: "name" },
            ...userPool,
            availabilityZones: [zone],
            vnetSubnetID: { ref: `subnet-${zone}` },
        },
    })),
    {
        type: "azure-native:containerservice:AgentPool",
        name: "user-more",
        family: "cluster",
        props: { resourceName: { ref: "cluster", output: "name" }, ...userPool },
    },
    {
        type: "azure-native:containerservice:AgentPool",
        name: "system-more",
        family: "cluster",
        props: { resourceName: { ref: "cluster", output: "name" }, ...systemPool, tags },
    },
    ...["aksManagedNodeOSUpgradeSchedule", "aksManagedAutoUpgradeSchedule"].map((configName, index): Resource => ({
        type: "azure-native:containerservice:MaintenanceConfiguration",
        name: `window-${index + 1}`,
        family: "cluster",
        props: { resourceName: { ref: "cluster", output: "name" }, configName, maintenanceWindow: weekly },
    })),
    {
        type: "azure-native:monitor:DiagnosticSetting",
        name: "audit",
        family: "cluster",
        props: {
            resourceUri: { ref: "cluster" },
            workspaceId: { ref: "workspace" },
            logs: [
                { category: "guard", enabled: true },
                { category: "kube-audit-admin", enabled: true },
            ],
        },
    },
    {
        type: "azure-native:containerservice:ManagedCluster",
        name: "public-cluster",
        family: "public-cluster",
        props: {
            sku: { name: "Base", tier: "Premium" },
            disableLocalAccounts: true,
            aadProfile: { managed: true, adminGroupObjectIDs: ["3f2504e0-4f89-41d3-9a0c-0305e82c3301"] },
            apiServerAccessProfile: {
                authorizedIPRanges: ["203.0.113.0/24"],
                disableRunCommand: true,
            },
            agentPoolProfiles: [{ name: "system", ...systemPool, enableAutoScaling: false }],
            networkProfile: { networkPlugin: "azure", networkPolicy: "calico", loadBalancerSku: "standard" },
            oidcIssuerProfile: { enabled: true },
            securityProfile: { workloadIdentity: { enabled: true }, imageCleaner: { enabled: true } },
            addonProfiles: {
                azureKeyVaultSecretsProvider: { enabled: true, config: { enableSecretRotation: "true" } },
            },
            autoScalerProfile: { balanceSimilarNodeGroups: "true" },
            autoUpgradeProfile: { nodeOSUpgradeChannel: "SecurityPatch" },
            tags,
        },
    },
    {
        type: "azure-native:containerservice:MaintenanceConfiguration",
        name: "public-window",
        family: "public-cluster",
        props: {
            resourceName: { ref: "public-cluster", output: "name" },
            configName: "aksManagedNodeOSUpgradeSchedule",
            maintenanceWindow: weekly,
        },
    },
    {
        type: "azure-native:monitor:DiagnosticSetting",
        name: "public-audit",
        family: "public-cluster",
        props: {
            resourceUri: { ref: "public-cluster" },
            storageAccountId: { ref: "workspace" },
            logs: [{ categoryGroup: "allLogs", enabled: true }],
        },
    },
    ...clusterProgram,
    ...selfManagedProgram,
];

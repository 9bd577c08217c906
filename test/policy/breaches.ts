import { clusterBreaches } from "./clusterBreaches";
import type { Properties } from "./program";
import { selfManagedBreaches } from "./selfManagedBreaches";

/** One way to break one rule, and nothing else, in the good program. */
export interface Breach {
    rule: string;
    /** Resource of the good program that is broken. */
    of: string;
    breaks(props: Properties): void;
    /** Resource that the engine names, where it is not the broken one. */
    offender?: string;
    /** Breaks what all of the stack shares, so that it needs a program to itself. */
    alone?: true;
}

const publicAddress = { publicIPAddressConfiguration: { name: "public" } };

/** Each rule at least once, and each shape in which it can be broken. */
export const breaches: Breach[] = [
    { rule: "local-accounts-disabled", of: "cluster", breaks: (p) => delete p.disableLocalAccounts },
    { rule: "local-accounts-disabled", of: "cluster", breaks: (p) => (p.disableLocalAccounts = false) },
    { rule: "entra-admin-groups", of: "cluster", breaks: (p) => delete p.aadProfile },
    { rule: "entra-admin-groups", of: "cluster", breaks: (p) => (p.aadProfile.managed = false) },
    { rule: "entra-admin-groups", of: "cluster", breaks: (p) => (p.aadProfile.adminGroupObjectIDs = []) },
    { rule: "entra-admin-groups", of: "cluster", breaks: (p) => (p.enableRBAC = false) },
    { rule: "roles-for-groups", of: "role", breaks: (p) => (p.principalType = "User") },
    { rule: "roles-for-groups", of: "role", breaks: (p) => delete p.principalType },
    { rule: "network-policy-engine", of: "cluster", breaks: (p) => delete p.networkProfile },
    {
        rule: "network-policy-engine",
        of: "public-cluster",
        breaks: (p) => (p.networkProfile.networkPolicy = "none"),
    },
    { rule: "standard-tier", of: "cluster", breaks: (p) => delete p.sku },
    { rule: "standard-tier", of: "cluster", breaks: (p) => (p.sku.tier = "Free") },
    { rule: "standard-load-balancer", of: "cluster", breaks: (p) => (p.networkProfile.loadBalancerSku = "basic") },
    { rule: "standard-load-balancer", of: "balancer", breaks: (p) => delete p.sku },
    {
        rule: "system-pool-across-zones",
        of: "cluster",
        breaks: (p) => (p.agentPoolProfiles[0].availabilityZones = ["1", "2"]),
    },
    { rule: "system-pool-across-zones", of: "system-more", breaks: (p) => delete p.availabilityZones },
    { rule: "system-pool-nodes", of: "cluster", breaks: (p) => (p.agentPoolProfiles[0].minCount = 1) },
    { rule: "system-pool-nodes", of: "public-cluster", breaks: (p) => (p.agentPoolProfiles[0].count = 2) },
    { rule: "system-pool-nodes", of: "system-more", breaks: (p) => delete p.minCount },
    { rule: "user-pools-zonal", of: "user-more", breaks: (p) => delete p.availabilityZones },
    { rule: "user-pools-zonal", of: "cluster", breaks: inlineUserPool((pool) => delete pool.availabilityZones) },
    {
        rule: "user-pools-cover-zones",
        of: "user-3",
        breaks: (p) => Object.assign(p, { availabilityZones: ["2"], vnetSubnetID: { ref: "subnet-2" } }),
        offender: "cluster",
    },
    { rule: "nat-gateways-zonal", of: "egress-1", breaks: (p) => delete p.zones },
    { rule: "nat-gateways-zonal", of: "egress-1", breaks: (p) => (p.zones = ["1", "2", "3"]) },
    {
        rule: "egress-in-each-zone",
        of: "user-3",
        breaks: (p) => (p.vnetSubnetID = { ref: "subnet-1" }),
    },
    {
        rule: "egress-in-each-zone",
        of: "egress-3",
        breaks: (p) => (p.zones = ["1"]),
        offender: "egress-1",
        alone: true,
    },
    { rule: "user-pools-autoscaled", of: "user-more", breaks: (p) => delete p.enableAutoScaling },
    { rule: "user-pools-autoscaled", of: "user-more", breaks: (p) => (p.maxCount = p.minCount) },
    { rule: "user-pools-autoscaled", of: "user-more", breaks: (p) => delete p.minCount },
    { rule: "user-pools-autoscaled", of: "cluster", breaks: inlineUserPool((pool) => (pool.maxCount = 1)) },
    { rule: "balanced-node-groups", of: "cluster", breaks: (p) => delete p.autoScalerProfile },
    {
        rule: "balanced-node-groups",
        of: "cluster",
        breaks: (p) => (p.autoScalerProfile.balanceSimilarNodeGroups = "false"),
    },
    { rule: "audit-logs-shipped", of: "audit", breaks: (p) => (p.logs[1].enabled = false), offender: "cluster" },
    { rule: "audit-logs-shipped", of: "audit", breaks: (p) => delete p.workspaceId, offender: "cluster" },
    {
        rule: "audit-logs-shipped",
        of: "audit",
        breaks: (p) => (p.resourceUri = { ref: "workspace" }),
        offender: "cluster",
    },
    { rule: "system-pool-tainted", of: "cluster", breaks: (p) => delete p.agentPoolProfiles[0].nodeTaints },
    { rule: "system-pool-tainted", of: "system-more", breaks: (p) => (p.nodeTaints = ["dedicated=db:NoSchedule"]) },
    {
        rule: "api-server-reach",
        of: "cluster",
        breaks: (p) => (p.apiServerAccessProfile.enablePrivateCluster = false),
    },
    {
        rule: "api-server-reach",
        of: "cluster",
        breaks: (p) => (p.apiServerAccessProfile.authorizedIPRanges = ["203.0.113.7/32"]),
    },
    {
        rule: "api-server-ranges-narrow",
        of: "public-cluster",
        breaks: (p) => p.apiServerAccessProfile.authorizedIPRanges.push("0.0.0.0/0"),
    },
    { rule: "run-command-off", of: "cluster", breaks: (p) => delete p.apiServerAccessProfile.disableRunCommand },
    { rule: "node-pools-private", of: "cluster", breaks: (p) => (p.agentPoolProfiles[0].enableNodePublicIP = true) },
    { rule: "node-pools-private", of: "user-more", breaks: (p) => (p.nodePublicIPPrefixID = { ref: "address-1" }) },
    {
        rule: "machines-private",
        of: "card",
        breaks: (p) => (p.ipConfigurations[0].publicIPAddress = { id: { ref: "address-1" } }),
    },
    {
        rule: "machines-private",
        of: "machine",
        breaks: (p) =>
            (p.networkProfile.networkInterfaceConfigurations = [{ name: "c", ipConfigurations: [publicAddress] }]),
    },
    {
        rule: "machines-private",
        of: "machines",
        breaks: (p) =>
            p.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[0].ipConfigurations.push(
                publicAddress,
            ),
    },
    { rule: "security-groups-deny", of: "guard", breaks: (p) => p.securityRules.pop() },
    {
        rule: "security-groups-deny",
        of: "rule-apart",
        breaks: (p) => (p.direction = "Outbound"),
        offender: "guard-apart",
    },
    {
        rule: "no-open-ports",
        of: "guard",
        breaks: (p) => (p.securityRules[0].sourceAddressPrefix = "Internet"),
    },
    {
        rule: "no-open-ports",
        of: "guard",
        breaks: (p) => Object.assign(p.securityRules[1], { destinationPortRange: "*" }),
    },
    { rule: "no-open-ports", of: "rule-ssh", breaks: (p) => (p.sourceAddressPrefix = "0.0.0.0/0") },
    {
        rule: "no-open-ports",
        of: "rule-ssh",
        breaks: (p) => {
            Object.assign(p, {
                sourceAddressPrefixes: ["10.0.0.0/8", "*"],
                destinationPortRanges: ["80", "2000-2400"],
            });
            delete p.sourceAddressPrefix;
            delete p.destinationPortRange;
        },
    },
    { rule: "subnets-guarded", of: "subnet-1", breaks: (p) => delete p.networkSecurityGroup },
    { rule: "subnets-guarded", of: "network-inline", breaks: (p) => (p.subnets[1].networkSecurityGroup = {}) },
    { rule: "workload-identity", of: "cluster", breaks: (p) => delete p.oidcIssuerProfile },
    { rule: "workload-identity", of: "cluster", breaks: (p) => delete p.securityProfile.workloadIdentity },
    { rule: "key-vault-rotation", of: "cluster", breaks: (p) => delete p.addonProfiles },
    {
        rule: "key-vault-rotation",
        of: "cluster",
        breaks: (p) => (p.addonProfiles.azureKeyvaultSecretsProvider.config = {}),
    },
    { rule: "host-encryption", of: "cluster", breaks: (p) => delete p.agentPoolProfiles[0].enableEncryptionAtHost },
    { rule: "host-encryption", of: "user-more", breaks: (p) => (p.enableEncryptionAtHost = false) },
    { rule: "node-upgrade-channel", of: "cluster", breaks: (p) => delete p.autoUpgradeProfile.nodeOSUpgradeChannel },
    {
        rule: "node-upgrade-channel",
        of: "cluster",
        breaks: (p) => (p.autoUpgradeProfile.nodeOSUpgradeChannel = "Unmanaged"),
    },
    { rule: "maintenance-windows", of: "window-1", breaks: (p) => delete p.maintenanceWindow, offender: "cluster" },
    { rule: "maintenance-windows", of: "window-2", breaks: (p) => (p.configName = "default"), offender: "cluster" },
    { rule: "image-cleaner", of: "cluster", breaks: (p) => delete p.securityProfile.imageCleaner },
    { rule: "required-tags", of: "group", breaks: (p) => delete p.tags },
    { rule: "required-tags", of: "workspace", breaks: (p) => delete p.tags.environment },
    ...clusterBreaches,
    ...selfManagedBreaches,
];

/** An inline pool for applications beside the system pool, good but for what `breaks` does. */
function inlineUserPool(breaks: (pool: Properties) => void) {
    return (props: Properties) => {
        const pool = {
            name: "apps",
            mode: "User",
            availabilityZones: ["1"],
            enableAutoScaling: true,
            minCount: 1,
            maxCount: 4,
            enableEncryptionAtHost: true,
        };
        breaks(pool);
        props.agentPoolProfiles.push(pool);
    };
}

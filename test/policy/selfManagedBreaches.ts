import type { Breach } from "./breaches";
import type { Properties } from "./program";
import { authentication, bundleOf, controlPlaneFiles, requestOf } from "./selfManagedProgram";

/** User data that lacks something, or has too much. */
const given = (files: Record<string, string | undefined>) => (p: Properties) => {
    const all = { ...controlPlaneFiles, ...files };
    const kept = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
    p.userData = bundleOf(Object.fromEntries(kept));
};

const AUTHENTICATION = "kubernetes/files/authentication.yaml";
const TIMER = "units/mainstay-etcd-snapshot.timer";

const probe = (change: Properties) => (p: Properties) => void Object.assign(p.probes[0], change);

/** Another chart in its place: one of the stack's is enough, so it takes a program to itself. */
function missing(rule: string, of: string): Breach {
    return { rule, of, breaks: (p) => (p.chart = "flannel"), offender: "plane-1", alone: true };
}

/** The ways to break what a self-managed cluster is made of. */
export const selfManagedBreaches: Breach[] = [
    {
        rule: "control-plane-machines",
        of: "plane-3",
        breaks: (p) => delete p.tags["mainstay-role"],
        offender: "plane-1",
    },
    { rule: "control-plane-across-zones", of: "plane-3", breaks: (p) => (p.zones = ["1"]), offender: "plane-1" },
    { rule: "control-plane-across-zones", of: "plane-3", breaks: (p) => delete p.zones },
    { rule: "etcd-disk", of: "plane-1", breaks: (p) => delete p.storageProfile },
    { rule: "etcd-disk", of: "plane-1", breaks: (p) => (p.storageProfile.dataDisks[0].caching = "ReadOnly") },
    {
        rule: "etcd-disk",
        of: "plane-disk-2",
        breaks: (p) => (p.sku.name = "StandardSSD_LRS"),
        offender: "plane-2",
    },
    { rule: "api-probe", of: "plane-balancer", breaks: probe({ protocol: "Tcp" }) },
    { rule: "api-probe", of: "plane-balancer", breaks: probe({ requestPath: "/healthz" }) },
    { rule: "api-probe", of: "plane-balancer", breaks: probe({ intervalInSeconds: 15 }) },
    { rule: "api-probe", of: "plane-balancer", breaks: probe({ probeThreshold: undefined, numberOfProbes: 1 }) },
    { rule: "api-probe", of: "public-balancer", breaks: probe({ port: 443 }) },
    { rule: "api-probe", of: "public-balancer", breaks: (p) => delete p.loadBalancingRules[0].probe },
    {
        rule: "api-connections-reset",
        of: "plane-balancer",
        breaks: (p) => delete p.loadBalancingRules[0].enableTcpReset,
    },
    {
        rule: "api-connections-reset",
        of: "public-balancer",
        breaks: (p) => delete p.loadBalancingRules[0].disableOutboundSnat,
    },
    {
        rule: "frontends-across-zones",
        of: "plane-balancer",
        breaks: (p) => (p.frontendIPConfigurations[0].zones = ["1"]),
    },
    { rule: "frontends-across-zones", of: "public-address", breaks: (p) => delete p.zones },
    { rule: "etcd-closed", of: "plane-guard", breaks: (p) => p.securityRules.splice(1, 1) },
    {
        rule: "etcd-closed",
        of: "plane-guard",
        breaks: (p) => (p.securityRules[0].sourceAddressPrefix = "10.9.0.0/24"),
    },
    { rule: "etcd-closed", of: "plane-guard", breaks: (p) => (p.securityRules[3].priority = 105) },
    { rule: "entra-sign-in", of: "plane-1", breaks: given({ [AUTHENTICATION]: undefined }) },
    {
        rule: "entra-sign-in",
        of: "plane-1",
        breaks: given({
            [AUTHENTICATION]: authentication.replace("login.microsoftonline.com", "accounts.example.com"),
        }),
    },
    {
        rule: "entra-sign-in",
        of: "plane-1",
        breaks: given({ [AUTHENTICATION]: authentication.replace(/ +conditions:\n.*\n/, "") }),
    },
    { rule: "etcd-snapshots-scheduled", of: "plane-1", breaks: given({ [TIMER]: undefined }) },
    { rule: "etcd-snapshots-scheduled", of: "plane-2", breaks: given({ "facts.env": "ROLE='control-plane'\n" }) },
    {
        rule: "user-data-without-secrets",
        of: "plane-1",
        breaks: given({ "join.conf": "token: abcdef.0123456789abcdef\n" }),
    },
    {
        rule: "user-data-without-secrets",
        of: "workers-1",
        breaks: (p) =>
            (p.virtualMachineProfile.osProfile.customData = Buffer.from("chpasswd:\n  password: hunter2\n").toString(
                "base64",
            )),
    },
    {
        rule: "user-data-without-secrets",
        of: "boot",
        breaks: (p) =>
            (p.settings.commandToExecute = `mount -o password="hunter2-hunter2" && echo ${"DefaultEndpointsProtocol=https"}`),
    },
    { rule: "machines-without-passwords", of: "plane-1", breaks: (p) => (p.osProfile.adminPassword = "hunter2") },
    { rule: "machines-without-passwords", of: "machine", breaks: (p) => delete p.osProfile.linuxConfiguration },
    {
        rule: "machines-without-passwords",
        of: "workers-1",
        breaks: (p) => (p.virtualMachineProfile.osProfile.linuxConfiguration.disablePasswordAuthentication = false),
    },
    {
        rule: "machines-trusted-launch",
        of: "plane-1",
        breaks: (p) => (p.securityProfile.uefiSettings.secureBootEnabled = false),
    },
    {
        rule: "machines-trusted-launch",
        of: "workers-1",
        breaks: (p) => delete p.virtualMachineProfile.securityProfile.securityType,
    },
    { rule: "machines-boot-diagnostics", of: "plane-1", breaks: (p) => delete p.diagnosticsProfile },
    {
        rule: "machines-boot-diagnostics",
        of: "workers-1",
        breaks: (p) => delete p.virtualMachineProfile.diagnosticsProfile,
    },
    { rule: "host-encryption", of: "plane-1", breaks: (p) => delete p.securityProfile.encryptionAtHost },
    {
        rule: "host-encryption",
        of: "workers-1",
        breaks: (p) => (p.virtualMachineProfile.securityProfile.encryptionAtHost = false),
    },
    {
        rule: "control-plane-audit-shipped",
        of: "plane-audit-2",
        breaks: (p) => (p.dataCollectionRuleId = { ref: "workspace" }),
        offender: "plane-2",
    },
    {
        rule: "control-plane-audit-shipped",
        of: "audit-collection",
        breaks: (p) => (p.dataSources.logFiles[0].filePatterns = ["/var/log/syslog"]),
        offender: "plane-1",
        alone: true,
    },
    missing("network-policy-chart", "pod-network"),
    missing("autoscaler-chart", "autoscaler"),
    missing("workload-identity-chart", "identities"),
    missing("key-vault-chart", "secrets-driver"),
    { rule: "key-vault-chart", of: "secrets-driver", breaks: (p) => delete p.values },
    missing("reboots-chart", "reboots"),
    { rule: "reboots-chart", of: "reboots", breaks: (p) => delete p.values.configuration.endTime },
    { rule: "reboots-chart", of: "reboots", breaks: (p) => (p.values.configuration.concurrency = 2) },
    { rule: "scale-sets-zonal", of: "workers-1", breaks: (p) => (p.zones = ["1", "2"]) },
    {
        rule: "scale-sets-cover-zones",
        of: "system-workers-3",
        breaks: (p) => (p.zones = ["2"]),
        offender: "system-workers-1",
        alone: true,
    },
    {
        rule: "egress-in-each-zone",
        of: "workers-3",
        breaks: (p) =>
            (p.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[0].ipConfigurations[0].subnet = {
                id: { ref: "subnet-1" },
            }),
    },
    { rule: "scale-sets-autoscaled", of: "workers-1", breaks: (p) => delete p.tags["cluster-autoscaler-enabled"] },
    { rule: "scale-sets-autoscaled", of: "workers-1", breaks: (p) => (p.tags.max = p.tags.min) },
    { rule: "scale-sets-autoscaled", of: "system-workers-1", breaks: (p) => delete p.tags.max },
    { rule: "scale-sets-repaired", of: "workers-1", breaks: (p) => (p.automaticRepairsPolicy.enabled = false) },
    {
        rule: "scale-sets-repaired",
        of: "workers-1",
        breaks: (p) => delete p.virtualMachineProfile.extensionProfile,
    },
    { rule: "scale-sets-rolling", of: "workers-1", breaks: (p) => (p.upgradePolicy = { mode: "Manual" }) },
    {
        rule: "scale-sets-rolling",
        of: "workers-1",
        breaks: (p) => delete p.upgradePolicy.rollingUpgradePolicy.maxSurge,
    },
    {
        rule: "system-scale-sets-tainted",
        of: "system-workers-1",
        breaks: (p) => delete p.tags["k8s.io_cluster-autoscaler_node-template_taint_CriticalAddonsOnly"],
    },
    { rule: "vaults-by-roles", of: "vault", breaks: (p) => delete p.properties.enableRbacAuthorization },
    { rule: "vaults-purge-protected", of: "vault", breaks: (p) => delete p.properties.enablePurgeProtection },
    { rule: "vaults-purge-protected", of: "public-vault", breaks: (p) => (p.properties.enableSoftDelete = false) },
    { rule: "secret-vaults-private", of: "vault", breaks: (p) => delete p.properties.publicNetworkAccess },
    {
        rule: "private-endpoints-only",
        of: "endpoint-vault",
        breaks: (p) => (p.properties.publicNetworkAccess = "Enabled"),
    },
    { rule: "private-endpoints-only", of: "account", breaks: (p) => delete p.publicNetworkAccess },
    { rule: "storage-without-keys", of: "account", breaks: (p) => delete p.allowSharedKeyAccess },
    { rule: "storage-encrypted-on-the-way", of: "account", breaks: (p) => (p.enableHttpsTrafficOnly = false) },
    { rule: "storage-encrypted-on-the-way", of: "public-account", breaks: (p) => delete p.minimumTlsVersion },
    { rule: "no-public-blobs", of: "account", breaks: (p) => delete p.allowBlobPublicAccess },
    { rule: "no-public-blobs", of: "container", breaks: (p) => (p.publicAccess = "Container") },
    { rule: "no-system-masters", of: "request", breaks: (p) => (p.subject.organization = "system:masters") },
    { rule: "no-system-masters", of: "authority", breaks: (p) => (p.subject.organization = "system:masters") },
    { rule: "no-system-masters", of: "signed", breaks: (p) => (p.certRequestPem = requestOf.masters) },
    {
        rule: "no-open-ports",
        of: "plane-guard",
        breaks: (p) =>
            Object.assign(p.securityRules[3], { sourceAddressPrefix: "Internet", destinationPortRange: "6443" }),
    },
    { rule: "no-open-ports", of: "rule-ssh", breaks: (p) => (p.sourceAddressPrefix = "AzureCloud.westeurope") },
];

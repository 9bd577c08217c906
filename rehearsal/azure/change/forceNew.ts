import type { ArmType } from "../arm/armType";

/**
 * Inputs whose change makes azure-native replace, beyond those in the URL. Two sources in azure-native: its own table
 * (provider/pkg/gen/replacement.go) and properties that the REST specification marks as settable at creation only
 * (`x-ms-mutability` without `update`), at the top level of a resource or in an object of the top level, no deeper.
 */
const FORCE_NEW: Record<string, readonly string[]> = {
    "authorization:RoleAssignment": ["principalId", "scope"],
    "containerservice:AgentPool": ["gpuInstanceProfile", "vmSize", "networkProfile.nodePublicIPTags"],
    "containerservice:ManagedCluster": [
        "diskEncryptionSetID",
        "dnsPrefix",
        "fqdnSubdomain",
        "linuxProfile",
        "location",
        "nodeResourceGroup",
        "windowsProfile",
        "networkProfile.serviceCidr",
        "networkProfile.serviceCidrs",
        "networkProfile.dnsServiceIP",
        "networkProfile.networkMode",
        "networkProfile.networkPlugin",
        "networkProfile.networkPluginMode",
        "networkProfile.podCidr",
        "networkProfile.networkDataplane",
        "networkProfile.networkPolicy",
        "networkProfile.outboundType",
    ],
    "network:PrivateEndpoint": ["subnet"],
    "network:PublicIPAddress": ["location", "publicIPAddressVersion", "publicIPPrefix", "sku"],
    "network:VirtualNetwork": ["location"],
    "resources:ResourceGroup": ["location"],
    "storage:StorageAccount": ["isHnsEnabled", "location"],
    // marked in the REST specifications
    "containerregistry:Registry": ["location"],
    "monitor:DataCollectionEndpoint": ["location"],
    "monitor:DataCollectionRule": ["location"],
    "monitor:MetricAlert": ["location"],
};

/** Whether azure-native replaces when the input at this path (without list indices, such as `networkProfile.podCidr`) changes. */
export function forcesReplacement(type: ArmType, path: string): boolean {
    if (type.sdk.pathParameters.includes(path) || (path === "location" && type.sdk.locationIsShared)) return true;
    return FORCE_NEW[`${type.sdk.module}:${type.sdk.className}`]?.includes(path) ?? false;
}

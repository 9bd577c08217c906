import type { Properties, Value } from "../../provider/values";
import { AzureError } from "../error";
import { regionName } from "../rules/regions";
import { objectsAt, textAt, textsAt } from "../rules/rule";
import type { CloudResource } from "../state/cloud";

/** Paths that Azure refuses to change in a resource that exists, where azure-native does not replace it. */
const IMMUTABLE: Record<string, readonly string[]> = {
    "microsoft.compute/virtualmachines": [
        "availabilitySet",
        "osProfile.adminPassword",
        "osProfile.adminUsername",
        "osProfile.computerName",
        "osProfile.customData",
        "osProfile.linuxConfiguration.disablePasswordAuthentication",
        "osProfile.linuxConfiguration.ssh",
        "priority",
        "securityProfile.securityType",
        "storageProfile.imageReference",
        "storageProfile.osDisk.createOption",
        "storageProfile.osDisk.diffDiskSettings",
        "storageProfile.osDisk.name",
        "virtualMachineScaleSet",
        "zones",
    ],
    "microsoft.compute/virtualmachines/extensions": ["publisher", "type"],
    "microsoft.compute/virtualmachinescalesets": [
        "orchestrationMode",
        "platformFaultDomainCount",
        "virtualMachineProfile.osProfile.adminUsername",
        "virtualMachineProfile.osProfile.computerNamePrefix",
        "virtualMachineProfile.evictionPolicy",
        "virtualMachineProfile.priority",
        "virtualMachineProfile.securityProfile.securityType",
        "zones",
    ],
    "microsoft.compute/disks": ["creationData", "zones", "osType"],
    "microsoft.containerservice/managedclusters/agentpools": [
        "availabilityZones",
        "enableUltraSSD",
        "maxPods",
        "nodePublicIPPrefixID",
        "osDiskSizeGB",
        "osDiskType",
        "osType",
        "podSubnetID",
        "scaleSetEvictionPolicy",
        "scaleSetPriority",
        "spotMaxPrice",
        "type",
        "vnetSubnetID",
    ],
    "microsoft.containerservice/managedclusters": [
        "apiServerAccessProfile.enablePrivateCluster",
        "apiServerAccessProfile.privateDNSZone",
    ],
    "microsoft.network/loadbalancers": ["sku.name"],
    "microsoft.network/natgateways": ["sku", "zones"],
    "microsoft.network/publicipaddresses": ["zones"],
    "microsoft.network/publicipprefixes": ["prefixLength", "publicIPAddressVersion", "sku", "zones"],
    "microsoft.storage/storageaccounts": [
        "isNfsV3Enabled",
        "dnsEndpointType",
        "encryption.requireInfrastructureEncryption",
    ],
    "microsoft.dataprotection/backupvaults": ["storageSettings"],
};

/** Fields of a pool that cannot change, inline as on its own. */
const POOL = [...IMMUTABLE["microsoft.containerservice/managedclusters/agentpools"], "vmSize"];

/** Throws what Azure answers to a change that it does not make. */
export function refuseImmutable(current: CloudResource, inputs: Properties): void {
    const type = current.type.toLowerCase();
    const before = current.inputs;
    const [oldRegion, newRegion] = [regionName(before.location), regionName(inputs.location)];
    if (oldRegion && newRegion && oldRegion !== newRegion) {
        throw new AzureError(
            409,
            "InvalidResourceLocation",
            `The resource '${current.name}' already exists in location '${oldRegion}'. A resource with the same name cannot be created in location '${newRegion}'. Please select a new resource name.`,
        );
    }
    if (type === "microsoft.containerservice/managedclusters") refusePools(current, inputs);

    const changed = (IMMUTABLE[type] ?? []).filter((path) => differs(before, inputs, path));
    if (changed.length > 0) {
        const list = changed.map((path) => `'${path}'`).join(", ");
        throw new AzureError(
            409,
            "PropertyChangeNotAllowed",
            `Changing property ${list} of ${current.type} '${current.name}' is not allowed. azure-native updates it in place and does not replace the resource: give it a new name (or the option replaceOnChanges) to have it replaced.`,
        );
    }
}

/** The inline pools of a cluster stay the ones that it was made with: others are AgentPools of their own. */
function refusePools(cluster: CloudResource, inputs: Properties): void {
    const before = new Map(
        objectsAt(cluster.inputs, "agentPoolProfiles").map((pool) => [textAt(pool, "name") ?? "", pool]),
    );
    const after = objectsAt(inputs, "agentPoolProfiles");
    for (const pool of after) {
        const name = textAt(pool, "name") ?? "";
        const old = before.get(name);
        if (!old) {
            throw new AzureError(
                400,
                "InvalidParameter",
                `A new agent pool was introduced. Adding agent pools to an existing cluster is not allowed through managed cluster operations. For agent pool specific change, please use per agent pool operations: https://aka.ms/agent-pool-rest-api. (agentPoolProfiles: ${name})`,
            );
        }
        const changed = POOL.filter((path) => differs(old, pool, path));
        if (changed.length > 0) {
            throw new AzureError(
                400,
                "PropertyChangeNotAllowed",
                `Changing property ${changed.map((path) => `'properties.${path}'`).join(", ")} of agent pool '${name}' is not allowed.`,
            );
        }
    }
    const kept = new Set(after.map((pool) => textAt(pool, "name")));
    const gone = [...before.keys()].filter((name) => !kept.has(name));
    if (gone.length > 0) {
        throw new AzureError(
            400,
            "InvalidParameter",
            `Removing agent pools from an existing cluster is not allowed through managed cluster operations. For agent pool specific change, please use per agent pool operations: https://aka.ms/agent-pool-rest-api. (agentPoolProfiles: ${gone.join(", ")})`,
        );
    }
}

function differs(before: Properties, after: Properties, path: string): boolean {
    const keys = path.split(".");
    let [a, b]: (Value | undefined)[] = [before, after];
    for (const key of keys) {
        a = (a as Properties | undefined)?.[key];
        b = (b as Properties | undefined)?.[key];
    }
    if (keys.at(-1) === "zones" || keys.at(-1) === "availabilityZones") {
        return (
            textsAt({ zones: a ?? null }, "zones")
                .sort()
                .join() !==
            textsAt({ zones: b ?? null }, "zones")
                .sort()
                .join()
        );
    }
    // What is left out stays as it is; what is given anew, or otherwise, is a change.
    return b !== undefined && b !== null && JSON.stringify(sorted(a)) !== JSON.stringify(sorted(b));
}

function sorted(value: Value | undefined): unknown {
    if (Array.isArray(value)) return value.map(sorted);
    if (typeof value !== "object" || value === null) return value ?? null;
    return Object.fromEntries(
        Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, item]) => [key, sorted(item)]),
    );
}

import type { Properties } from "../../provider/values";
import { AzureError } from "../error";
import { demands, usage } from "../rules/quota";
import { regionName } from "../rules/regions";
import { at, objectsAt, textAt, textsAt } from "../rules/rule";
import type { Cloud, CloudResource } from "../state/cloud";
import type { Faults } from "./faults";

/** Throws what Azure answers when it has no more machines: a zone is gone, or a quota is used up. */
export function refuseAllocation(
    resource: CloudResource,
    current: CloudResource | undefined,
    cloud: Cloud,
    faults: Faults,
): void {
    refuseMissingFeature(resource, faults);
    refuseLostZone(resource, current, cloud, faults);
    refuseQuota(resource, current, cloud, faults);
}

const HOST_ENCRYPTION = "Microsoft.Compute/EncryptionAtHost";

function refuseMissingFeature({ type, inputs }: CloudResource, faults: Faults): void {
    const base = { virtualmachines: [], virtualmachinescalesets: ["virtualMachineProfile"] }[
        type.toLowerCase().replace("microsoft.compute/", "")
    ];
    if (!base || !faults.unregistered?.includes(HOST_ENCRYPTION)) return;
    if (at(inputs, ...base, "securityProfile", "encryptionAtHost") !== true) return;
    throw new AzureError(
        400,
        "InvalidParameter",
        `The property 'securityProfile.encryptionAtHost' is not valid because the '${HOST_ENCRYPTION}' feature is not enabled for this subscription.`,
    );
}

function refuseLostZone(
    resource: CloudResource,
    current: CloudResource | undefined,
    cloud: Cloud,
    faults: Faults,
): void {
    if (!faults.zonesDown?.length || current) return;
    const region = regionOf(resource, cloud);
    for (const zones of zonesOf(resource)) {
        // Over several zones Azure takes what is left; in none of them there is nothing to take.
        if (zones.length > 0 && zones.every((zone) => faults.zonesDown!.includes(`${region}-${zone}`))) {
            throw new AzureError(
                409,
                "ZonalAllocationFailed",
                `Allocation failed. We do not have sufficient capacity for the requested VM size in this zone (${region}, zone ${zones.join(", ")}). Read more about improving likelihood of allocation success at http://aka.ms/allocation-guidance`,
            );
        }
    }
}

function zonesOf({ type, inputs }: CloudResource): string[][] {
    switch (type.toLowerCase()) {
        case "microsoft.containerservice/managedclusters":
            return objectsAt(inputs, "agentPoolProfiles").map((pool) => textsAt(pool, "availabilityZones"));
        case "microsoft.containerservice/managedclusters/agentpools":
            return [textsAt(inputs, "availabilityZones")];
        case "microsoft.compute/virtualmachines":
        case "microsoft.compute/virtualmachinescalesets":
        case "microsoft.compute/disks":
        case "microsoft.network/natgateways":
        case "microsoft.network/publicipaddresses":
            return [textsAt(inputs, "zones")];
        default:
            return [];
    }
}

function regionOf(resource: CloudResource, cloud: Cloud): string {
    const own = regionName(resource.inputs.location);
    if (own) return own;
    const parent = cloud.get(resource.id.split("/").slice(0, -2).join("/"));
    return regionName(parent?.inputs.location) ?? "";
}

function refuseQuota(resource: CloudResource, current: CloudResource | undefined, cloud: Cloud, faults: Faults): void {
    const wanted = demands(resource);
    if (wanted.length === 0) return;
    const region = regionOf(resource, cloud);
    const already = current ? demands(current) : [];
    const used = usage(cloud, region, faults);
    const add = new Map<string, number>();
    const count = (family: string, cores: number): void => void add.set(family, (add.get(family) ?? 0) + cores);
    for (const { family, cores } of wanted) [family, "cores"].forEach((name) => count(name, cores));
    for (const { family, cores } of already) [family, "cores"].forEach((name) => count(name, -cores));

    for (const [family, required] of add) {
        const { current: inUse, limit } = used(family);
        if (required <= 0 || inUse + required <= limit) continue;
        const name = textAt(resource.inputs as Properties, "resourceName") ?? resource.name;
        if (/containerservice/i.test(resource.type)) {
            throw new AzureError(
                400,
                "InsufficientVCPUQuota",
                `Preflight validation check for resource(s) for container service ${name} failed. Message: Insufficient vcpu quota requested ${required}, remaining ${limit - inUse} for ${family === "cores" ? "Total Regional Cores" : `family ${family}`} for region ${region}.`,
            );
        }
        const what = family === "cores" ? "Total Regional Cores" : `${family} Cores`;
        throw new AzureError(
            409,
            "OperationNotAllowed",
            `Operation could not be completed as it results in exceeding approved ${what} quota. Additional details - Deployment Model: Resource Manager, Location: ${region}, Current Limit: ${limit}, Current Usage: ${inUse}, Additional Required: ${required}, (Minimum) New Limit Required: ${inUse + required}. Setup Alerts when Quota reaches threshold. (QuotaExceeded)`,
        );
    }
}

import type { Properties, Value } from "../../provider/values";
import type { Faults } from "../faults/faults";
import type { Cloud, CloudResource } from "../state/cloud";
import { regionName } from "./regions";
import { at, objectsAt, textAt } from "./rule";
import { DEFAULT_LIMITS, sizeOf } from "./sizes";

/** Cores that a resource takes of a family's quota. */
export interface Demand {
    family: string;
    cores: number;
}

/** What a resource's machines count for: the count that it starts with, as Azure counts it. */
export function demands({ type, inputs }: CloudResource): Demand[] {
    switch (type.toLowerCase()) {
        case "microsoft.containerservice/managedclusters":
            return objectsAt(inputs, "agentPoolProfiles").flatMap((pool) =>
                demand(textAt(pool, "vmSize"), pool.count ?? 1),
            );
        case "microsoft.containerservice/managedclusters/agentpools":
            return demand(textAt(inputs, "vmSize"), inputs.count ?? 1);
        case "microsoft.compute/virtualmachines":
            return demand(textAt(inputs, "hardwareProfile", "vmSize"), 1);
        case "microsoft.compute/virtualmachinescalesets":
            return demand(textAt(inputs, "sku", "name"), at(inputs, "sku", "capacity"));
        default:
            return [];
    }
}

function demand(sizeName: string | undefined, count: Value | undefined): Demand[] {
    const size = sizeName ? sizeOf(sizeName) : undefined;
    return size && typeof count === "number" && count > 0 ? [{ family: size.family, cores: size.cores * count }] : [];
}

/** What is used of a family's quota in a region (of the region's as `cores`), and its limit. */
export function usage(
    cloud: Pick<Cloud, "list" | "get">,
    region: string,
    faults: Faults,
): (family: string) => { current: number; limit: number } {
    const used = new Map<string, number>();
    for (const type of [
        "Microsoft.ContainerService/managedClusters",
        "Microsoft.ContainerService/managedClusters/agentPools",
        "Microsoft.Compute/virtualMachines",
        "Microsoft.Compute/virtualMachineScaleSets",
    ]) {
        for (const resource of cloud.list(type)) {
            if (regionOf(resource, cloud) !== region) continue;
            for (const { family, cores } of demands(resource)) {
                used.set(family, (used.get(family) ?? 0) + cores);
                used.set("cores", (used.get("cores") ?? 0) + cores);
            }
        }
    }
    const limits = new Map(Object.entries(faults.quota ?? {}).map(([family, limit]) => [family.toLowerCase(), limit]));
    return (family) => ({
        current: used.get(family) ?? 0,
        limit: limits.get(family.toLowerCase()) ?? (family === "cores" ? DEFAULT_LIMITS.region : DEFAULT_LIMITS.family),
    });
}

function regionOf(resource: CloudResource, cloud: Pick<Cloud, "get">): string | undefined {
    const inputs: Properties | undefined = resource.inputs.location
        ? resource.inputs
        : cloud.get(resource.id.split("/").slice(0, -2).join("/"))?.inputs;
    return regionName(inputs?.location);
}

import type { Value } from "../../provider/values";

/**
 * Regions with three availability zones, of the public cloud: a table of our own, as of 2026. A region that is in neither
 * table is refused.
 */
export const ZONED_REGIONS: ReadonlySet<string> = new Set(
    (
        "australiaeast brazilsouth canadacentral centralindia centralus eastasia eastus eastus2 francecentral germanywestcentral " +
        "israelcentral italynorth japaneast japanwest koreacentral mexicocentral newzealandnorth northeurope norwayeast polandcentral " +
        "qatarcentral southafricanorth southcentralus southeastasia spaincentral swedencentral switzerlandnorth uaenorth uksouth " +
        "westeurope westus2 westus3"
    ).split(" "),
);

/** Regions without availability zones. */
export const PLAIN_REGIONS: ReadonlySet<string> = new Set(
    (
        "australiacentral australiasoutheast brazilsoutheast canadaeast francesouth germanynorth jioindiawest koreasouth northcentralus " +
        "norwaywest southafricawest southindia switzerlandwest uaecentral ukwest westcentralus westindia westus"
    ).split(" "),
);

export const ZONES: readonly string[] = ["1", "2", "3"];

/** `West Europe` and `westeurope` are the same. */
export function regionName(location: Value | undefined): string | undefined {
    return typeof location === "string" ? location.toLowerCase().replaceAll(" ", "") : undefined;
}

export function isRegion(name: string): boolean {
    return ZONED_REGIONS.has(name) || PLAIN_REGIONS.has(name);
}

/** The zones that a region has; `undefined` where the table does not know the region. */
export function zonesOf(region: string): readonly string[] | undefined {
    return ZONED_REGIONS.has(region) ? ZONES : PLAIN_REGIONS.has(region) ? [] : undefined;
}

import { refuse, type Rule } from "./rule";
import { isRegion, regionName, ZONED_REGIONS, PLAIN_REGIONS, zonesOf } from "./regions";
import { nearest } from "../../nearest";
import { objectsAt, textsAt } from "./rule";

/** The location is a region, and zones are ones that it has. */
export const regions: Rule = function* (candidate) {
    const { inputs, region } = candidate;
    const own = regionName(inputs.location);
    if (own && own !== "global" && !isRegion(own)) {
        const meant = nearest(own, [...ZONED_REGIONS, ...PLAIN_REGIONS]);
        yield refuse(
            "location",
            `\`location\` ${JSON.stringify(inputs.location)} is not a region that Azure offers.${meant ? ` Did you mean "${meant}"?` : ""}`,
            "LocationNotAvailableForResourceType",
        );
        return;
    }
    if (!region || !isRegion(region)) return;
    const has = zonesOf(region)!;
    for (const { path, zones } of zoneLists(candidate.inputs)) {
        const wrong = zones.filter((zone) => !has.includes(zone));
        if (wrong.length > 0) {
            yield refuse(
                path,
                `\`${path}\`: zone ${wrong.join(", ")} is not in ${region}, which has ${has.length > 0 ? `zones ${has.join(", ")}` : "no zones"}.`,
                "InvalidAvailabilityZone",
            );
        }
        if (new Set(zones).size !== zones.length)
            yield refuse(path, `\`${path}\` names a zone twice: ${zones.join(", ")}.`, "InvalidAvailabilityZone");
    }
};

/** Every list of zones in a resource: its own, its pools', its frontends'. */
function zoneLists(inputs: Parameters<typeof textsAt>[0]): { path: string; zones: string[] }[] {
    return [
        { path: "zones", zones: textsAt(inputs, "zones") },
        { path: "availabilityZones", zones: textsAt(inputs, "availabilityZones") },
        ...objectsAt(inputs, "agentPoolProfiles").map((pool, index) => ({
            path: `agentPoolProfiles[${index}].availabilityZones`,
            zones: textsAt(pool, "availabilityZones"),
        })),
        ...objectsAt(inputs, "frontendIPConfigurations").map((frontend, index) => ({
            path: `frontendIPConfigurations[${index}].zones`,
            zones: textsAt(frontend, "zones"),
        })),
    ];
}

import { regionName, zonesOf } from "./regions";
import { refuse, type Rule, textAt, textsAt } from "./rule";
import { within } from "./limits";

/** A Premium SSD v2 has a speed of its own: what it has at least, and what more may be asked of a size. */
const PREMIUM_V2 = { iops: 3000, mostIops: 80_000, mebibytes: 125, mostMebibytes: 2000, iopsPerGib: 500 };

/** A managed disk: where it may be, how large and how fast. Codes but those of sizes are plausible. */
export const disk: Rule = function* ({ inputs, current, region }) {
    const sku = textAt(inputs, "sku", "name");
    const zones = textsAt(inputs, "zones");
    const gibibytes = inputs.diskSizeGB;
    if (zones.length > 1)
        yield refuse(
            "zones",
            `\`zones\` of a disk may name one zone, but ${zones.join(", ")} were given: a disk that is in all of them has a SKU that ends with _ZRS.`,
            "InvalidParameter",
        );
    if (zones.length > 0 && sku?.endsWith("_ZRS"))
        yield refuse(
            "zones",
            `\`zones\` cannot be given for a disk of SKU ${sku}, which is in all of them.`,
            "InvalidParameter",
        );
    if (
        (sku === "PremiumV2_LRS" || sku === "UltraSSD_LRS") &&
        inputs.zones === undefined &&
        (zonesOf(region ?? regionName(inputs.location) ?? "") ?? []).length > 0
    ) {
        yield refuse("zones", `\`zones\` is missing: a ${sku} disk is in one zone of ${region}.`, "InvalidParameter");
    }
    if (textAt(inputs, "creationData", "createOption") === "Empty" && gibibytes === undefined)
        yield refuse("diskSizeGB", "Required parameter `diskSizeGB` is missing (null).", "InvalidParameter");
    const most = sku === "PremiumV2_LRS" || sku === "UltraSSD_LRS" ? 65_536 : 32_767;
    yield* within(inputs, "diskSizeGB", 1, most);
    const before = current?.inputs.diskSizeGB;
    if (typeof before === "number" && typeof gibibytes === "number" && gibibytes < before) {
        yield refuse(
            "diskSizeGB",
            `Disk cannot be resized from ${before} GB to ${gibibytes} GB (\`diskSizeGB\`). Shrinking of disks is not allowed to prevent data corruption.`,
            "OperationNotAllowed",
        );
    }
    const ownSpeed = sku === "PremiumV2_LRS" || sku === "UltraSSD_LRS";
    for (const key of ["diskIOPSReadWrite", "diskMBpsReadWrite"]) {
        if (sku && !ownSpeed && inputs[key] !== undefined)
            yield refuse(
                key,
                `\`${key}\` can be set for PremiumV2_LRS and UltraSSD_LRS only; the size of a ${sku} disk says how fast it is.`,
                "InvalidParameter",
            );
    }
    if (sku !== "PremiumV2_LRS") return;
    const { iops, mostIops, mebibytes, mostMebibytes, iopsPerGib } = PREMIUM_V2;
    const size = typeof gibibytes === "number" ? gibibytes : Infinity;
    yield* within(inputs, "diskIOPSReadWrite", iops, Math.min(mostIops, Math.max(iops, size * iopsPerGib)));
    const speed = typeof inputs.diskIOPSReadWrite === "number" ? inputs.diskIOPSReadWrite : iops;
    yield* within(inputs, "diskMBpsReadWrite", mebibytes, Math.min(mostMebibytes, Math.max(mebibytes, speed / 4)));
};

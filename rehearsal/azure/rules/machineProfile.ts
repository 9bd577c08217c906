import type { CheckFailure } from "../../provider/provider";
import type { Properties, Value } from "../../provider/values";
import { at, refuse, textAt } from "./rule";
import type { Size } from "./sizes";

/** What an image is, as far as its reference tells; `undefined` where nothing is known of it. */
export function imageOf(
    reference: Value | undefined,
): { generation: "V1" | "V2"; architecture: "x64" | "Arm64" } | undefined {
    const [publisher, offer, sku] = ["publisher", "offer", "sku"].map((key) => textAt(reference, key)?.toLowerCase());
    if (publisher !== "canonical" || !offer || !sku) return undefined;
    const architecture = /arm64/.test(sku) ? "Arm64" : "x64";
    // From 23.10 on the plain SKU is of generation 2, before it had that in its name.
    const old = /^(ubuntuserver|0001-com-ubuntu)/.test(offer);
    const first = old ? !/gen2|arm64/.test(sku) : /gen1/.test(sku);
    return { generation: first ? "V1" : "V2", architecture };
}

/** Size, image, security, OS disk and price of a machine, or of a scale set's machines. */
export function* machineProfile(
    profile: Value | undefined,
    base: string,
    sizeName: string | undefined,
    size: Size | undefined,
): Generator<CheckFailure> {
    if (typeof profile !== "object" || profile === null) return;
    yield* image(profile, base, sizeName, size);
    yield* security(profile, base, sizeName, size);
    yield* osDisk(profile, base, sizeName, size);
    yield* price(profile as Properties, base);
}

function* image(
    profile: Value,
    base: string,
    sizeName: string | undefined,
    size: Size | undefined,
): Generator<CheckFailure> {
    const known = imageOf(at(profile, "storageProfile", "imageReference"));
    if (!known || !size) return;
    const path = `${base}storageProfile.imageReference`;
    const wanted = size.arm ? "Arm64" : "x64";
    if (known.architecture !== wanted) {
        yield refuse(
            path,
            `Cannot create a VM of size '${sizeName}' because this VM size only supports a CPU Architecture of '${wanted}', but an image or disk with CPU Architecture '${known.architecture}' was given. Please check that the CPU Architecture of the image or disk is compatible with that of the VM size.`,
            "BadRequest",
        );
    }
    if (!size.generations.includes(known.generation)) {
        yield refuse(
            path,
            `The selected VM size '${sizeName}' cannot boot Hypervisor Generation '${known.generation.slice(1)}'. If this was a Create operation please check that the Hypervisor Generation of the Image matches the Hypervisor Generation of the selected VM Size.`,
            "BadRequest",
        );
    }
}

function* security(
    profile: Value,
    base: string,
    sizeName: string | undefined,
    size: Size | undefined,
): Generator<CheckFailure> {
    const type = at(profile, "securityProfile", "securityType");
    const uefi = at(profile, "securityProfile", "uefiSettings");
    if (uefi !== undefined && type === undefined) {
        // Plausible: the exact words could not be found.
        yield refuse(
            `${base}securityProfile.uefiSettings`,
            `\`${base}securityProfile.uefiSettings\` cannot be given without securityType "TrustedLaunch" or "ConfidentialVM".`,
            "InvalidParameter",
        );
    }
    if (type !== "TrustedLaunch") return;
    if (imageOf(at(profile, "storageProfile", "imageReference"))?.generation === "V1") {
        yield refuse(
            `${base}securityProfile.securityType`,
            "Use of TrustedLaunch setting is not supported for the provided image. Please select Trusted Launch Supported Gen2 OS Image. For more information, see https://aka.ms/TrustedLaunch-FAQ.",
            "BadRequest",
        );
    }
    if (size && !size.trustedLaunch) {
        yield refuse(
            `${base}securityProfile.securityType`,
            `The VM size '${sizeName}' is not supported for creation of VMs and Virtual Machine Scale Set with 'TrustedLaunch' security type.`,
            "BadRequest",
        );
    }
}

/** Codes of the refusals of ephemeral disks are plausible only. */
function* osDisk(
    profile: Value,
    base: string,
    sizeName: string | undefined,
    size: Size | undefined,
): Generator<CheckFailure> {
    const path = `${base}storageProfile.osDisk`;
    const disk = at(profile, "storageProfile", "osDisk");
    const type = textAt(disk, "managedDisk", "storageAccountType");
    if (type === "PremiumV2_LRS" || type === "UltraSSD_LRS") {
        yield refuse(
            `${path}.managedDisk.storageAccountType`,
            `Storage account type ${type} is not supported for an OS disk: it is for data disks.`,
            "InvalidParameter",
        );
    }
    const gibibytes = at(disk, "diskSizeGB");
    const image = imageOf(at(profile, "storageProfile", "imageReference"));
    if (image && typeof gibibytes === "number" && gibibytes < 30) {
        yield refuse(
            `${path}.diskSizeGB`,
            `The specified disk size ${gibibytes} GB is smaller than the size of the corresponding disk in the VM image: 30 GB. This is not allowed. Please choose equal or greater size or do not specify an explicit size.`,
            "OperationNotAllowed",
        );
    }
    if (at(disk, "diffDiskSettings", "option") !== "Local") return;
    const wanted = typeof gibibytes === "number" ? gibibytes : 30;
    const placement = textAt(disk, "diffDiskSettings", "placement") ?? "ResourceDisk";
    if (size && size.temporaryDiskGiB < wanted) {
        yield refuse(
            `${path}.diffDiskSettings`,
            `OS disk of Ephemeral VM with size greater than ${size.temporaryDiskGiB} GB is not allowed for VM size ${sizeName} when the DiffDiskPlacement is ${placement}.`,
            "NotSupported",
        );
    }
    if (at(disk, "caching") !== "ReadOnly" && typeof at(disk, "caching") !== "symbol") {
        yield refuse(
            `${path}.caching`,
            `\`${path}.caching\` must be "ReadOnly" for an ephemeral OS disk.`,
            "InvalidParameter",
        );
    }
}

/** Spot: evicted machines and highest prices belong to that priority alone. Codes are plausible. */
function* price(profile: Properties, base: string): Generator<CheckFailure> {
    const spot = profile.priority === "Spot" || profile.priority === "Low" || typeof profile.priority === "symbol";
    for (const key of ["evictionPolicy", "billingProfile"]) {
        if (!spot && profile[key] !== undefined) {
            yield refuse(
                `${base}${key}`,
                `\`${base}${key}\` can be given for priority "Spot" only.`,
                "OperationNotAllowed",
            );
        }
    }
    const most = at(profile, "billingProfile", "maxPrice");
    if (typeof most === "number" && most !== -1 && most < 0.00001) {
        yield refuse(
            `${base}billingProfile.maxPrice`,
            `\`${base}billingProfile.maxPrice\` must be -1 or more than zero, but ${most} was given.`,
            "InvalidParameter",
        );
    }
}

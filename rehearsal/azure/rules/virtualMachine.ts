import type { CheckFailure } from "../../provider/provider";
import type { Properties } from "../../provider/values";
import { sameId } from "../arm/id";
import { machineProfile } from "./machineProfile";
import { machineSize } from "./nodePool";
import { encodedData, operatingSystem } from "./operatingSystem";
import { at, type Candidate, objectsAt, refuse, type Rule, textAt, textsAt } from "./rule";
import type { Size } from "./sizes";

const MACHINES = "Microsoft.Compute/virtualMachines";

export const virtualMachine: Rule = function* (candidate) {
    const { inputs } = candidate;
    const sizeName = textAt(inputs, "hardwareProfile", "vmSize");
    const size = sizeName ? yield* machineSize(sizeName, "hardwareProfile.vmSize", "InvalidParameter") : undefined;
    for (const key of ["hardwareProfile", "storageProfile", "networkProfile"]) {
        if (inputs[key] === undefined) {
            yield refuse(key, `Required parameter \`${key}\` is missing (null).`, "InvalidParameter");
        }
    }
    if (inputs.osProfile === undefined && at(inputs, "storageProfile", "osDisk", "createOption") === "FromImage") {
        yield refuse("osProfile", "Required parameter `osProfile` is missing (null).", "InvalidParameter");
    }
    yield* machineProfile(inputs, "", sizeName, size);
    yield* operatingSystem(inputs.osProfile, "osProfile");
    yield* encodedData(inputs.userData, "userData");
    const zones = textsAt(inputs, "zones");
    if (zones.length > 1)
        yield refuse(
            "zones",
            `\`zones\` of a machine may name one zone, but ${zones.join(", ")} were given.`,
            "InvalidParameter",
        );
    if (zones.length > 0 && inputs.availabilitySet !== undefined)
        yield refuse("availabilitySet", "`availabilitySet` cannot be given together with zones.", "InvalidParameter");
    yield* dataDisks(candidate, zones[0], sizeName, size);
    yield* interfaces(candidate, zones[0], sizeName, size);
};

function* dataDisks(
    { inputs, id, cloud }: Candidate,
    zone: string | undefined,
    sizeName: string | undefined,
    size: Size | undefined,
): Generator<CheckFailure> {
    const disks = objectsAt(inputs, "storageProfile", "dataDisks");
    if (size && disks.length > size.maxDataDisks) {
        yield refuse(
            "storageProfile.dataDisks",
            `The maximum number of data disks allowed to be attached to a VM of size ${sizeName} is ${size.maxDataDisks}, but \`storageProfile.dataDisks\` has ${disks.length}.`,
            "OperationNotAllowed",
        );
    }
    const taken = new Set<number>();
    for (const [index, disk] of disks.entries()) {
        const base = `storageProfile.dataDisks[${index}]`;
        const path = `${base}.managedDisk.id`;
        if (typeof disk.lun === "number") {
            if (taken.has(disk.lun))
                yield refuse(`${base}.lun`, `\`${base}.lun\` ${disk.lun} is used twice.`, "InvalidParameter");
            taken.add(disk.lun);
        }
        const diskId = textAt(disk, "managedDisk", "id");
        if (disk.createOption === "Attach" && at(disk, "managedDisk", "id") === undefined)
            yield refuse(path, `Required parameter \`${path}\` is missing (null).`, "InvalidParameter");
        const attached = diskId ? cloud.inputs(diskId) : undefined;
        const sku = textAt(attached, "sku", "name") ?? textAt(disk, "managedDisk", "storageAccountType");
        yield* diskKind(inputs, disk, base, sku);
        if (!diskId) continue;
        if (attached) yield* sameZone(path, diskId, attached, zone);
        const other = cloud
            .list(MACHINES)
            .find(
                (machine) =>
                    !(id && sameId(machine.id, id)) &&
                    objectsAt(machine.inputs, "storageProfile", "dataDisks").some((one) =>
                        sameId(textAt(one, "managedDisk", "id") ?? "", diskId),
                    ),
            );
        if (other && !(typeof attached?.maxShares === "number" && attached.maxShares > 1)) {
            yield refuse(
                path,
                `Cannot attach the disk ${diskId.split("/").at(-1)} to VM ${id ?? ""} because it is already attached to VM ${other.id}. A disk can be attached to only one VM at a time.`,
                "ConflictingUserInput",
            );
        }
    }
}

function* diskKind(
    inputs: Properties,
    disk: Properties,
    base: string,
    sku: string | undefined,
): Generator<CheckFailure> {
    if (sku !== "PremiumV2_LRS" && sku !== "UltraSSD_LRS") return;
    if (typeof disk.caching === "string" && disk.caching !== "None") {
        yield refuse(
            `${base}.caching`,
            `\`${base}.caching\`: Storage Account type ${sku} is not supported with caching type ${disk.caching}. Please use caching type None.`,
            "InvalidParameter",
        );
    }
    if (sku === "UltraSSD_LRS" && at(inputs, "additionalCapabilities", "ultraSSDEnabled") !== true) {
        yield refuse(
            "additionalCapabilities.ultraSSDEnabled",
            "StorageAccountType UltraSSD_LRS can be used only when `additionalCapabilities.ultraSSDEnabled` is set.",
            "InvalidParameter",
        );
    }
}

/** A zonal machine takes disks of its zone, and such as are in every zone. */
function* sameZone(path: string, diskId: string, disk: Properties, zone: string | undefined): Generator<CheckFailure> {
    if (/_ZRS$/.test(textAt(disk, "sku", "name") ?? "") || typeof disk.zones === "symbol") return;
    const own = textsAt(disk, "zones");
    if (zone !== undefined && own.length === 0) {
        yield refuse(
            path,
            `Disk ${diskId} cannot be attached to the VM because it is not in zone '${zone}'.`,
            "BadRequest",
        );
    } else if (own.length > 0 && own[0] !== zone) {
        yield refuse(
            path,
            `Disk ${diskId} cannot be attached to the VM because it is not in the same zone as the VM. VM zone: '${zone ?? ""}'. Disk zone: '${own.join(", ")}'.`,
            "BadRequest",
        );
    }
}

function* interfaces(
    { inputs, id, cloud }: Candidate,
    zone: string | undefined,
    sizeName: string | undefined,
    size: Size | undefined,
): Generator<CheckFailure> {
    const references = objectsAt(inputs, "networkProfile", "networkInterfaces");
    const primary = references.filter((one) => one.primary === true || typeof one.primary === "symbol");
    if (references.length > 1 && primary.length !== 1) {
        yield refuse(
            "networkProfile.networkInterfaces",
            "`networkProfile.networkInterfaces`: a machine with several network interfaces must have one set as primary.",
            "VirtualMachineMustHaveOneNetworkInterfaceAsPrimary",
        );
    }
    for (const [index, reference] of references.entries()) {
        const path = `networkProfile.networkInterfaces[${index}].id`;
        const nic = textAt(reference, "id");
        if (!nic) continue;
        const other = cloud
            .list(MACHINES)
            .find(
                (machine) =>
                    !(id && sameId(machine.id, id)) &&
                    objectsAt(machine.inputs, "networkProfile", "networkInterfaces").some((one) =>
                        sameId(textAt(one, "id") ?? "", nic),
                    ),
            );
        if (other) yield refuse(path, `\`${path}\`: the network interface is in use by ${other.id}.`, "NicInUse");
        const itself = cloud.inputs(nic);
        if (itself?.enableAcceleratedNetworking === true && size && !size.acceleratedNetworking) {
            yield refuse(
                path,
                `The virtual machine size ${sizeName} is not permitted to enable accelerated networking, which \`${path}\` has on.`,
                "VMSizeIsNotPermittedToEnableAcceleratedNetworking",
            );
        }
        yield* sameZoneAddress(cloud, itself, path, zone);
    }
}

/** Plausible code: a zonal machine's public address is in its zone, or in all of them. */
function* sameZoneAddress(
    cloud: Candidate["cloud"],
    nic: Properties | undefined,
    path: string,
    zone: string | undefined,
): Generator<CheckFailure> {
    for (const configuration of objectsAt(nic, "ipConfigurations")) {
        const addressId = textAt(configuration, "publicIPAddress", "id");
        const own = addressId ? textsAt(cloud.inputs(addressId), "zones") : [];
        if (zone !== undefined && own.length > 0 && !own.includes(zone)) {
            yield refuse(
                path,
                `\`${path}\` has the public IP address ${addressId} in zone ${own.join(", ")}, the machine is in zone ${zone}.`,
                "ZonesNotMatchingForVirtualMachineAndPublicIPAddress",
            );
        }
    }
}

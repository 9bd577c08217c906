import type { CheckFailure } from "../../provider/provider";
import type { Value } from "../../provider/values";
import { sameId } from "../arm/id";
import { machineSize } from "./nodePool";
import { at, objectsAt, refuse, type Rule, textAt, textsAt } from "./rule";

const CUSTOM_DATA_BYTES = 65_535;

export const virtualMachine: Rule = function* ({ inputs, id, cloud }) {
    const size = textAt(inputs, "hardwareProfile", "vmSize");
    if (size) yield* machineSize(size, "hardwareProfile.vmSize", "InvalidParameter");
    yield* operatingSystem(inputs.osProfile, "osProfile");
    yield* base64(inputs.userData, "userData");
    const zones = textsAt(inputs, "zones");
    if (zones.length > 1)
        yield refuse(
            "zones",
            `\`zones\` of a machine may name one zone, but ${zones.join(", ")} were given.`,
            "InvalidParameter",
        );
    for (const [index, disk] of objectsAt(inputs, "storageProfile", "dataDisks").entries()) {
        const path = `storageProfile.dataDisks[${index}].managedDisk.id`;
        const diskId = textAt(disk, "managedDisk", "id");
        const own = diskId ? textsAt(cloud.inputs(diskId), "zones") : [];
        if (own.length > 0 && zones.length > 0 && !own.includes(zones[0])) {
            yield refuse(
                path,
                `\`${path}\` is in zone ${own.join(", ")}, the machine in zone ${zones[0]}.`,
                "BadRequest",
            );
        }
    }
    for (const [index, reference] of objectsAt(inputs, "networkProfile", "networkInterfaces").entries()) {
        const nic = textAt(reference, "id");
        if (!nic) continue;
        const other = cloud
            .list("Microsoft.Compute/virtualMachines")
            .find(
                (machine) =>
                    !(id && sameId(machine.id, id)) &&
                    objectsAt(machine.inputs, "networkProfile", "networkInterfaces").some((one) =>
                        sameId(textAt(one, "id") ?? "", nic),
                    ),
            );
        if (other) {
            const path = `networkProfile.networkInterfaces[${index}].id`;
            yield refuse(path, `\`${path}\`: the network interface is in use by ${other.id}.`, "NicInUse");
        }
    }
};

export const scaleSet: Rule = function* ({ inputs }) {
    const size = textAt(inputs, "sku", "name");
    if (size) yield* machineSize(size, "sku.name", "InvalidParameter");
    yield* operatingSystem(at(inputs, "virtualMachineProfile", "osProfile"), "virtualMachineProfile.osProfile");
    yield* base64(at(inputs, "virtualMachineProfile", "userData"), "virtualMachineProfile.userData");
    const orchestration = inputs.orchestrationMode;
    if (orchestration !== "Flexible" && inputs.upgradePolicy === undefined) {
        yield refuse(
            "upgradePolicy",
            "`upgradePolicy` is missing: a scale set in Uniform mode needs its mode.",
            "InvalidParameter",
        );
    }
};

function* operatingSystem(profile: Value | undefined, base: string): Generator<CheckFailure> {
    if (profile === undefined || typeof profile === "symbol") return;
    yield* base64(at(profile, "customData"), `${base}.customData`);
    const noPassword = at(profile, "linuxConfiguration", "disablePasswordAuthentication") === true;
    const keys = at(profile, "linuxConfiguration", "ssh", "publicKeys");
    if (noPassword && keys === undefined && at(profile, "linuxConfiguration", "ssh") === undefined) {
        yield refuse(
            `${base}.linuxConfiguration.ssh.publicKeys`,
            `\`${base}.linuxConfiguration.ssh.publicKeys\` is missing: without a password, a key is needed.`,
            "InvalidParameter",
        );
    }
    const user = textAt(profile, "adminUsername");
    if (user && /^(admin|administrator|root|user|test|guest|console|sys)$/i.test(user)) {
        yield refuse(
            `${base}.adminUsername`,
            `\`${base}.adminUsername\` ${JSON.stringify(user)} is not allowed by Azure.`,
            "InvalidParameter",
        );
    }
}

function* base64(value: Value | undefined, path: string): Generator<CheckFailure> {
    if (typeof value !== "string") return;
    if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value)) {
        yield refuse(path, `\`${path}\` must be Base64.`, "InvalidParameter");
    } else if (Buffer.byteLength(value, "base64") > CUSTOM_DATA_BYTES) {
        yield refuse(
            path,
            `\`${path}\` may have ${CUSTOM_DATA_BYTES} bytes, but has ${Buffer.byteLength(value, "base64")}.`,
            "InvalidParameter",
        );
    }
}

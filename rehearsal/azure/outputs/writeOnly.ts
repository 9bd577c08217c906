import type { Properties } from "../../provider/values";

/** Inputs that Azure takes and never shows again, by ARM type (lower case). */
const WRITE_ONLY: Record<string, readonly string[]> = {
    // User data is shown to those who ask for it by `$expand`, which azure-native does not.
    "microsoft.compute/virtualmachines": ["osProfile.adminPassword", "osProfile.customData", "userData"],
    "microsoft.compute/virtualmachines/extensions": ["protectedSettings"],
    "microsoft.compute/virtualmachinescalesets": [
        "virtualMachineProfile.osProfile.adminPassword",
        "virtualMachineProfile.osProfile.customData",
        "virtualMachineProfile.userData",
    ],
    "microsoft.compute/virtualmachinescalesets/extensions": ["protectedSettings"],
    "microsoft.keyvault/vaults": ["properties.createMode"],
    "microsoft.keyvault/vaults/secrets": ["properties.value"],
};

/** The outputs without what Azure keeps to itself. */
export function withoutWriteOnly(armType: string, outputs: Properties): Properties {
    return (WRITE_ONLY[armType.toLowerCase()] ?? []).reduce((left, path) => without(left, path.split(".")), outputs);
}

function without(value: Properties, [key, ...rest]: string[]): Properties {
    if (!(key in value)) return value;
    const { [key]: inner, ...others } = value;
    if (rest.length === 0) return others;
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return value;
    return { ...value, [key]: without(inner, rest) };
}

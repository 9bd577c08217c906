import { serveProvider, UNKNOWN, type Properties, type Provider } from "../../../rehearsal/provider";

/** Inputs that azure-native has as a part of the resource's ID, not among its outputs. */
const PATH = ["configName", "networkSecurityGroupName", "resourceName", "resourceUri", "virtualNetworkName"];

/** Outputs that a preview does not know unless they were asked for. */
const LATER = ["autoUpgradeProfile", "maintenanceWindow", "mode", "securityRules", "sku", "zones"];

/**
 * Takes whatever it is given for any package, so that programs which Azure would refuse reach the policies. Its outputs are
 * those of azure-native as far as policies can tell: no parts of the path, a name and an ID that a preview does not know.
 */
const agreeable: Provider = {
    check: async ({ inputs }) => ({ inputs, failures: [] }),
    diff: async () => ({ entries: {} }),
    create: async ({ name, inputs, preview }) => ({
        id: preview ? "" : `/made/${name}`,
        outputs: outputsOf(inputs, name, preview),
    }),
    read: async ({ id, oldInputs, oldOutputs }) => ({ id, inputs: oldInputs ?? {}, outputs: oldOutputs ?? {} }),
    update: async ({ inputs }) => inputs,
    delete: async () => {},
};

function outputsOf(inputs: Properties, name: string, preview: boolean): Properties {
    const outputs = Object.fromEntries(Object.entries(inputs).filter(([key]) => !PATH.includes(key)));
    if (!preview) return { name: inputs.configName ?? name, ...outputs };
    return { name: UNKNOWN, ...Object.fromEntries(LATER.map((key) => [key, UNKNOWN])), ...outputs };
}

void serveProvider(agreeable, { name: "agreeable", version: "0.0.1" });

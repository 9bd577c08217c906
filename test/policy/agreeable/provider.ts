import { serveProvider, UNKNOWN, type Provider } from "../../../rehearsal/provider";

/**
 * Takes whatever it is given for any package, so that programs which Azure would refuse reach the policies. What it makes
 * has a name and an ID, which a preview does not know.
 */
const agreeable: Provider = {
    check: async ({ inputs }) => ({ inputs, failures: [] }),
    diff: async () => ({ entries: {} }),
    create: async ({ name, inputs, preview }) => ({
        id: preview ? "" : `/made/${name}`,
        outputs: { ...inputs, name: inputs.name ?? (preview ? UNKNOWN : name) },
    }),
    read: async ({ id, oldInputs, oldOutputs }) => ({ id, inputs: oldInputs ?? {}, outputs: oldOutputs ?? {} }),
    update: async ({ inputs }) => inputs,
    delete: async () => {},
};

void serveProvider(agreeable, { name: "agreeable", version: "0.0.1" });

import { diffProperties } from "./propertyPath";
import type { CheckFailure, Created, DiffEntry, Provider, Read } from "./provider";
import { hasUnknown, UNKNOWN, type Properties } from "./values";

/** A resource that lives in the state alone: made once from its inputs, kept from then on, replaced when they change. */
export interface LogicalResource {
    required: readonly string[];
    /** Values of inputs that were not given, as the outputs show them. */
    defaults?: Properties;
    /** Outputs that exist once it is made. */
    computed: readonly string[];
    /** Inputs that change without a replacement. @default none */
    updatable?: readonly string[];
    /** Inputs that are used and never shown again. @default none */
    writeOnly?: readonly string[];
    /** Everything that is wrong with the inputs; unknown ones are among them in a preview. */
    check?(inputs: Properties): CheckFailure[];
    /** Makes it from its inputs and defaults; the answer's outputs are the computed ones. */
    make(inputs: Properties): Promise<Created>;
    /** What it has come to by now, such as a certificate that is due for renewal. */
    refresh?(outputs: Properties): Properties;
    /** Differences that no input shows. */
    due?(outputs: Properties, inputs: Properties): Record<string, DiffEntry>;
    /** Takes over a value that was made elsewhere. */
    import?(id: string): Promise<Read>;
}

type Functions = Record<string, (args: Properties) => Promise<Properties>>;

/** A provider of logical resources, by type. */
export function logicalProvider(resources: Record<string, LogicalResource>, functions: Functions = {}): Provider {
    const resourceOf = (type: string): LogicalResource => {
        const resource = resources[type];
        if (!resource)
            throw new Error(`${type} is not served in a rehearsal; there are ${Object.keys(resources).join(", ")}`);
        return resource;
    };

    const outputsOf = ({ defaults, writeOnly = [] }: LogicalResource, inputs: Properties, computed: Properties) => {
        const shown = { ...defaults, ...withoutNull(inputs), ...computed };
        for (const name of writeOnly) delete shown[name];
        return shown;
    };

    return {
        async check({ type, inputs }) {
            const { required, check } = resourceOf(type);
            const given = withoutNull(inputs);
            const failures: CheckFailure[] = required
                .filter((property) => !(property in given))
                .map((property) => ({ property, reason: `is required: ${type} cannot be made without ${property}` }));
            return { inputs, failures: [...failures, ...(check?.(given) ?? [])] };
        },

        async diff({ type, oldInputs, oldOutputs, inputs }) {
            const { updatable = [], writeOnly = [], due } = resourceOf(type);
            return {
                entries: {
                    ...diffProperties(oldInputs, inputs, {
                        forcesReplacement: ([first]) => !updatable.includes(String(first)),
                        same: ([first]) => writeOnly.includes(String(first)),
                    }),
                    ...due?.(oldOutputs, inputs),
                },
            };
        },

        async create({ type, inputs, preview }) {
            const resource = resourceOf(type);
            if (preview) {
                const unknown: Properties = {};
                for (const name of resource.computed) unknown[name] = UNKNOWN;
                return { id: "", outputs: outputsOf(resource, inputs, unknown) };
            }
            const { id, outputs } = await resource.make({ ...resource.defaults, ...withoutNull(inputs) });
            return { id, outputs: outputsOf(resource, inputs, outputs) };
        },

        async update({ type, inputs, oldOutputs }) {
            const resource = resourceOf(type);
            const kept: Properties = {};
            for (const name of resource.computed) if (name in oldOutputs) kept[name] = oldOutputs[name];
            const outputs = outputsOf(resource, inputs, kept);
            return resource.refresh && !hasUnknown(outputs) ? resource.refresh(outputs) : outputs;
        },

        async read({ type, id, oldInputs, oldOutputs }) {
            const resource = resourceOf(type);
            if (oldOutputs) {
                return { id, inputs: oldInputs ?? {}, outputs: resource.refresh?.(oldOutputs) ?? oldOutputs };
            }
            if (!resource.import) throw new Error(`${type} cannot be imported: nothing but its state knows it`);
            return resource.import(id);
        },

        async delete() {},

        async invoke(token, args) {
            const answer = functions[token];
            if (!answer) throw new Error(`${token} is not served in a rehearsal`);
            return { result: await answer(args), failures: [] };
        },
    };
}

function withoutNull(properties: Properties): Properties {
    return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== null));
}

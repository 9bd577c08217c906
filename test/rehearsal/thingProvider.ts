import {
    diffProperties,
    logToEngine,
    PartialFailure,
    serveProvider,
    UNKNOWN,
    type Provider,
} from "../../rehearsal/provider";

/**
 * A provider for tests of the engine: `thing:index:Thing` does as its inputs say.
 *
 * `refuse` fails the check; `half` is made, but not as asked for; `slow` takes that many milliseconds unless stopped;
 * `warn` says it while it is made; `name` forces a replacement. The output `made` is known only once it is made.
 */
const things: Provider = {
    async check({ inputs }) {
        const failures = inputs.refuse ? [{ property: "refuse", reason: `cannot be ${String(inputs.refuse)}` }] : [];
        return { inputs, failures };
    },
    async diff({ oldInputs, inputs }) {
        const entries = diffProperties(oldInputs, inputs, { forcesReplacement: ([first]) => first === "name" });
        return { entries, deleteBeforeReplace: inputs.deleteFirst === true };
    },
    async create({ urn, name, inputs, preview, signal }) {
        if (preview) return { id: "", outputs: { ...inputs, made: UNKNOWN } };
        if (typeof inputs.warn === "string") await logToEngine(urn, "warning", inputs.warn);
        if (typeof inputs.slow === "number") await pause(inputs.slow, signal);
        const outputs = { ...inputs, made: `${name} was made` };
        if (inputs.half) throw new PartialFailure("only half of it was made", `id-of-${name}`, inputs, outputs);
        if (inputs.fail) throw new Error(String(inputs.fail));
        return { id: `id-of-${name}`, outputs };
    },
    async read({ id, oldInputs, oldOutputs }) {
        if (id.endsWith("-gone")) return undefined;
        return { id, inputs: oldInputs ?? { read: id }, outputs: oldOutputs ?? { read: id, made: `${id} was read` } };
    },
    async update({ inputs, preview }) {
        return { ...inputs, made: preview ? UNKNOWN : "made again" };
    },
    async delete() {},
    async invoke(token, args, preview) {
        const failures = args.refuse ? [{ property: "refuse", reason: "not this" }] : [];
        return { result: { token, args, preview }, failures };
    },
};

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
        const timer = setTimeout(resolve, milliseconds);
        signal.addEventListener("abort", () => {
            clearTimeout(timer);
            reject(new Error("stopped"));
        });
    });
}

void serveProvider(things, { name: "thing", version: "1.2.3" });

import type { InlineProgram } from "../../rehearsal/engine";

/** A resource as data. `{ ref: "NAME" }` stands for another one's ID, `{ ref: "NAME", output: "name" }` for an output. */
export interface Resource {
    type: string;
    name: string;
    props: Properties;
    /** Resources that are judged together: a broken program takes all of a family along with the broken one. */
    family?: string;
}

/** Not the SDKs' types: they refuse some of what is to be refused by a policy. */
export type Properties = Record<string, any>;

/** Version of the agreeable provider, which the engine finds by it. */
export const AGREEABLE = "0.0.1";

/** A program that registers these, in this order, without the SDKs' classes. */
export function programOf(resources: readonly Resource[]): InlineProgram {
    return {
        "resources.json": JSON.stringify(resources),
        "index.js": `
const pulumi = require("@pulumi/pulumi");
class Named extends pulumi.CustomResource {
    constructor({ type, name, props }) {
        super(type, name, { name: undefined, ...filledIn(props) }, { version: "${AGREEABLE}" });
    }
}
const made = {};
function filledIn(value) {
    if (Array.isArray(value)) return value.map(filledIn);
    if (typeof value !== "object" || value === null) return value;
    if (value.ref) return made[value.ref][value.output ?? "id"];
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, filledIn(part)]));
}
for (const resource of require("./resources.json")) made[resource.name] = new Named(resource);
`,
    };
}

/** The family of a resource once more, under other names and referring to itself where it did so before. */
export function familyOf(resources: readonly Resource[], name: string, prefix: string): Resource[] {
    const one = resources.find((resource) => resource.name === name);
    if (!one) throw new Error(`${name} is no resource of the program`);
    const family = resources.filter((resource) => resource === one || (one.family && resource.family === one.family));
    const names = new Set(family.map((resource) => resource.name));
    const renamed = (value: unknown): unknown => {
        if (Array.isArray(value)) return value.map(renamed);
        if (typeof value !== "object" || value === null) return value;
        const copy = Object.fromEntries(Object.entries(value).map(([key, part]) => [key, renamed(part)]));
        return names.has(copy.ref as string) ? { ...copy, ref: `${prefix}${String(copy.ref)}` } : copy;
    };
    return family.map((resource) => ({
        ...resource,
        name: `${prefix}${resource.name}`,
        props: renamed(resource.props) as Properties,
    }));
}

import type { SchemaDocument, SchemaNode } from "./contracts";

/** The other branch of nearly every value in ARM's schemas: a template expression, as which any string passes. */
const EXPRESSION = /common\/definitions\.json#\/definitions\/expression$/;
const DEFINITION = /^#\/definitions\//;

/**
 * A schema document made fit for judging:
 * - without the branch of template expressions, which an SDK never writes;
 * - `allOf` merged, since ARM's own combination of a closed base type with its derived types admits nothing at all;
 * - derived types told apart by their `discriminator`, so that errors speak of the one that was meant;
 * - without child resources, which are resources of their own here.
 */
export class TidySchema {
    private readonly definitions = new Map<string, SchemaNode>();

    constructor(private readonly document: SchemaDocument) {}

    /** The tidy form of a node, one level deep behind its `$ref`. */
    resolve(node: SchemaNode | undefined): SchemaNode {
        let resolved = node ?? {};
        while (resolved.$ref) resolved = this.definition(resolved.$ref);
        return resolved;
    }

    /** A schema that stands by itself, with the definitions that it reaches. */
    standalone(node: SchemaNode): SchemaNode {
        const definitions: Record<string, SchemaNode> = {};
        const open = [node];
        for (let next = open.pop(); next; next = open.pop()) {
            for (const reference of references(next)) {
                const name = reference.replace(DEFINITION, "");
                if (name in definitions) continue;
                definitions[name] = this.definition(reference);
                open.push(definitions[name]);
            }
        }
        return { ...node, definitions: definitions as never };
    }

    tidy(node: SchemaNode): SchemaNode {
        if (node.$ref) return DEFINITION.test(node.$ref) ? { $ref: node.$ref } : {};
        const { oneOf, anyOf, allOf, properties, items, additionalProperties, description: _, ...rest } = node;
        let tidy: SchemaNode = { ...rest };
        if (rest.const !== undefined) tidy = { ...tidy, enum: [rest.const], const: undefined };
        if (properties) {
            tidy.properties = Object.fromEntries(
                Object.entries(properties).map(([key, value]) => [key, this.tidy(value)]),
            );
        }
        if (items) tidy.items = this.tidy(items);
        if (typeof additionalProperties === "object") tidy.additionalProperties = this.tidy(additionalProperties);
        else if (additionalProperties !== undefined && !allOf) tidy.additionalProperties = additionalProperties;

        for (const part of allOf ?? []) tidy = this.merge(tidy, this.tidy(part));
        const branches = (oneOf ?? anyOf ?? [])
            .filter((branch) => !EXPRESSION.test(branch.$ref ?? ""))
            .map((branch) => this.tidy(branch));
        return branches.length === 0 ? tidy : this.withBranches(tidy, branches);
    }

    private definition(reference: string): SchemaNode {
        let definition = this.definitions.get(reference);
        if (!definition) {
            const source = this.document.definitions[reference.replace(DEFINITION, "")] ?? {};
            this.definitions.set(reference, (definition = {}));
            Object.assign(definition, this.tidy(source));
        }
        return definition;
    }

    private withBranches(base: SchemaNode, branches: SchemaNode[]): SchemaNode {
        if (branches.length === 1) {
            return Object.keys(base).length === 0 ? branches[0] : this.merge(base, branches[0]);
        }
        const discriminator = this.discriminator(branches);
        if (!discriminator) return { ...base, anyOf: branches };
        return {
            type: "object",
            discriminator: { propertyName: discriminator },
            required: [discriminator],
            oneOf: branches.map((branch) => this.merge(base, branch)),
        };
    }

    /** The property of which every branch allows exactly one value. */
    private discriminator(branches: SchemaNode[]): string | undefined {
        const all = branches.map((branch) => this.resolve(branch).properties ?? {});
        const single = (node: SchemaNode | undefined): boolean => this.resolve(node).enum?.length === 1;
        return Object.keys(all[0]).find((key) => all.every((properties) => single(properties[key])));
    }

    private merge(whole: SchemaNode, part: SchemaNode): SchemaNode {
        const base = whole.$ref ? this.resolve(whole) : whole;
        const added = part.$ref ? this.resolve(part) : part;
        // What holds for all derived types belongs into each of them, where their `discriminator` tells them apart.
        if (added.discriminator) return { ...added, oneOf: added.oneOf!.map((branch) => this.merge(base, branch)) };
        if (base.discriminator) return { ...base, oneOf: base.oneOf!.map((branch) => this.merge(branch, added)) };
        const merged: SchemaNode = { ...base, ...added };
        // A base type closed by ARM's generator would refuse what its derived types add.
        delete merged.additionalProperties;
        if (typeof added.additionalProperties === "object") merged.additionalProperties = added.additionalProperties;
        if (base.properties || added.properties) {
            merged.properties = { ...base.properties };
            for (const [key, value] of Object.entries(added.properties ?? {})) {
                const before = merged.properties[key];
                const narrower = before?.enum && value.enum && before.enum.length < value.enum.length;
                if (!narrower) merged.properties[key] = value;
            }
        }
        if (base.required || added.required) {
            merged.required = [...new Set([...(base.required ?? []), ...(added.required ?? [])])];
        }
        return merged;
    }
}

function references(node: unknown): string[] {
    if (Array.isArray(node)) return node.flatMap(references);
    if (typeof node !== "object" || node === null) return [];
    const reference = (node as SchemaNode).$ref;
    return typeof reference === "string" ? [reference] : Object.values(node).flatMap(references);
}

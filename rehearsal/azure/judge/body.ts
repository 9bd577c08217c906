import type { CheckFailure } from "../../provider/provider";
import { formatPath, type PropertyPath } from "../../provider/propertyPath";
import { UNKNOWN, type Properties, type Value } from "../../provider/values";
import type { SchemaNode } from "../arm/contracts";
import type { TidySchema } from "../arm/tidySchema";
import { nearest } from "../../nearest";

/** ARM's body, and where in the SDK's inputs each of its objects came from. */
export interface Body {
    body: Properties;
    /** SDK path of every object and list in the body; an inner `properties` has the path of the object around it. */
    origins: ReadonlyMap<object, PropertyPath>;
    failures: CheckFailure[];
}

/** Keys of a resource's top level that come from its type and URL, not from inputs. */
const GIVEN_BY_TYPE = new Set(["name", "type", "apiVersion", "id", "resources"]);

/**
 * Maps SDK inputs to ARM's body. The SDK flattens: a key that the schema does not list at a level, but under that level's
 * own `properties`, belongs there. A key that it lists at neither place is refused, since ARM's schemas let it through.
 */
export function toBody(inputs: Properties, schema: TidySchema, resource: SchemaNode): Body {
    const origins = new Map<object, PropertyPath>();
    const failures: CheckFailure[] = [];
    const body = object(inputs, resource, [], GIVEN_BY_TYPE);
    return { body, origins, failures };

    function convert(value: Value, node: SchemaNode | undefined, path: PropertyPath): Value {
        if (Array.isArray(value)) {
            const level = schema.resolve(node);
            if (isStringSet(value, level)) {
                if (value.includes(UNKNOWN)) return UNKNOWN;
                return Object.fromEntries(value.map((id) => [id as string, {}]));
            }
            const items = schema.resolve(branch(schema.resolve(node), value)).items;
            const list = value.map((item, index) => convert(item, items, [...path, index]));
            origins.set(list, path);
            return list;
        }
        return isObject(value) ? object(value, node, path) : value;
    }

    function object(
        value: Properties,
        node: SchemaNode | undefined,
        path: PropertyPath,
        given?: ReadonlySet<string>,
    ): Properties {
        const level = branch(schema.resolve(node), value);
        const listed = level.properties ?? {};
        const inner = listed.properties ? branch(schema.resolve(listed.properties), value) : undefined;
        const innerListed = inner?.properties ?? {};
        const open = !level.properties || (Object.keys(listed).length === 0 && !level.additionalProperties);
        const innerOpen = inner !== undefined && !inner.properties && "properties" in value === false;

        const result: Properties = {};
        const nested: Properties = {};
        origins.set(result, path);
        origins.set(nested, path);
        for (const [key, item] of Object.entries(value)) {
            if (item === null || item === undefined) continue;
            const own = given?.has(key) ? undefined : spelled(key, listed);
            const here = own && given?.has(own) ? undefined : own;
            const below = here ? undefined : spelled(key, innerListed);
            if (here) result[here] = convert(item, listed[here], [...path, key]);
            else if (below) nested[below] = convert(item, innerListed[below], [...path, key]);
            else if (given?.has(key)) continue;
            else if (typeof level.additionalProperties === "object")
                result[key] = convert(item, level.additionalProperties, [...path, key]);
            else if (open) result[key] = convert(item, undefined, [...path, key]);
            else if (innerOpen || inner?.additionalProperties) nested[key] = convert(item, undefined, [...path, key]);
            else
                failures.push(
                    unknownProperty([...path, key], key, [...Object.keys(listed), ...Object.keys(innerListed)]),
                );
        }
        const required = level.required?.includes("properties") && !("properties" in result);
        if (Object.keys(nested).length > 0 || required) {
            result.properties = isObject(result.properties) ? { ...result.properties, ...nested } : nested;
            origins.set(result.properties as object, path);
        }
        return result;
    }

    /** Of several types, the one that the value claims to be, or else the one that knows most of its keys. */
    function branch(node: SchemaNode, value: Value): SchemaNode {
        const branches = (node.oneOf ?? node.anyOf)?.map((one) => schema.resolve(one));
        if (!branches) return node;
        if (!isObject(value))
            return branches.find((one) => (one.type === "array") === Array.isArray(value)) ?? branches[0];
        const discriminator = (node.discriminator as { propertyName: string } | undefined)?.propertyName;
        const claimed = discriminator
            ? branches.find((one) => schema.resolve(one.properties?.[discriminator]).enum?.[0] === value[discriminator])
            : undefined;
        const known = (one: SchemaNode): number =>
            Object.keys(value).filter((key) => one.properties && key in one.properties).length;
        return claimed ?? [...branches].sort((a, b) => known(b) - known(a))[0];
    }
}

/** Names that azure-native took from ARM's specification instead of from its wire format. */
const RENAMED: Record<string, string> = {
    enableHttpsTrafficOnly: "supportsHttpsTrafficOnly",
    enableNfsV3: "isNfsV3Enabled",
    encryptionIdentity: "identity",
    encryptionUserAssignedIdentity: "userAssignedIdentity",
    iPAddressOrRange: "value",
    networkRuleSet: "networkAcls",
    roleType: "type",
    virtualNetworkResourceId: "id",
};

/** A list of IDs in the SDK is an object with those keys in ARM: `userAssignedIdentities`. */
function isStringSet(value: Value[], level: SchemaNode): boolean {
    return (
        level.type === "object" &&
        level.additionalProperties !== undefined &&
        value.every((item) => typeof item === "string" || item === UNKNOWN)
    );
}

/** The SDK writes every name with a small first letter, some abbreviations its own way, and no dashes. */
function spelled(key: string, listed: Record<string, SchemaNode>): string | undefined {
    if (Object.hasOwn(listed, key)) return key;
    if (Object.hasOwn(RENAMED, key) && Object.hasOwn(listed, RENAMED[key])) return RENAMED[key];
    const lower = key.toLowerCase();
    return Object.keys(listed).find(
        (name) => name.replaceAll("-", "").toLowerCase() === lower && name[0].toLowerCase() === key[0],
    );
}

function unknownProperty(path: PropertyPath, key: string, known: string[]): CheckFailure {
    const names = [...new Set(known)].filter((name) => name !== "properties" && !GIVEN_BY_TYPE.has(name));
    const meant = nearest(key, names);
    const hint = meant
        ? `Did you mean \`${meant}\`?`
        : names.length
          ? `Known here: ${names.sort().join(", ")}.`
          : "Nothing is.";
    return { property: formatPath(path), reason: `\`${formatPath(path)}\` is not known to Azure. ${hint}` };
}

function isObject(value: Value | undefined): value is Properties {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

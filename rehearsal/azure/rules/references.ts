import type { Properties, Value } from "../../provider/values";
import { formatPath, type PropertyPath } from "../../provider/propertyPath";
import { parseArmId, sameId } from "../arm/id";
import { type Candidate, refuse, type Rule } from "./rule";

/** Every ID in the inputs must lead to something: made here, declared to exist, or a part of such a resource. */
export const existingReferences: Rule = function* (candidate) {
    for (const { path, id } of armIds(candidate.inputs)) {
        // The scope of an extension is asked for as well; the resource's own ID is not a reference.
        const verdict = lookUp(candidate, id);
        if (verdict === "missing") {
            yield refuse(
                formatPath(path),
                `\`${formatPath(path)}\` refers to ${id}, which does not exist. Create it first, or let the program pass its ID on instead of writing it.`,
                code(id),
            );
        } else if (verdict === "elsewhere") {
            candidate.unjudged(`refers to ${id} in another subscription, which this simulation does not know`);
        }
    }
};

function lookUp(candidate: Candidate, id: string): "exists" | "missing" | "elsewhere" {
    const parsed = parseArmId(id);
    if (!parsed) return "exists";
    // What belongs to Azure and not to a subscription: built-in roles and policies.
    if (!parsed.subscription || /^Microsoft\.Authorization\/(roleDefinitions|policy\w+)$/i.test(parsed.type))
        return "exists";
    if (parsed.type === "Microsoft.Resources/subscriptions") return "exists";
    if (!sameId(parsed.subscription, candidate.subscription)) return "elsewhere";
    // A region's network watcher and the like are made by Azure, in resource groups of its own.
    if (/^(NetworkWatcherRG|MC_|MA_)/i.test(parsed.resourceGroup ?? "")) return "exists";
    if (candidate.cloud.has(id)) return "exists";
    return isPart(candidate, id) ? "exists" : "missing";
}

/** A frontend, a backend pool, an inline subnet: an item by that name in a list of the resource around it. */
export function isPart(candidate: Candidate, id: string): boolean {
    const parentId = parseArmId(id)?.parent;
    if (!parentId) return false;
    const itself = candidate.id !== undefined && sameId(parentId, candidate.id);
    const [segment, name] = id.split("/").slice(-2);
    // The pools of a cluster are listed under another name than their URL has.
    const list = segment.toLowerCase() === "agentpools" ? "agentPoolProfiles" : segment;
    const inputs = itself ? candidate.inputs : candidate.cloud.inputs(parentId);
    if (!inputs) return false;
    const key = Object.keys(inputs).find((input) => input.toLowerCase() === list.toLowerCase());
    const items = key ? inputs[key] : undefined;
    return Array.isArray(items) && items.some((item) => sameName(item, name));
}

function sameName(item: Value, name: string): boolean {
    const given = (item as Properties | null)?.name;
    // An item whose name is not known yet may be the one.
    return typeof given === "string" ? given.toLowerCase() === name.toLowerCase() : typeof given === "symbol";
}

function code(id: string): string {
    const parsed = parseArmId(id)!;
    if (/\/subnets$/i.test(parsed.type)) return "InvalidResourceReference";
    return parsed.type === "Microsoft.Resources/resourceGroups"
        ? "ResourceGroupNotFound"
        : "LinkedAuthorizationFailed or ResourceNotFound";
}

/** Every ID of a subscription's resource in the inputs, with its place. Keys count too: identities are given as keys. */
export function armIds(inputs: Properties): { path: PropertyPath; id: string }[] {
    const found: { path: PropertyPath; id: string }[] = [];
    const walk = (value: Value, path: PropertyPath): void => {
        if (typeof value === "string") {
            if (/^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+/i.test(value) && parseArmId(value))
                found.push({ path, id: value });
        } else if (Array.isArray(value)) {
            value.forEach((item, index) => walk(item, [...path, index]));
        } else if (typeof value === "object" && value !== null) {
            for (const [key, item] of Object.entries(value)) {
                walk(key, [...path, key]);
                // Tags are words, whatever they look like.
                if (path.length > 0 || key !== "tags") walk(item, [...path, key]);
            }
        }
    };
    walk(inputs, []);
    return found;
}

/** What a resource is made in, by its URL: a resource group, a virtual network, a cluster. */
export const existingParent: Rule = function* (candidate) {
    const { id, type, armType, cloud, current } = candidate;
    const parsed = id ? parseArmId(id) : undefined;
    if (!parsed?.parent || current || armType === "microsoft.resources/resourcegroups") return;
    if (!sameId(parsed.subscription ?? "", candidate.subscription)) return;
    // A fixed part of the URL, such as `blobServices/default`, is there with the account.
    const parent = parsed.parent.replace(/\/(blobServices|fileServices)\/default$/i, "");
    const above = parseArmId(parent);
    if (!above || above.type === "Microsoft.Resources/subscriptions" || lookUp(candidate, parent) !== "missing") return;

    const group = /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+/i.exec(parent)?.[0];
    if (group && !cloud.has(group)) {
        const name = group.split("/").at(-1);
        yield refuse(
            "resourceGroupName",
            `\`resourceGroupName\`: resource group '${name}' could not be found.`,
            "ResourceGroupNotFound",
        );
        return;
    }
    const wanted = above.names.at(-1)!.toLowerCase();
    const property = type.sdk.pathParameters.find((key) => {
        const value = candidate.inputs[key];
        return (
            typeof value === "string" &&
            (value.toLowerCase() === wanted || sameId(`/${value.replace(/^\//, "")}`, parent))
        );
    });
    yield refuse(
        property,
        `\`${property}\`: can not perform requested operation on nested resource. Parent resource '${above.names.join("/")}' (${above.type}) not found.`,
        "ParentResourceNotFound",
    );
};

import type { Properties } from "../../provider/values";
import { objectsAt, refuse, type Rule, textAt, textsAt } from "./rule";
import { within } from "./limits";

/** A collection rule: its flows go from streams to destinations that it has. */
export const dataCollectionRule: Rule = function* ({ inputs, cloud, region }) {
    const destinations = inputs.destinations;
    const names = new Set<string>();
    let unknown = typeof destinations === "symbol" || destinations === undefined;
    if (typeof destinations === "object" && destinations !== null && !Array.isArray(destinations)) {
        for (const list of Object.values(destinations as Properties)) {
            for (const one of (Array.isArray(list) ? list : [list]) as Properties[]) {
                const name = textAt(one, "name");
                if (name) names.add(name);
                else unknown = true;
            }
        }
    }
    for (const [index, flow] of objectsAt(inputs, "dataFlows").entries()) {
        for (const [place, name] of textsAt(flow, "destinations").entries()) {
            if (unknown || names.has(name)) continue;
            const path = `dataFlows[${index}].destinations[${place}]`;
            yield refuse(
                path,
                `Data collection rule is invalid: \`${path}\` '${name}' is none of its destinations ${[...names].join(", ")}.`,
                "InvalidPayload",
            );
        }
    }
    const endpoint = textAt(inputs, "dataCollectionEndpointId");
    const theirs = endpoint ? textAt(cloud.inputs(endpoint), "location")?.toLowerCase().replaceAll(" ", "") : undefined;
    if (region && theirs && theirs !== region) {
        yield refuse(
            "dataCollectionEndpointId",
            `\`dataCollectionEndpointId\` is in ${theirs}, the rule in ${region}: they must be in the same region.`,
            "InvalidPayload",
        );
    }
};

/** An association is of a rule, or of an endpoint under the one name that Azure has for that. */
export const dataCollectionRuleAssociation: Rule = function* ({ inputs, name }) {
    const [rule, endpoint] = [inputs.dataCollectionRuleId, inputs.dataCollectionEndpointId];
    if ((rule === undefined) === (endpoint === undefined)) {
        yield refuse(
            "dataCollectionRuleId",
            "`dataCollectionRuleId` or dataCollectionEndpointId has to be given, and not both.",
            "InvalidPayload",
        );
    }
    if (endpoint !== undefined && rule === undefined && name !== undefined && name !== "configurationAccessEndpoint") {
        yield refuse(
            "associationName",
            `\`associationName\` must be configurationAccessEndpoint for an endpoint, but ${JSON.stringify(name)} was given.`,
            "InvalidPayload",
        );
    }
};

export const workspace: Rule = function* ({ inputs }) {
    const free = textAt(inputs, "sku", "name") === "Free";
    const days = inputs.retentionInDays;
    if (typeof days === "number" && !free && days !== -1) yield* within(inputs, "retentionInDays", 30, 730);
};

/** A table of a workspace. -1 is what the workspace has. */
export const table: Rule = function* ({ inputs, name }) {
    const own = textAt(inputs, "schema", "name");
    if (own !== undefined && name !== undefined && own !== name)
        yield refuse(
            "schema.name",
            `\`schema.name\` must be the table's name ${JSON.stringify(name)}, but ${JSON.stringify(own)} was given.`,
            "InvalidParameter",
        );
    for (const [key, least, most] of [
        ["retentionInDays", 4, 730],
        ["totalRetentionInDays", 4, 4383],
    ] as const) {
        if (inputs[key] !== -1) yield* within(inputs, key, least, most);
    }
    if (textAt(inputs, "plan") === "Basic" && inputs.retentionInDays !== undefined)
        yield refuse(
            "retentionInDays",
            "`retentionInDays` cannot be set for a table of plan Basic, which has 30 days.",
            "InvalidParameter",
        );
    const [shown, kept] = [inputs.retentionInDays, inputs.totalRetentionInDays];
    if (typeof shown === "number" && typeof kept === "number" && kept !== -1 && kept < shown)
        yield refuse(
            "totalRetentionInDays",
            `\`totalRetentionInDays\` ${kept} must not be less than retentionInDays ${shown}.`,
            "InvalidParameter",
        );
};

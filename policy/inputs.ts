import type { PolicyResource, ResourceValidationArgs } from "@pulumi/policy";

/**
 * What resources were declared with, noted while the engine shows them one by one.
 *
 * The engine shows a stack's rules only outputs. Those of azure-native lack the names that make up a resource's path, and
 * in a preview all that was left out of the inputs is unknown, so that a rule could seldom say anything before the `up`.
 */
const declared = new Map<string, Record<string, unknown>>();
const wanted = new Set<string>();

/** Says that inputs of this type are asked for later. */
export function wantInputsOf(type: string): void {
    wanted.add(type);
}

export function noteInputs({ type, urn, props }: Pick<ResourceValidationArgs, "type" | "urn" | "props">): void {
    if (wanted.has(type)) declared.set(urn, props);
}

/** A resource's inputs, or its outputs where the rule that notes inputs is disabled. */
export function inputsOf({ urn, props }: PolicyResource): Record<string, unknown> {
    return declared.get(urn) ?? props;
}

import type { CheckFailure } from "../../provider/provider";
import type { Candidate, Rule } from "./rule";
import { existingParent, existingReferences } from "./references";
import { names } from "./names";
import { regions } from "./placement";

/** Rules for every type. */
const GENERAL: readonly Rule[] = [names, regions, existingParent, existingReferences];

/** Rules by ARM type, lower case. */
const BY_TYPE: Record<string, readonly Rule[]> = {};

/** Everything that Azure would say no to beyond its schemas: all of it at once. */
export function checkRules(candidate: Candidate): CheckFailure[] {
    return [...GENERAL, ...(BY_TYPE[candidate.armType] ?? [])].flatMap((rule) => [...rule(candidate)]);
}

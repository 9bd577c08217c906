import type { CheckFailure } from "../../provider/provider";
import { at, type Properties, type Value } from "../../provider/values";
import type { ArmType } from "../arm/armType";
import type { CloudResource } from "../state/cloud";

export { at };

/** What rules may ask of the cloud. */
export interface CloudView {
    get(id: string): CloudResource | undefined;
    list(type: string): CloudResource[];
    /** Whether the ID exists, or is about to, as a resource of the program that this preview has already come by. */
    has(id: string): boolean;
    /** The inputs of a resource, made or previewed. */
    inputs(id: string): Properties | undefined;
    /** Resources of a type, made or previewed, whose IDs begin with a text. */
    siblings(type: string, start: string): { id: string; inputs: Properties }[];
}

/** A resource as the program asks for it, before Azure has said yes. */
export interface Candidate {
    type: ArmType;
    /** ARM's type, lower case. */
    armType: string;
    /** Absent as long as a part of it is unknown. */
    id?: string;
    name?: string;
    inputs: Properties;
    /** The resource as it is, when this is an update. */
    current?: CloudResource;
    /** Lower case, no spaces: its own `location`, or that of what it belongs to. */
    region?: string;
    cloud: CloudView;
    /** Everything that exists. */
    all(): CloudResource[];
    subscription: string;
    /** A vault of that name that was deleted and not purged. */
    deletedVault(name: string): CloudResource | undefined;
    /** What was deleted and can be recovered, by its ID: a vault's secrets. */
    deleted(id: string): CloudResource | undefined;
    /** Notes what cannot be judged here. */
    unjudged(why: string): void;
}

/** What Azure checks beyond its schemas. */
export type Rule = (candidate: Candidate) => Iterable<CheckFailure>;

/** A refusal, with Azure's own error code where it is known. */
export function refuse(property: string | undefined, reason: string, code?: string): CheckFailure {
    const named = property && !reason.includes(`\`${property}\``) ? `\`${property}\`: ${reason}` : reason;
    return { property, reason: code ? `${named} (${code})` : named };
}

/** The text there, or `undefined` where there is none or it is not known yet. */
export function textAt(value: Value | undefined, ...path: string[]): string | undefined {
    const found = at(value, ...path);
    return typeof found === "string" ? found : undefined;
}

/** The objects of a list; unknown items are left out. */
export function objectsAt(value: Value | undefined, ...path: string[]): { [key: string]: Value }[] {
    const found = at(value, ...path);
    return Array.isArray(found)
        ? found.filter((item): item is Properties => typeof item === "object" && item !== null && !Array.isArray(item))
        : [];
}

/** The texts of a list; unknown items are left out. */
export function textsAt(value: Value | undefined, ...path: string[]): string[] {
    const found = at(value, ...path);
    return Array.isArray(found) ? found.filter((item) => typeof item === "string") : [];
}

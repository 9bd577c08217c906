import { type Properties, UNKNOWN, type Value } from "../../provider/values";
import type { SdkResource } from "../sdk/sdk";
import { armDocuments, type SchemaDocument, type SchemaNode } from "./contracts";
import { ARM_TYPES, CLUSTER_PARAMETERS, SCOPE_PARAMETERS } from "./names";

interface Segment {
    type: string;
    /** The input that gives the segment's name. */
    parameter?: string;
    /** A name that is the same in every URL of the type, such as `default`. */
    fixed?: string;
    /** The input that gives the segment's type: DNS records are a type each. */
    typeParameter?: string;
}

/** How a resource class maps to ARM: its type, its URL and its schema. */
export class ArmType {
    /** The schema of the resource as a whole; absent where the contracts have none. */
    readonly schema?: { document: SchemaDocument; node: SchemaNode };

    private constructor(
        readonly sdk: SdkResource,
        readonly namespace: string,
        readonly segments: readonly Segment[],
        private readonly scopeParameter: string | undefined,
    ) {
        this.schema = findSchema(sdk, this.type({}));
    }

    static of(sdk: SdkResource): ArmType {
        const scope = SCOPE_PARAMETERS.find((parameter) => sdk.pathParameters.includes(parameter));
        const text = ARM_TYPES[`${sdk.module}:${sdk.className}`] ?? guessType(sdk);
        const [namespace, ...types] = text.split("/");
        const names = sdk.pathParameters.filter(
            (parameter) =>
                parameter !== scope &&
                !CLUSTER_PARAMETERS.includes(parameter) &&
                (parameter !== "resourceGroupName" || sdk.pathParameters.length === 1),
        );
        return new ArmType(sdk, namespace, nameSegments(types, names, sdk), scope);
    }

    /** `Microsoft.Network/virtualNetworks/subnets`. */
    type(inputs: Properties): string {
        const types = this.segments.map((segment) => {
            const given = segment.typeParameter ? inputs[segment.typeParameter] : undefined;
            return typeof given === "string" ? given : segment.type;
        });
        return [this.namespace, ...types].join("/");
    }

    /** The input that names the resource itself, as against those that name its parents. */
    get nameParameter(): string | undefined {
        return this.segments.at(-1)?.parameter;
    }

    /** Whether azure-native draws a random name (or takes the Pulumi name, or a GUID) where none is given. */
    get autoname(): "random" | "copy" | "uuid" {
        if (this.nameParameter === "roleAssignmentName" || this.nameParameter === "roleDefinitionId") return "uuid";
        // azure-native counts the names behind the last provider in the URL: one is a resource of its own, more are a child.
        return this.segments.filter((segment) => segment.parameter).length > 1 ? "copy" : "random";
    }

    /** The resource's ID, or `undefined` where a part of it is not known or not given. */
    id(inputs: Properties, subscription: string): string | undefined {
        const own = this.segments.map((segment) => {
            const type = segment.typeParameter ? text(inputs[segment.typeParameter]) : segment.type;
            const name = segment.fixed ?? (segment.parameter ? text(inputs[segment.parameter]) : undefined);
            if (segment.fixed === "") return type;
            return type && name ? `${type}/${name}` : undefined;
        });
        if (own.some((part) => part === undefined)) return undefined;
        if (this.namespace === "Microsoft.Resources" && this.segments[0].type === "resourceGroups") {
            return `/subscriptions/${subscription}/${own[0]}`;
        }
        const scope = this.scope(inputs, subscription);
        return scope === undefined ? undefined : `${scope}/providers/${this.namespace}/${own.join("/")}`;
    }

    private scope(inputs: Properties, subscription: string): string | undefined {
        if (this.scopeParameter) {
            const scope = text(inputs[this.scopeParameter])?.replace(/^\/+|\/+$/g, "");
            return scope === undefined ? undefined : scope === "" ? "" : `/${scope}`;
        }
        if (!this.sdk.pathParameters.includes("resourceGroupName")) return `/subscriptions/${subscription}`;
        const name = text(inputs.resourceGroupName);
        const group = name && `/subscriptions/${subscription}/resourceGroups/${name}`;
        if (!group || !this.sdk.pathParameters.includes("clusterRp")) return group;
        const cluster = CLUSTER_PARAMETERS.map((parameter) => text(inputs[parameter]));
        return cluster.includes(undefined) ? undefined : `${group}/providers/${cluster.join("/")}`;
    }
}

function text(value: Value | undefined): string | undefined {
    return typeof value === "string" && value !== "" ? value : undefined;
}

/** Pairs the URL's types with the inputs that name them. */
function nameSegments(types: string[], names: string[], sdk: SdkResource): Segment[] {
    const free = [...names];
    const take = (name: string | undefined): string | undefined =>
        name === undefined ? undefined : free.splice(free.indexOf(name), 1)[0];
    const segments: Segment[] = types.map((type) => {
        const variable = /^\{(\w+)\}$/.exec(type);
        const [plain, fixed] = type.split("=");
        return variable ? { type: "A", typeParameter: take(variable[1]) } : { type: plain, fixed };
    });
    const open = segments.filter((segment) => segment.fixed === undefined);

    // The resource's own name may be left out (azure-native fills it in), its parents' never.
    const own = open.at(-1);
    const optional = free.filter((name) => !sdk.required.has(name));
    if (own) own.parameter = take(optional.length === 1 ? optional[0] : closest(own.type, free));
    for (const segment of open.slice(0, -1)) segment.parameter = take(closest(segment.type, free));
    return segments;
}

/** The name whose letters have most in common with the type's at the start or the end. */
function closest(type: string, names: string[]): string | undefined {
    const wanted = singular(type).toLowerCase();
    const likeness = (name: string): number => {
        const given = name.replace(/Name$/, "").toLowerCase();
        return given === wanted ? 1000 : wanted.endsWith(given) || given.endsWith(wanted) ? given.length : 0;
    };
    return [...names].sort((a, b) => likeness(b) - likeness(a))[0];
}

function singular(word: string): string {
    if (/ies$/.test(word)) return word.slice(0, -3) + "y";
    if (/(sses|xes|ches)$/.test(word)) return word.slice(0, -2);
    return /ss$/.test(word) ? word : word.replace(/s$/, "");
}

/** The class's name against the last part of every type that the API version has. */
function guessType(sdk: SdkResource): string {
    const className = sdk.className.toLowerCase();
    const depth = sdk.pathParameters.filter(
        (name) => name !== "resourceGroupName" && !SCOPE_PARAMETERS.includes(name),
    ).length;
    const candidates = documents(sdk)
        .flatMap((document) => document.resources)
        .map(({ type }) => {
            const parts = type.split("/").slice(1);
            const words = parts.map((part) => singular(part).toLowerCase());
            const alike = className === words.at(-1) || className === words.join("");
            return { type, score: alike ? (parts.length === depth ? 2 : 1) : 0 };
        })
        .filter(({ score }) => score > 0)
        .sort((a, b) => b.score - a.score);
    if (candidates[0]) return candidates[0].type;
    const plural = /y$/.test(sdk.className) ? sdk.className.replace(/y$/, "ies") : `${sdk.className}s`;
    return `Microsoft.${sdk.module[0].toUpperCase()}${sdk.module.slice(1)}/${plural[0].toLowerCase()}${plural.slice(1)}`;
}

function findSchema(sdk: SdkResource, type: string): ArmType["schema"] {
    for (const document of documents(sdk)) {
        const resource = document.resources.find((candidate) => candidate.type.toLowerCase() === type.toLowerCase());
        if (resource) return { document, node: resource.schema };
    }
    return undefined;
}

function documents(sdk: SdkResource): SchemaDocument[] {
    return sdk.apiVersion ? armDocuments(sdk.apiVersion, sdk.module) : [];
}

/** Whether an ID can be had once the deployment runs: a part is unknown, not missing. */
export function hasUnknownPart(type: ArmType, inputs: Properties): boolean {
    return type.sdk.pathParameters.some((parameter) => inputs[parameter] === UNKNOWN);
}

import {
    UnknownValueError,
    unknownCheckingProxy,
    type PolicyResource,
    type ResourceValidationArgs,
} from "@pulumi/policy";
import { rules } from "../../policy/rules";
import type { Properties } from "./program";

/** What the engine sends for a string that only the deployment will know. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** How a rule judged, as the engine would tell it: an unknown leaves it open, and takes back nothing that was found. */
export interface Judgement {
    outcome: "passed" | "refused" | "not concerned" | "undecided";
    /** What was found, each with the resource that it is about. */
    findings: { name: string; message: string }[];
    /** What was found is certain, and something else is not. */
    isOpen: boolean;
}

class NotApplicable extends Error {}

/** Runs one rule on one resource as the policy server does: properties throw where they are unknown. */
export function judge(ruleName: string, type: string, props: Properties, config?: object): Judgement {
    const { policy } = ruleNamed(ruleName);
    if (!("validateResource" in policy) || typeof policy.validateResource !== "function") {
        throw new Error(`${ruleName} does not judge resources one by one`);
    }
    // The server passes over other types before it calls a rule of one type.
    const onlyType = (policy.validateResource as { __pulumiType?: string }).__pulumiType;
    if (onlyType !== undefined && onlyType !== type) return { outcome: "not concerned", findings: [], isOpen: false };

    const { validateResource } = policy;
    return run((report) => {
        const args = {
            type,
            name: "it",
            urn: urnOf(type, "it"),
            props: unknownCheckingProxy(props),
            ...common(config),
        };
        return validateResource(args as unknown as ResourceValidationArgs, (message) => report("it", message));
    });
}

/** A resource of a stack, and by which property it refers to which others. */
export interface StackResource {
    type: string;
    name: string;
    props?: Properties;
    refersTo?: Record<string, string>;
    /** Which provider makes it, where there are several. */
    provider?: string;
}

/** Runs a rule over a whole stack, in the manner of {@link judge}. */
export function judgeStack(ruleName: string, resources: StackResource[], config?: object): Judgement {
    const { policy } = ruleNamed(ruleName);
    if (!("validateStack" in policy)) throw new Error(`${ruleName} does not judge stacks`);

    const stack = new Map<string, PolicyResource>();
    for (const { type, name, props = {}, provider } of resources) {
        const resource = {
            type,
            name,
            urn: urnOf(type, name),
            props: unknownCheckingProxy(props),
            propertyDependencies: {},
            ...(provider && { provider: { urn: urnOf("pulumi:providers:kubernetes", provider) } }),
        };
        stack.set(name, resource as unknown as PolicyResource);
    }
    for (const { name, refersTo = {} } of resources) {
        for (const [property, other] of Object.entries(refersTo)) {
            stack.get(name)!.propertyDependencies[property] = [stack.get(other)!];
        }
    }
    return run((report) => {
        const args = { resources: [...stack.values()], ...common(config) };
        return policy.validateStack(args as never, (message, urn) => report(urn!.split("::").at(-1)!, message));
    });
}

function ruleNamed(name: string) {
    const rule = rules.find((rule) => rule.name === name);
    if (!rule) throw new Error(`there is no rule ${name}`);
    return rule;
}

function common(config: object = {}) {
    return {
        getConfig: () => config,
        notApplicable: (reason: string) => {
            throw new NotApplicable(reason);
        },
    };
}

function run(validate: (report: (name: string, message: string) => void) => void | Promise<void>): Judgement {
    const findings: Judgement["findings"] = [];
    let outcome: Judgement["outcome"] | undefined;
    try {
        void validate((name, message) => findings.push({ name, message }));
    } catch (error) {
        if (error instanceof UnknownValueError) outcome = "undecided";
        else if (error instanceof NotApplicable) outcome = "not concerned";
        else throw error;
    }
    const isOpen = outcome === "undecided";
    return { outcome: findings.length > 0 ? "refused" : (outcome ?? "passed"), findings, isOpen };
}

function urnOf(type: string, name: string): string {
    return `urn:pulumi:test::test::${type}::${name}`;
}

import { ValidatingAdmissionPolicy } from "@pulumi/kubernetes/admissionregistration/v1/validatingAdmissionPolicy";
import { ValidatingAdmissionPolicyBinding } from "@pulumi/kubernetes/admissionregistration/v1/validatingAdmissionPolicyBinding";
import type { input } from "@pulumi/kubernetes/types";
import type * as pulumi from "@pulumi/pulumi";

/** Expressions are CEL, over `object`, `oldObject`, `request` and `variables`. */
export interface Policy {
    /** Ends in `.mainstay.io`: whoever is refused reads it. */
    name: string;
    /** What is judged, as `group/version/resource` with the core group left out, such as `v1/pods`. */
    resources: string[];
    operations: ("CREATE" | "UPDATE")[];
    /** Labels of the namespaces that it is judged in. @default everywhere */
    namespaces?: input.meta.v1.LabelSelector;
    /** What is judged at all: every one of them has to be true. */
    conditions?: Expression[];
    /** Later ones may use earlier ones. */
    variables?: Expression[];
    rules: Rule[];
}

export interface Expression {
    name: string;
    expression: string;
}

/** A refusal. */
export interface Rule {
    /** True where nothing is wrong. */
    expression: string;
    /** Expression that gives the words: what, where, what was given, what is allowed, how to mend it. */
    message: string;
}

/** Tenants' namespaces. */
export const ofTenants: input.meta.v1.LabelSelector = {
    matchExpressions: [{ key: "mainstay.io/tenant", operator: "Exists" }],
};

/**
 * The control plane, and nobody else: AKS's own services, kubeadm's first steps, the API server's own objects. On neither kind
 * of cluster does a person or the deployment have this group.
 */
export const notControlPlane: Expression = {
    name: "not-the-control-plane",
    expression: "!('system:masters' in request.userInfo.groups)",
};

/** Where the object is, for messages: the namespace before the name, which controllers leave to the server. */
export const where: Expression = {
    name: "where",
    expression: [
        "object.kind + ' '",
        // What is cluster-wide has none, in a request neither.
        "(has(object.metadata.namespace) ? object.metadata.namespace + '/' : '')",
        "(request.name == '' ? object.metadata.?generateName.orValue('') + '…' : request.name)",
    ].join(" + "),
};

/** A list of text in CEL. JSON's strings are CEL's. */
export function celList(values: string[]): string {
    return `[${values.map((value) => JSON.stringify(value)).join(", ")}]`;
}

/** A policy, and that it holds: whatever it cannot judge is refused. */
export function createPolicy(name: string, policy: Policy, opts: pulumi.CustomResourceOptions): void {
    const made = new ValidatingAdmissionPolicy(
        name,
        {
            metadata: { name: policy.name },
            spec: {
                failurePolicy: "Fail",
                matchConstraints: {
                    resourceRules: resourceRules(policy),
                    namespaceSelector: policy.namespaces ?? {},
                },
                matchConditions: policy.conditions ?? [],
                variables: policy.variables ?? [],
                validations: policy.rules.map(({ expression, message }) => ({
                    expression,
                    messageExpression: message,
                })),
            },
        },
        opts,
    );
    new ValidatingAdmissionPolicyBinding(
        `${name}-binding`,
        {
            metadata: { name: policy.name },
            spec: { policyName: policy.name, validationActions: ["Deny"] },
        },
        { ...opts, dependsOn: [made] },
    );
}

/** One rule a group and version. */
function resourceRules({ resources, operations }: Policy): input.admissionregistration.v1.NamedRuleWithOperations[] {
    const byVersion = new Map<string, string[]>();
    for (const resource of resources) {
        const [, groupVersion, name] = /^(.*v[0-9][^/]*)\/(.+)$/.exec(resource)!;
        byVersion.set(groupVersion, [...(byVersion.get(groupVersion) ?? []), name]);
    }
    return [...byVersion].map(([groupVersion, names]) => {
        const [version, group = ""] = groupVersion.split("/").reverse();
        return { apiGroups: [group], apiVersions: [version], operations, resources: names };
    });
}

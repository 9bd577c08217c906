import type { Expression, Rule } from "../policy";

/**
 * Whether a pod that names no account gets a token of the API. By the time policies look, the server has added the volume
 * to a pod; a workload's template shows only what was asked for.
 */
export const tokenVariables: Expression[] = [
    { name: "nobody", expression: "variables.pod.?serviceAccountName.orValue('') in ['', 'default']" },
    {
        name: "token",
        expression:
            "variables.pod.?automountServiceAccountToken.orValue(false) || variables.pod.?volumes.orValue([]).exists(v, " +
            "has(v.projected) && v.projected.?sources.orValue([]).exists(s, has(s.serviceAccountToken)))",
    },
];

export const tokenRules: Rule[] = [
    {
        expression: "!(variables.nobody && variables.token)",
        message:
            "variables.where + ' would get a token of the account default. " +
            "Set automountServiceAccountToken: false; a program that asks the Kubernetes API names a service account of its own in serviceAccountName'",
    },
];

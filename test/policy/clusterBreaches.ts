import type { Breach } from "./breaches";
import type { Properties } from "./program";

const subject = (kind: string, name: string) => (p: Properties) => p.subjects.push({ kind, name });

const rule = (apiGroup: string, resource: string, verb: string) => (p: Properties) =>
    p.rules.push({ apiGroups: [apiGroup], resources: [resource], verbs: [verb] });

const RBAC = "rbac.authorization.k8s.io";

/** The ways to break what programs put into a cluster. */
export const clusterBreaches: Breach[] = [
    { rule: "bindings-for-groups", of: "binding", breaks: subject("User", "jo") },
    { rule: "bindings-for-groups", of: "cluster-binding", breaks: subject("User", "system:anonymous") },
    { rule: "bindings-for-groups", of: "binding-patch", breaks: subject("User", "jo") },
    { rule: "bindings-for-named-groups", of: "binding", breaks: subject("Group", "system:authenticated") },
    { rule: "bindings-for-named-groups", of: "cluster-binding", breaks: subject("Group", "system:unauthenticated") },
    { rule: "bindings-for-named-groups", of: "public-binding", breaks: subject("Group", "system:masters") },
    { rule: "bindings-for-named-groups", of: "binding-patch", breaks: subject("Group", "system:anonymous") },
    { rule: "cluster-admin-for-groups", of: "cluster-binding", breaks: subject("ServiceAccount", "deployer") },
    {
        rule: "cluster-admin-for-groups",
        of: "cluster-binding",
        breaks: subject("User", "system:serviceaccount:team:deployer"),
    },
    {
        rule: "cluster-admin-for-groups",
        of: "binding",
        breaks: (p) => (p.roleRef.name = "cluster-admin"),
    },
    { rule: "default-accounts-without-rights", of: "binding", breaks: subject("ServiceAccount", "default") },
    {
        rule: "default-accounts-without-rights",
        of: "binding-patch",
        breaks: subject("User", "system:serviceaccount:team:default"),
    },
    { rule: "default-accounts-without-rights", of: "binding", breaks: subject("Group", "system:serviceaccounts:team") },
    {
        rule: "default-account-tokens-unmounted",
        of: "default-account",
        breaks: (p) => delete p.automountServiceAccountToken,
    },
    {
        rule: "default-account-tokens-unmounted",
        of: "account-patch",
        breaks: (p) => (p.automountServiceAccountToken = true),
    },
    {
        rule: "default-account-tokens-unmounted",
        of: "pod",
        breaks: (p) => delete p.spec.automountServiceAccountToken,
    },
    {
        rule: "default-account-tokens-unmounted",
        of: "deployment",
        breaks: (p) => (p.spec.template.spec.serviceAccountName = "default"),
    },
    {
        rule: "default-account-tokens-unmounted",
        of: "cron-job",
        breaks: (p) => (p.spec.jobTemplate.spec.template.spec.automountServiceAccountToken = true),
    },
    { rule: "roles-do-not-escalate", of: "role-of-namespace", breaks: rule("*", "*", "get") },
    { rule: "roles-do-not-escalate", of: "role-of-namespace", breaks: rule("", "*/exec", "create") },
    { rule: "roles-do-not-escalate", of: "role-of-cluster", breaks: rule(RBAC, "clusterroles", "bind") },
    { rule: "roles-do-not-escalate", of: "role-of-cluster", breaks: rule(RBAC, "*", "*") },
    { rule: "roles-do-not-escalate", of: "role-of-cluster", breaks: rule(RBAC, "roles", "escalate") },
    { rule: "roles-do-not-escalate", of: "role-of-namespace", breaks: rule("", "serviceaccounts", "*") },
    { rule: "roles-do-not-escalate", of: "role-of-cluster", breaks: rule("", "users", "impersonate") },
    {
        rule: "roles-do-not-escalate",
        of: "role-of-cluster",
        breaks: rule("authentication.k8s.io", "userextras/scopes", "impersonate"),
    },
    { rule: "roles-do-not-escalate", of: "role-of-namespace", breaks: rule("", "serviceaccounts/token", "create") },
    { rule: "roles-do-not-escalate", of: "role-of-cluster", breaks: rule("", "nodes/proxy", "get") },
    {
        rule: "roles-do-not-escalate",
        of: "role-of-cluster",
        breaks: rule("certificates.k8s.io", "certificatesigningrequests/approval", "update"),
    },
    {
        rule: "roles-do-not-escalate",
        of: "role-of-cluster",
        breaks: rule("admissionregistration.k8s.io", "validatingwebhookconfigurations", "delete"),
    },
    {
        rule: "secrets-not-cluster-wide",
        of: "role-of-cluster",
        breaks: rule("", "secrets", "list"),
        offender: "role-bound",
    },
    { rule: "secrets-not-cluster-wide", of: "cluster-binding", breaks: (p) => (p.roleRef.name = "edit") },
];

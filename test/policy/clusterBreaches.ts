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
    {
        rule: "namespaces-deny-by-default",
        of: "team-denial",
        breaks: (p) => delete p.spec.policyTypes,
        offender: "team",
    },
    {
        rule: "namespaces-deny-by-default",
        of: "team-denial",
        breaks: (p) => (p.spec.podSelector = { matchLabels: { app: "web" } }),
        offender: "team",
    },
    {
        rule: "namespaces-deny-by-default",
        of: "team-denial",
        breaks: (p) => (p.metadata.namespace = "elsewhere"),
        offender: "team",
    },
    {
        rule: "namespaces-deny-by-default",
        of: "other-denial",
        breaks: (p) => (p.spec.egress = []),
        offender: "other-team",
    },
    {
        rule: "namespaces-deny-by-default",
        of: "other-denial",
        breaks: (p) => (p.spec.enableDefaultDeny = { ingress: false }),
        offender: "other-team",
    },
    {
        rule: "namespaces-deny-by-default",
        of: "guard-rail",
        breaks: (p) => p.spec.endpointSelector.matchExpressions[1].values.push("monitoring"),
        offender: "platform",
        alone: true,
    },
    {
        rule: "namespaces-deny-by-default",
        of: "platform",
        breaks: (p) => (p.metadata.labels["mainstay.io/platform"] = "logs"),
    },
    { rule: "network-policies-name-callers", of: "team-permissions", breaks: (p) => p.spec.ingress.push({}) },
    {
        rule: "network-policies-name-callers",
        of: "team-permissions",
        breaks: (p) => p.spec.ingress.push({ ports: [{ protocol: "TCP" }] }),
    },
    {
        rule: "network-policies-name-callers",
        of: "team-permissions",
        breaks: (p) => delete p.spec.ingress[0].from[0].podSelector,
    },
    {
        rule: "network-policies-name-callers",
        of: "team-permissions",
        breaks: (p) => (p.spec.ingress[1].from[0].ipBlock.cidr = "0.0.0.0/0"),
    },
    {
        rule: "network-policies-name-callers",
        of: "team-permissions",
        breaks: (p) => Object.assign(p.spec.ingress[2].ports[0], { port: 1, endPort: 65535 }),
    },
    { rule: "network-policies-name-callers", of: "policy-patch", breaks: (p) => (p.spec.ingress[0].from = []) },
    {
        rule: "network-policies-name-callers",
        of: "other-permissions",
        breaks: (p) => delete p.specs[0].ingress[1].toPorts,
    },
    {
        rule: "network-policies-name-callers",
        of: "no-metadata",
        breaks: (p) => (p.spec.ingress = [{ fromEndpoints: [{}] }]),
    },
    { rule: "metadata-service-closed", of: "team-denial", breaks: (p) => (p.spec.egress = [{}]) },
    {
        rule: "metadata-service-closed",
        of: "team-permissions",
        breaks: (p) => p.spec.egress[1].to[0].ipBlock.except.pop(),
    },
    {
        rule: "metadata-service-closed",
        of: "team-permissions",
        breaks: (p) => p.spec.egress.push({ to: [{ ipBlock: { cidr: "169.254.169.254/32" } }] }),
    },
    {
        rule: "metadata-service-closed",
        of: "team-permissions",
        breaks: (p) => (p.spec.egress[2].ports = [{ port: 80 }]),
    },
    {
        rule: "metadata-service-closed",
        of: "other-permissions",
        breaks: (p) => delete p.specs[0].egress[1].toCIDRSet[0].except,
    },
    {
        rule: "metadata-service-closed",
        of: "other-permissions",
        breaks: (p) => (p.specs[0].egress[2].toFQDNs[0].matchPattern = "*"),
    },
    { rule: "metadata-service-closed", of: "other-permissions", breaks: (p) => delete p.specs[0].egress[3].toPorts },
    {
        rule: "metadata-service-closed",
        of: "other-denial",
        breaks: (p) => (p.spec.egress = [{ toPorts: [{ ports: [{ port: "0", protocol: "TCP" }] }] }]),
    },
    { rule: "namespaces-restricted", of: "team", breaks: (p) => delete p.metadata.labels },
    {
        rule: "namespaces-restricted",
        of: "team",
        breaks: (p) => (p.metadata.labels["pod-security.kubernetes.io/enforce"] = "privileged"),
    },
    {
        rule: "namespaces-restricted",
        of: "other-team",
        breaks: (p) => (p.metadata.annotations["mainstay.io/pod-security-reason"] = " "),
    },
    {
        rule: "namespaces-restricted",
        of: "other-team",
        breaks: (p) => delete p.metadata.annotations["mainstay.io/pod-security-expires"],
    },
    {
        rule: "namespaces-restricted",
        of: "other-team",
        breaks: (p) => (p.metadata.annotations["mainstay.io/pod-security-expires"] = "2024-02-29"),
    },
    { rule: "namespaces-restricted", of: "platform", breaks: (p) => delete p.metadata.annotations },
    {
        rule: "namespaces-restricted",
        of: "namespace-patch",
        breaks: (p) => (p.metadata.labels["pod-security.kubernetes.io/enforce"] = "baseline"),
    },
    {
        rule: "quotas-with-limit-ranges",
        of: "team-limits",
        breaks: (p) => (p.spec.limits[0].type = "Pod"),
        offender: "team-quota",
    },
    {
        rule: "quotas-with-limit-ranges",
        of: "team-limits",
        breaks: (p) => (p.metadata.namespace = "elsewhere"),
        offender: "team-quota",
    },
    { rule: "quotas-with-limit-ranges", of: "team-quota", breaks: (p) => (p.spec.hard["limits.cpu"] = "40") },
    {
        rule: "images-by-digest",
        of: "pod",
        breaks: (p) => (p.spec.initContainers[0].image = "registry.example/init:1"),
    },
    { rule: "images-by-digest", of: "pod-template", breaks: (p) => delete p.template.spec.containers[0].image },
    {
        rule: "images-by-digest",
        of: "cron-job",
        breaks: (p) => (p.spec.jobTemplate.spec.template.spec.containers[0].image = "web@sha256:0123"),
    },
    {
        rule: "images-by-digest",
        of: "stateful-set-patch",
        breaks: (p) => (p.spec.template.spec.containers[0].image = "web:latest"),
    },
    {
        rule: "images-by-digest",
        of: "daemon-set",
        breaks: (p) =>
            (p.spec.template.spec.volumes = [{ name: "model", image: { reference: "registry.example/model:2" } }]),
    },
];

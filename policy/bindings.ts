import { checklist } from "./checklist";
import { exceptions, isExcepted } from "./exceptions";
import { withPatches, type Binding, type Subject } from "./kubernetesKinds";
import { each, ifKnown } from "./reading";
import { resourceRule } from "./rule";

const item = checklist.access;

const bindingKinds = withPatches([
    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
    "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
]);

export const bindingsForGroups = resourceRule({
    name: "bindings-for-groups",
    item,
    title: "Kubernetes roles are bound to groups and service accounts, never to a user",
    severity: "high",
    why: "A user's own binding stays when the user leaves the team, and no group shows it.",
    mend: "Bind the role to the object ID of an Entra group that holds the user (kind: Group).",
    kinds: bindingKinds,
    check({ props }, judge) {
        each(props.subjects, (subject, index) => {
            if (subject.kind !== "User" || isComponent(subject.name)) return;
            judge.refuse({
                at: `subjects[${index}]`,
                given: "a User",
                allowed: "Group, ServiceAccount, or a User of Kubernetes' own (system:…, but not system:anonymous)",
            });
        });
    },
});

/** Kubernetes' own components are users by name; `system:anonymous` is everybody. */
function isComponent(user: string): boolean {
    return user.startsWith("system:") && user !== "system:anonymous";
}

const EVERYBODY = ["system:authenticated", "system:unauthenticated", "system:anonymous"];

/** Roles that Kubernetes itself gives to everybody: the version, the API's shape, the keys by which tokens are judged. */
const PUBLIC_ROLES = [
    "system:basic-user",
    "system:discovery",
    "system:public-info-viewer",
    "system:service-account-issuer-discovery",
];

export const bindingsForNamedGroups = resourceRule({
    name: "bindings-for-named-groups",
    item,
    title: "Kubernetes roles are bound to named groups, never to everybody",
    severity: "critical",
    why: "Everybody of the Entra tenant, guests among them, is in system:authenticated, the whole network in system:unauthenticated; system:masters passes by every role, so that no role can be taken away from it.",
    mend: "Bind the role to the object ID of an Entra group.",
    kinds: bindingKinds,
    config: exceptions("bindings"),
    check({ props }, judge) {
        each(props.subjects, ({ kind, name }, index) => {
            if (kind !== "Group") return;
            const isOpen = EVERYBODY.includes(name) && !isOneOf(PUBLIC_ROLES, props);
            if (!isOpen && name !== "system:masters") return;
            if (isExcepted(props, judge)) judge.notConcerned("The stack's settings except it");
            judge.refuse({ at: `subjects[${index}]`, given: `the group ${name}`, allowed: "a named group" });
        });
    },
});

export const clusterAdminForGroups = resourceRule({
    name: "cluster-admin-for-groups",
    item,
    title: "No service account is bound to cluster-admin",
    severity: "critical",
    why: "Whoever may make a pod where that account is, or gets into one of its pods, is the cluster's administrator.",
    mend: "Write a role of just what the workload calls, and bind the account to that.",
    kinds: bindingKinds,
    config: exceptions("bindings"),
    check({ props }, judge) {
        each(props.subjects, (subject, index) => {
            // cluster-admin is there before any program: a name that only the deployment will know is of a role that is made,
            // and in the deployment the name is asked for once more.
            if (!ifKnown(() => isOneOf(["cluster-admin"], props)) || !isAccount(subject)) return;
            if (isExcepted(props, judge)) judge.notConcerned("The stack's settings except it");
            judge.refuse({
                at: `subjects[${index}]`,
                given: "a service account as cluster-admin",
                allowed: "groups of administrators",
            });
        });
    },
});

export const defaultAccountsWithoutRights = resourceRule({
    name: "default-accounts-without-rights",
    item,
    title: "No role is bound to a default service account, or to all service accounts at once",
    severity: "high",
    why: "Every pod that names no account runs as its namespace's default one, also those that somebody adds later.",
    mend: "Give the workload a service account of its own, and bind the role to that.",
    kinds: bindingKinds,
    config: exceptions("bindings"),
    check({ props }, judge) {
        each(props.subjects, (subject, index) => {
            const account = accountOf(subject);
            if ((account !== "default" && account !== ALL) || isOneOf(PUBLIC_ROLES, props)) return;
            if (isExcepted(props, judge)) judge.notConcerned("The stack's settings except it");
            judge.refuse({
                at: `subjects[${index}]`,
                given: account === ALL ? "a group of all service accounts" : "a default service account",
                allowed: "a service account of the workload's own",
            });
        });
    },
});

/** Whichever it is: the name of one that is made may be unknown. */
function isAccount(subject: Subject): boolean {
    return subject.kind === "ServiceAccount" || accountOf(subject) !== undefined;
}

const ALL = "*";

/** The service account that a subject is, by whichever of its names: as an account, as a user, as a part of a group. */
function accountOf({ kind, name }: Subject): string | undefined {
    if (kind === "ServiceAccount") return name;
    if (kind === "User") return /^system:serviceaccount:[^:]*:(.*)$/.exec(name)?.[1];
    return kind === "Group" && /^system:serviceaccounts(:|$)/.test(name) ? ALL : undefined;
}

function isOneOf(roles: readonly string[], { roleRef }: Binding): boolean {
    return roles.includes(roleRef?.name ?? "");
}

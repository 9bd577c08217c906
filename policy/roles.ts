import { checklist } from "./checklist";
import { exceptions, isExcepted } from "./exceptions";
import { groupedBy } from "./grouping";
import { withPatches, type RoleRule } from "./kubernetesKinds";
import { each, holdTogether, ifKnown, some } from "./reading";
import { resourceRule, stackRule, type Member } from "./rule";

const item = checklist.access;
const roleKinds = withPatches(["kubernetes:rbac.authorization.k8s.io/v1:ClusterRole"]);
const bindingKinds = withPatches(["kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding"]);
const WRITES = ["create", "update", "patch", "delete", "deletecollection"];

/** Some right to some resource of some API group: one of each is enough. */
interface Right {
    groups: string[];
    /** With the subresource, as in `pods/exec`. */
    resources: string[];
    /** All of them where absent. */
    verbs?: string[];
}

const RBAC = "rbac.authorization.k8s.io";

/** Rights by which their holder gets rights that nobody gave, in the order in which they are told. */
const ESCALATIONS: (Right & { what: string })[] = [
    { what: "bind", groups: [RBAC], resources: ["roles", "clusterroles"], verbs: ["bind"] },
    { what: "escalate", groups: [RBAC], resources: ["roles", "clusterroles"], verbs: ["escalate"] },
    {
        what: "impersonate",
        groups: ["", "authentication.k8s.io"],
        resources: ["users", "groups", "serviceaccounts", "uids", "userextras"],
        verbs: ["impersonate"],
    },
    { what: "tokens of service accounts", groups: [""], resources: ["serviceaccounts/token"], verbs: ["create"] },
    { what: "nodes/proxy, which is every pod's shell", groups: [""], resources: ["nodes/proxy"] },
    {
        what: "approval of certificates",
        groups: ["certificates.k8s.io"],
        resources: ["certificatesigningrequests/approval", "signers"],
        verbs: ["update", "patch", "approve", "sign"],
    },
    {
        what: "writing of webhooks and admission policies",
        groups: ["admissionregistration.k8s.io"],
        resources: [
            "mutatingwebhookconfigurations",
            "validatingwebhookconfigurations",
            "mutatingadmissionpolicies",
            "mutatingadmissionpolicybindings",
            "validatingadmissionpolicies",
            "validatingadmissionpolicybindings",
        ],
        verbs: WRITES,
    },
];

/** Subresources that a wildcard may stand before, since they give no way into a pod and no token. */
const HARMLESS = ["*/scale", "*/status"];

export const rolesDoNotEscalate = resourceRule({
    name: "roles-do-not-escalate",
    item,
    title: "A role names what it gives, and nothing by which its holder gets more",
    severity: "critical",
    why: "bind, escalate, impersonate, tokens, nodes/proxy and webhooks each make their holder the cluster's administrator; a wildcard gives them all, and with every read all Secrets and shells.",
    mend: "Name apiGroups, resources and verbs; leave the rest to the administrators' group. A role that must have such a right is an exception in the rule's settings.",
    kinds: [...roleKinds, ...withPatches(["kubernetes:rbac.authorization.k8s.io/v1:Role"])],
    config: exceptions("roles"),
    check({ props }, judge) {
        each(props.rules, (rule, index) => {
            const wildcard = wildcardOf(rule);
            const given = wildcard ? [wildcard] : escalationsOf(rule);
            if (given.length === 0) return;
            if (isExcepted(props, judge)) judge.notConcerned("The stack's settings except it");
            judge.refuse({ at: `rules[${index}]`, given: given.join(", "), allowed: "none of these" });
        });
    },
});

function wildcardOf(rule: RoleRule): string | undefined {
    const ofCore = () => some(rule.apiGroups, (group) => group === "" || group === "*");
    if (holdTogether(ofCore, () => some(rule.resources, (resource) => resource === "*"))) return "every resource (*)";
    const intoPods = (resource: string) => resource.startsWith("*/") && !HARMLESS.includes(resource);
    if (holdTogether(ofCore, () => some(rule.resources, intoPods))) return "a subresource of everything (*/…)";
    return undefined;
}

function escalationsOf(rule: RoleRule): string[] {
    const found: string[] = [];
    each(ESCALATIONS, (escalation) => {
        if (gives(rule, escalation)) found.push(escalation.what);
    });
    return found;
}

/** As the API server reads a role. Names of single resources are not asked for: which ones are harmless nobody knows here. */
function gives(rule: RoleRule, { groups, resources, verbs }: Right): boolean {
    return holdTogether(
        () => some(rule.apiGroups, (group) => group === "*" || groups.includes(group)),
        () =>
            some(
                rule.resources,
                (resource) => resource === "*" || resources.some((wanted) => isResource(resource, wanted)),
            ),
        () => some(rule.verbs, (verb) => verb === "*" || !verbs || verbs.some((wanted) => isVerb(verb, wanted))),
    );
}

/** `userextras` have a part for each extra of a user, such as `userextras/scopes`. */
function isResource(resource: string, wanted: string): boolean {
    const [name, part] = wanted.split("/");
    return (
        [name, resource.split("/")[0]].every((of) => of === "userextras") ||
        resource === wanted ||
        (part !== undefined && resource === `*/${part}`)
    );
}

/** Newer API servers know `impersonate:user-info` and `impersonate-on:user-info:get`. */
function isVerb(verb: string, wanted: string): boolean {
    return verb === wanted || (wanted === "impersonate" && /^impersonate[:-]/.test(verb));
}

/** The answer to a patch holds the whole Secret, that to a deletion may: both read as well. */
const SECRETS: Right = { groups: [""], resources: ["secrets"], verbs: ["get", "list", "watch", "patch", "delete"] };

/** Kubernetes' own roles that read Secrets. The cluster's administrators read them in any case. */
const BUILT_IN = ["admin", "edit"];

export const secretsNotClusterWide = stackRule({
    name: "secrets-not-cluster-wide",
    item,
    title: "Nobody but the administrators reads the Secrets of every namespace",
    severity: "high",
    why: "Among them are tokens of service accounts and the passwords of every team: who reads them all can be anybody.",
    mend: "Bind the role in each namespace that needs it (RoleBinding), or name the Secrets (resourceNames).",
    config: exceptions("bindings"),
    kind: bindingKinds,
    reads: roleKinds,
    check(stack) {
        const roleOf = rolesByBinding(roleKinds.flatMap((kind) => stack.all(kind)));
        each(
            bindingKinds.flatMap((kind) => stack.all(kind)),
            (binding) => {
                const roles = roleOf(binding);
                // Kubernetes' own are of no program, so their names are asked for only where none is found.
                const reads = roles.length > 0 ? some(roles, readsSecrets) : BUILT_IN.includes(nameOfRole(binding));
                if (!reads || isExcepted(binding.props, stack)) return;
                stack.refuse(binding, {
                    at: "roleRef",
                    given: "a role that reads Secrets, bound in the whole cluster",
                    allowed: "one that does not",
                });
            },
        );
    },
});

type ClusterRole = Member<(typeof roleKinds)[number]>;
type ClusterBinding = Member<(typeof bindingKinds)[number]>;

/** A binding names its role in words, or by the resource that makes it, whose name a preview may not know. */
function rolesByBinding(roles: readonly ClusterRole[]): (binding: ClusterBinding) => ClusterRole[] {
    const byUrn = groupedBy(roles, ({ resource }) => resource.urn);
    const byName = groupedBy(roles, ({ props }) => ifKnown(() => props.metadata?.name));
    return (binding) => {
        const madeFrom = binding.resource.propertyDependencies.roleRef ?? [];
        const made = madeFrom.flatMap(({ urn }) => byUrn.get(urn) ?? []);
        return made.length > 0 ? made : (byName.get(nameOfRole(binding)) ?? []);
    };
}

function nameOfRole({ props }: ClusterBinding): string {
    return props.roleRef?.name ?? "";
}

function readsSecrets({ props }: ClusterRole): boolean {
    return some(props.rules, (rule) =>
        holdTogether(
            () => gives(rule, SECRETS),
            () => !rule.resourceNames?.length,
        ),
    );
}

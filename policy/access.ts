import { checklist } from "./checklist";
import { shown } from "./finding";
import { allOf, each } from "./reading";
import { resourceRule } from "./rule";

const item = checklist.access;

const localAccountsDisabled = resourceRule({
    name: "local-accounts-disabled",
    item,
    title: "A cluster has no local accounts",
    severity: "critical",
    why: "A local account's certificate passes by Entra ID: it belongs to nobody, no group takes it away, and it lasts for years.",
    mend: "Set disableLocalAccounts: true; programs sign in with kubelogin.",
    kinds: ["azure-native:containerservice:ManagedCluster"],
    check({ props }, judge) {
        if (props.disableLocalAccounts !== true) {
            judge.refuse({ at: "disableLocalAccounts", given: shown(props.disableLocalAccounts), allowed: "true" });
        }
    },
});

const entraAdminGroups = resourceRule({
    name: "entra-admin-groups",
    item,
    title: "A cluster's administrators are groups of Entra ID",
    severity: "critical",
    why: "Without Entra ID in front, or without a group of administrators, access is given one by one and nobody can say who has it.",
    mend: "Set aadProfile: { managed: true, adminGroupObjectIDs: [the object ID of a group] } and leave enableRBAC on.",
    kinds: ["azure-native:containerservice:ManagedCluster"],
    check({ props }, judge) {
        allOf(
            () => {
                if (props.aadProfile?.managed !== true) {
                    judge.refuse({
                        at: "aadProfile.managed",
                        given: shown(props.aadProfile?.managed),
                        allowed: "true",
                    });
                }
            },
            () => {
                const groups = props.aadProfile?.adminGroupObjectIDs?.length ?? 0;
                if (groups === 0) {
                    judge.refuse({ at: "aadProfile.adminGroupObjectIDs", given: "no group", allowed: "at least one" });
                }
            },
            () => {
                if (props.enableRBAC === false) {
                    judge.refuse({ at: "enableRBAC", given: "false", allowed: "true, which is Azure's default" });
                }
            },
        );
    },
});

const rolesForGroups = resourceRule({
    name: "roles-for-groups",
    item,
    title: "Azure roles are assigned to groups and to workloads' identities, never to a person",
    severity: "high",
    why: "A person's own role stays when the person leaves the team, and no group shows it.",
    mend: 'Assign the role to a group that holds the person (principalType: "Group").',
    kinds: ["azure-native:authorization:RoleAssignment"],
    check({ props }, judge) {
        const allowed = ["Group", "ServicePrincipal"];
        const given = props.principalType;
        if (allowed.includes(given ?? "")) return;
        judge.refuse({
            at: "principalType",
            given: shown(given),
            allowed: allowed.join(" or "),
            ...(given === undefined && {
                mend: "State it: without it nobody can tell a person from a group, and Azure looks the principal up before it exists everywhere.",
            }),
        });
    },
});

const bindingsForGroups = resourceRule({
    name: "bindings-for-groups",
    item,
    title: "Kubernetes roles are bound to groups and service accounts, never to a user",
    severity: "high",
    why: "A user's own binding stays when the user leaves the team, and no group shows it.",
    mend: "Bind the role to the object ID of an Entra group that holds the user (kind: Group).",
    kinds: [
        "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
        "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBindingPatch",
        "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
        "kubernetes:rbac.authorization.k8s.io/v1:RoleBindingPatch",
    ],
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

export const access = [localAccountsDisabled, entraAdminGroups, rolesForGroups, bindingsForGroups];

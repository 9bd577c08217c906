import {
    bindingsForGroups,
    bindingsForNamedGroups,
    clusterAdminForGroups,
    defaultAccountsWithoutRights,
} from "./bindings";
import { checklist } from "./checklist";
import { shown } from "./finding";
import { isTaggedControlPlane } from "./machines";
import { filesOf } from "./packedFiles";
import { allOf } from "./reading";
import { rolesDoNotEscalate, secretsNotClusterWide } from "./roles";
import { resourceRule } from "./rule";
import { defaultAccountTokensUnmounted } from "./serviceAccounts";

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

const entraSignIn = resourceRule({
    name: "entra-sign-in",
    item,
    title: "People sign in to a self-managed control plane with Entra ID, and nobody does without a name",
    severity: "critical",
    why: "Otherwise people share certificates that belong to nobody, that no group takes away and that last for years.",
    mend: "Give the API server an AuthenticationConfiguration with Entra ID's issuer under jwt, and anonymous for the health paths only.",
    kinds: ["azure-native:compute:VirtualMachine"],
    check({ props }, judge) {
        if (!isTaggedControlPlane(props)) judge.notConcerned("It is no machine of a control plane");
        const found = filesOf(props.userData).find(({ text }) =>
            /^\s*"?kind"?:\s*"?AuthenticationConfiguration\b/m.test(text),
        );
        if (!found) {
            judge.refuse({ at: "userData", given: "no AuthenticationConfiguration", allowed: "one" });
            return;
        }
        const at = `${found.path || "the AuthenticationConfiguration"} in userData`;
        if (
            !/url"?:\s*["']?https:\/\/(?:login\.microsoftonline\.(?:com|us)|login\.partner\.microsoftonline\.cn|sts\.windows\.net)\//.test(
                found.text,
            )
        ) {
            judge.refuse({ at, given: "no issuer of Entra ID", allowed: "jwt[].issuer.url of the tenant" });
        }
        const anonymous = /^anonymous:[^]*?(?=^\S|(?![^]))/m.exec(found.text)?.[0];
        if (!anonymous || (/enabled:\s*true/.test(anonymous) && !/conditions:/.test(anonymous))) {
            judge.refuse({
                at,
                given: "anonymous callers everywhere",
                allowed: "anonymous: { enabled: true, conditions: [{ path: /readyz }, …] }, or enabled: false",
            });
        }
    },
});

export const access = [
    localAccountsDisabled,
    entraAdminGroups,
    entraSignIn,
    rolesForGroups,
    bindingsForGroups,
    bindingsForNamedGroups,
    clusterAdminForGroups,
    defaultAccountsWithoutRights,
    defaultAccountTokensUnmounted,
    rolesDoNotEscalate,
    secretsNotClusterWide,
];

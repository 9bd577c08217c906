import { notControlPlane, type Policy, where } from "./policy";

const SAME = "b.kind == s.kind && b.name == s.name && b.?namespace.orValue('') == s.?namespace.orValue('')";

/** Somebody by name. The control plane's own users begin with `system:`, and one of them is everybody. */
const USER =
    "s.kind == 'User' && (!s.name.startsWith('system:') || s.name == 'system:anonymous') && !s.name.startsWith('system:serviceaccount:')";

/** An account that pods have without asking for it: a namespace's `default`, and groups that hold them all. */
const EVERY_POD = [
    "(s.kind == 'ServiceAccount' && s.name == 'default')",
    "(s.kind == 'User' && s.name.startsWith('system:serviceaccount:') && s.name.endsWith(':default'))",
    "(s.kind == 'Group' && (s.name == 'system:serviceaccounts' || s.name.startsWith('system:serviceaccounts:')))",
    "(s.kind == 'Group' && (s.name == 'system:authenticated' || s.name == 'system:unauthenticated'))",
].join(" || ");

/** Who may be given rights: groups, and service accounts that were made for something. */
export const groupsOnly: Policy = {
    name: "groups-only.mainstay.io",
    resources: ["rbac.authorization.k8s.io/v1/rolebindings", "rbac.authorization.k8s.io/v1/clusterrolebindings"],
    operations: ["CREATE", "UPDATE"],
    conditions: [
        notControlPlane,
        // An upgrade by kubeadm makes it: whoever joins reads the cluster's authority before it has a name.
        {
            name: "not-cluster-info",
            expression:
                "!(object.metadata.?namespace.orValue('') == 'kube-public' && request.name == 'kubeadm:bootstrap-signer-clusterinfo')",
        },
    ],
    variables: [
        where,
        // What was there before stays until somebody takes it out: npm run access -- audit lists it.
        { name: "before", expression: "oldObject == null ? [] : oldObject.?subjects.orValue([])" },
        {
            name: "added",
            expression: `object.?subjects.orValue([]).filter(s, !variables.before.exists(b, ${SAME}))`,
        },
        { name: "users", expression: `variables.added.filter(s, ${USER}).map(s, s.name)` },
        { name: "everyPod", expression: `variables.added.filter(s, ${EVERY_POD}).map(s, s.kind + ' ' + s.name)` },
    ],
    rules: [
        {
            expression: "size(variables.users) == 0",
            message:
                "variables.where + ' gives rights to users by name: ' + variables.users.join(', ') + '. " +
                "Rights are given to groups of Entra ID by their object ID: take the users out, write kind: Group and the ID of a group " +
                "that they are members of; groups of a team belong in mainstay:tenants'",
        },
        {
            expression: "size(variables.everyPod) == 0",
            message:
                "variables.where + ' gives rights to accounts that pods have without asking: ' + variables.everyPod.join(', ') + '. " +
                "Make a service account for the program that needs them, and bind that one'",
        },
    ],
};

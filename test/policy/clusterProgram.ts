import type { Resource } from "./program";

const RBAC = "kubernetes:rbac.authorization.k8s.io/v1";
const CORE = "kubernetes:core/v1";
const rbac = "rbac.authorization.k8s.io";
const team = { kind: "Group", name: "3f2504e0-4f89-41d3-9a0c-0305e82c3301" };

const access: Resource[] = [
    {
        type: `${RBAC}:ClusterRoleBinding`,
        name: "cluster-binding",
        props: {
            roleRef: { apiGroup: rbac, kind: "ClusterRole", name: "cluster-admin" },
            subjects: [team, { kind: "User", name: "system:kube-scheduler" }],
        },
    },
    {
        type: `${RBAC}:ClusterRoleBinding`,
        name: "public-binding",
        props: {
            roleRef: { apiGroup: rbac, kind: "ClusterRole", name: "system:service-account-issuer-discovery" },
            subjects: [
                { kind: "Group", name: "system:unauthenticated" },
                { kind: "Group", name: "system:serviceaccounts" },
            ],
        },
    },
    {
        type: `${RBAC}:RoleBinding`,
        name: "binding",
        props: {
            roleRef: { apiGroup: rbac, kind: "ClusterRole", name: "edit" },
            subjects: [team, { kind: "ServiceAccount", name: "deployer", namespace: "team" }],
        },
    },
    {
        // Another program's, to which one more group is added.
        type: `${RBAC}:ClusterRoleBindingPatch`,
        name: "binding-patch",
        props: { metadata: { name: "readers" }, subjects: [team] },
    },
    {
        type: `${RBAC}:Role`,
        name: "role-of-namespace",
        props: {
            rules: [
                { apiGroups: [""], resources: ["pods", "pods/log", "secrets"], verbs: ["get", "list", "watch"] },
                { apiGroups: ["", "apps"], resources: ["*/scale"], verbs: ["get", "update"] },
                { apiGroups: ["cilium.io"], resources: ["*"], verbs: ["*"] },
            ],
        },
    },
    {
        type: `${RBAC}:ClusterRole`,
        name: "role-of-cluster",
        family: "bound-role",
        props: {
            rules: [
                { apiGroups: [""], resources: ["nodes"], verbs: ["get", "patch"] },
                { apiGroups: [""], resources: ["secrets"], resourceNames: ["banner"], verbs: ["get"] },
                { apiGroups: [rbac], resources: ["*"], verbs: ["get", "list"] },
            ],
        },
    },
    {
        type: `${RBAC}:ClusterRoleBinding`,
        name: "role-bound",
        family: "bound-role",
        props: {
            roleRef: { apiGroup: rbac, kind: "ClusterRole", name: { ref: "role-of-cluster", output: "name" } },
            subjects: [team],
        },
    },
    {
        type: `${CORE}:ServiceAccount`,
        name: "default-account",
        props: { metadata: { name: "default", namespace: "team" }, automountServiceAccountToken: false },
    },
    { type: `${CORE}:ServiceAccount`, name: "own-account", props: { metadata: { name: "deployer" } } },
    {
        type: `${CORE}:ServiceAccountPatch`,
        name: "account-patch",
        props: { metadata: { name: "default", labels: { team: "shop" } } },
    },
];

const image = `registry.example/team/web@sha256:${"0123456789abcdef".repeat(4)}`;
const tokenless = { automountServiceAccountToken: false, containers: [{ name: "web", image }] };
const made = { spec: { template: { spec: tokenless } } };

const pods: Resource[] = [
    { type: `${CORE}:Pod`, name: "pod", props: { spec: { ...tokenless, initContainers: [{ name: "first", image }] } } },
    { type: `${CORE}:PodTemplate`, name: "pod-template", props: { template: { spec: tokenless } } },
    {
        type: "kubernetes:apps/v1:Deployment",
        name: "deployment",
        props: { spec: { template: { spec: { serviceAccountName: "web", containers: [{ name: "web", image }] } } } },
    },
    { type: "kubernetes:apps/v1:DaemonSet", name: "daemon-set", props: structuredClone(made) },
    { type: "kubernetes:batch/v1:Job", name: "job", props: structuredClone(made) },
    { type: "kubernetes:batch/v1:CronJob", name: "cron-job", props: { spec: { jobTemplate: structuredClone(made) } } },
    {
        type: "kubernetes:apps/v1:StatefulSetPatch",
        name: "stateful-set-patch",
        props: { spec: { template: { spec: { containers: [{ name: "web", resources: {} }] } } } },
    },
    { type: "kubernetes:apps/v1:DeploymentPatch", name: "replicas-patch", props: { spec: { replicas: 3 } } },
];

/** What programs put into a cluster, whichever kind of cluster it is. */
export const clusterProgram: Resource[] = [...access, ...pods];

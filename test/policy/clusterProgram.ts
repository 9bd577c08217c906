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

const NETWORKING = "kubernetes:networking.k8s.io/v1";
const CILIUM = "kubernetes:cilium.io/v2";
const restricted = { "pod-security.kubernetes.io/enforce": "restricted" };
/** Of whatever the namespace is called: a preview does not know it. */
const inTeam = { namespace: { ref: "team", output: "name" } };
const inOther = { namespace: { ref: "other-team", output: "name" } };
const internet = { cidr: "0.0.0.0/0", except: ["169.254.0.0/16", "168.63.129.16/32"] };

/** A team whose namespace Kubernetes' own policies guard, one that Cilium's do, and the platform's that one for all does. */
const namespaces: Resource[] = [
    { type: `${CORE}:Namespace`, name: "team", family: "team", props: { metadata: { labels: restricted } } },
    {
        type: `${NETWORKING}:NetworkPolicy`,
        name: "team-denial",
        family: "team",
        props: { metadata: inTeam, spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] } },
    },
    {
        type: `${NETWORKING}:NetworkPolicy`,
        name: "team-permissions",
        family: "team",
        props: {
            metadata: { namespace: "team" },
            spec: {
                podSelector: { matchLabels: { app: "web" } },
                ingress: [
                    { from: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: "probe" } } }] },
                    { from: [{ ipBlock: { cidr: "10.0.0.0/8" } }] },
                    { ports: [{ protocol: "TCP", port: 443 }] },
                ],
                egress: [
                    { to: [{ namespaceSelector: {} }], ports: [{ protocol: "TCP" }] },
                    { to: [{ ipBlock: internet }] },
                    { ports: [{ protocol: "UDP", port: 53 }] },
                ],
            },
        },
    },
    {
        type: `${CORE}:ResourceQuota`,
        name: "team-quota",
        family: "team",
        props: { metadata: inTeam, spec: { hard: { "requests.cpu": "20", "limits.memory": "64Gi", pods: "100" } } },
    },
    {
        type: `${CORE}:LimitRange`,
        name: "team-limits",
        family: "team",
        props: {
            metadata: inTeam,
            spec: { limits: [{ type: "Container", defaultRequest: { cpu: "100m" }, default: { memory: "256Mi" } }] },
        },
    },
    {
        type: `${CORE}:Namespace`,
        name: "other-team",
        family: "other-team",
        props: {
            metadata: {
                labels: { "pod-security.kubernetes.io/enforce": "baseline" },
                annotations: {
                    "mainstay.io/pod-security-reason": "the scanner opens raw sockets",
                    "mainstay.io/pod-security-expires": "9999-12-31",
                },
            },
        },
    },
    {
        type: `${CILIUM}:CiliumNetworkPolicy`,
        name: "other-denial",
        family: "other-team",
        props: { metadata: inOther, spec: { endpointSelector: {}, ingress: [{}], egress: [{}] } },
    },
    {
        type: `${CILIUM}:CiliumNetworkPolicy`,
        name: "other-permissions",
        family: "other-team",
        props: {
            metadata: { namespace: "other-team" },
            specs: [
                {
                    endpointSelector: { matchLabels: { app: "web" } },
                    ingress: [
                        { fromEndpoints: [{}] },
                        { fromEntities: ["world"], toPorts: [{ ports: [{ port: "443" }] }] },
                    ],
                    egress: [
                        { toEntities: ["kube-apiserver"] },
                        { toCIDRSet: [internet] },
                        { toFQDNs: [{ matchPattern: "*.example.com" }] },
                        { toEntities: ["world"], toPorts: [{ ports: [{ port: "443", protocol: "TCP" }] }] },
                    ],
                },
            ],
        },
    },
    {
        type: `${CORE}:Namespace`,
        name: "platform",
        props: {
            metadata: {
                name: "monitoring",
                labels: { "pod-security.kubernetes.io/enforce": "privileged", "mainstay.io/platform": "monitoring" },
                annotations: { "mainstay.io/pod-security-reason": "reads the files of its node" },
            },
        },
    },
    {
        type: `${CILIUM}:CiliumClusterwideNetworkPolicy`,
        name: "guard-rail",
        props: {
            spec: {
                endpointSelector: {
                    matchLabels: { "k8s:io.cilium.k8s.namespace.labels.mainstay.io/platform": "monitoring" },
                    matchExpressions: [
                        { key: "k8s:io.kubernetes.pod.namespace", operator: "Exists" },
                        { key: "k8s:io.kubernetes.pod.namespace", operator: "NotIn", values: ["kube-system"] },
                    ],
                },
                ingress: [{}],
                egress: [{}],
            },
        },
    },
    {
        type: `${CILIUM}:CiliumClusterwideNetworkPolicy`,
        name: "no-metadata",
        props: {
            spec: {
                endpointSelector: {},
                enableDefaultDeny: { ingress: false, egress: false },
                egressDeny: [{ toCIDR: ["169.254.169.254/32"] }],
            },
        },
    },
    {
        type: `${NETWORKING}:NetworkPolicyPatch`,
        name: "policy-patch",
        props: { metadata: { name: "web" }, spec: { ingress: [{ from: [{ podSelector: {} }] }] } },
    },
    {
        type: `${CORE}:NamespacePatch`,
        name: "namespace-patch",
        props: { metadata: { name: "legacy", labels: { team: "shop" } } },
    },
];

/** What programs put into a cluster, whichever kind of cluster it is. */
export const clusterProgram: Resource[] = [...access, ...pods, ...namespaces];

/** The sharpest things that somebody may try, and what people must be able to do. */
import { personOf } from "./people";

const rbac = "/apis/rbac.authorization.k8s.io/v1";
export const shop = "/api/v1/namespaces/shop";
export const payments = "/api/v1/namespaces/payments";
export const kubeSystem = "/api/v1/namespaces/kube-system";
const [developers] = personOf("shop's developers").groups;
export const VALUE = Buffer.from("what nobody should see").toString("base64");

const container = {
    name: "c",
    image: "example.com/c:1",
    securityContext: {
        allowPrivilegeEscalation: false,
        runAsNonRoot: true,
        capabilities: { drop: ["ALL"] },
        seccompProfile: { type: "RuntimeDefault" },
    },
    resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { cpu: "10m", memory: "16Mi" } },
};
const podSpec = { containers: [container], automountServiceAccountToken: false };
export const pod = (spec: object = {}, name = "p") => ({ metadata: { name }, spec: { ...podSpec, ...spec } });
export const privileged = { ...container, securityContext: { privileged: true } };
export const hostPath = { volumes: [{ name: "node", hostPath: { path: "/" } }] };
const deployment = {
    metadata: { name: "web" },
    spec: {
        replicas: 0,
        selector: { matchLabels: { app: "web" } },
        template: { metadata: { labels: { app: "web" } }, spec: podSpec },
    },
};
export const secret = (name: string, more: object = {}) => ({ metadata: { name }, data: { key: VALUE }, ...more });
const binding = (role: string) => ({
    metadata: { name: "more" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: developers }],
});
const all = [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }];
const signingRequest = {
    metadata: { name: "masters" },
    spec: {
        request: Buffer.from("-----BEGIN CERTIFICATE REQUEST-----").toString("base64"),
        signerName: "kubernetes.io/kube-apiserver-client",
        usages: ["client auth"],
    },
};

/** What somebody tries: `to bind cluster-admin`, who, and the request. */
export type Attempt = [what: string, who: string, method: string, path: string, body?: unknown];

const roles: Attempt[] = [
    ["bind cluster-admin", "shop's developers", "POST", `${rbac}/clusterrolebindings`, binding("cluster-admin")],
    [
        "bind admin in the own namespace",
        "shop's administrators",
        "POST",
        `${rbac}/namespaces/shop/rolebindings`,
        binding("admin"),
    ],
    [
        "bind the role that reads Secrets",
        "shop's developers",
        "POST",
        `${rbac}/namespaces/shop/rolebindings`,
        binding("mainstay:secret-reader"),
    ],
    [
        "become a developer of another team",
        "shop's developers",
        "PATCH",
        `${rbac}/namespaces/payments/rolebindings/mainstay:developers`,
        { subjects: [] },
    ],
    [
        "write a role of all rights",
        "shop's administrators",
        "POST",
        `${rbac}/namespaces/shop/roles`,
        { metadata: { name: "all" }, rules: all },
    ],
    ["widen the own role", "operators", "PATCH", `${rbac}/clusterroles/mainstay:operator`, { rules: all }],
    [
        "join the administrators",
        "auditors",
        "PATCH",
        `${rbac}/clusterrolebindings/mainstay:administrators`,
        { subjects: [] },
    ],
];
const tokens: Attempt[] = [
    [
        "get a token of an own service account",
        "shop's developers",
        "POST",
        `${shop}/serviceaccounts/default/token`,
        { spec: {} },
    ],
    [
        "get a token of a controller",
        "onCall",
        "POST",
        `${kubeSystem}/serviceaccounts/clusterrole-aggregation-controller/token`,
        { spec: {} },
    ],
    [
        "have a token written into a Secret of kube-system",
        "operators",
        "POST",
        `${kubeSystem}/secrets`,
        secret("token", { type: "kubernetes.io/service-account-token" }),
    ],
    [
        "ask for a certificate of system:masters",
        "shop's developers",
        "POST",
        "/apis/certificates.k8s.io/v1/certificatesigningrequests",
        signingRequest,
    ],
    [
        "approve a certificate",
        "operators",
        "PATCH",
        "/apis/certificates.k8s.io/v1/certificatesigningrequests/masters/approval",
        { status: { conditions: [{ type: "Approved", status: "True", reason: "r", message: "m" }] } },
    ],
];
const secrets: Attempt[] = [
    ["read Secrets of all namespaces", "shop's secretReaders", "GET", "/api/v1/secrets"],
    ["read another team's Secret", "shop's secretReaders", "GET", `${payments}/secrets/given`],
    ["read a Secret of kube-system", "operators", "GET", `${kubeSystem}/secrets/given`],
    ["read an own Secret as an administrator", "shop's administrators", "GET", `${shop}/secrets/given`],
    [
        "have a Secret shown by changing nothing of it",
        "shop's developers",
        "PATCH",
        `${shop}/secrets/given?dryRun=All`,
        {},
    ],
    [
        "have a Secret shown by not deleting it",
        "shop's administrators",
        "DELETE",
        `${shop}/secrets/given?dryRun=All&propagationPolicy=Foreground`,
    ],
    ["have all Secrets shown by not deleting them", "shop's developers", "DELETE", `${shop}/secrets?dryRun=All`],
    ["list Secrets as an auditor", "auditors", "GET", `${shop}/secrets`],
];
const pods: Attempt[] = [
    ["go into a pod where the settings forbid it", "shop's developers", "GET", `${shop}/pods/web/exec?command=sh`],
    ["go into another team's pod", "payments' developers", "POST", `${shop}/pods/web/exec?command=sh`],
    ["attach to a pod as a viewer", "shop's viewers", "POST", `${shop}/pods/web/attach`],
    ["forward a port where the settings forbid it", "shop's developers", "POST", `${shop}/pods/web/portforward`],
    [
        "put a container beside the others where the settings forbid it",
        "shop's developers",
        "PATCH",
        `${shop}/pods/web/ephemeralcontainers`,
        { spec: { ephemeralContainers: [{ name: "e", image: "i" }] } },
    ],
    ["go into a pod of kube-system", "onCall", "POST", `${kubeSystem}/pods/coredns/exec?command=sh`],
    ["reach a pod by the API server's proxy", "onCall", "GET", `${shop}/pods/web/proxy/`],
    ["read a tenant's logs as an auditor", "auditors", "GET", `${shop}/pods/web/log`],
    ["delete another team's pod", "shop's developers", "DELETE", `${payments}/pods/web`],
    ["delete all pods at once", "shop's administrators", "DELETE", `${shop}/pods`],
];
const nodes: Attempt[] = [
    ["reach a kubelet", "operators", "GET", "/api/v1/nodes/node/proxy/pods"],
    ["label a node", "shop's developers", "PATCH", "/api/v1/nodes/node", { metadata: { labels: { pool: "mine" } } }],
    ["say that a node is well", "operators", "PATCH", "/api/v1/nodes/node/status", { status: {} }],
];
const limits: Attempt[] = [
    [
        "raise the quota",
        "shop's administrators",
        "PATCH",
        `${shop}/resourcequotas/quota`,
        { spec: { hard: { pods: "1000" } } },
    ],
    [
        "remove a network policy",
        "shop's administrators",
        "DELETE",
        "/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies/default-deny",
    ],
    [
        "lower Pod Security",
        "shop's administrators",
        "PATCH",
        shop,
        { metadata: { labels: { "pod-security.kubernetes.io/enforce": "privileged" } } },
    ],
    ["make a namespace", "shop's developers", "POST", "/api/v1/namespaces", { metadata: { name: "mine" } }],
    [
        "register a webhook",
        "operators",
        "POST",
        "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
        { metadata: { name: "mine" } },
    ],
    [
        "remove an admission policy",
        "operators",
        "DELETE",
        "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/images",
    ],
    [
        "write a pod template of the platform",
        "operators",
        "PATCH",
        "/apis/apps/v1/namespaces/kube-system/deployments/coredns",
        { spec: { template: { spec: { serviceAccountName: "clusterrole-aggregation-controller" } } } },
    ],
    ["list namespaces without a role", "a group without a role", "GET", "/api/v1/namespaces"],
];

/** By the authorizer, before anything looks at the object. */
export const refused: Attempt[] = [...roles, ...tokens, ...secrets, ...pods, ...nodes, ...limits];

/** In this order, with what the server answers. */
export const allowed: [...Attempt, code: number][] = [
    ["a developer deploys", "shop's developers", "POST", "/apis/apps/v1/namespaces/shop/deployments", deployment, 201],
    // Nothing yet: the pod is on no node.
    ["a developer reads logs", "shop's developers", "GET", `${shop}/pods/web/log`, undefined, 204],
    ["a developer delivers a Secret", "shop's developers", "POST", `${shop}/secrets`, secret("mine"), 201],
    ["a developer replaces a Secret", "shop's developers", "PUT", `${shop}/secrets/mine`, secret("mine"), 200],
    ["a viewer lists pods", "shop's viewers", "GET", `${shop}/pods`, undefined, 200],
    ["a viewer sees the quota", "shop's viewers", "GET", `${shop}/resourcequotas`, undefined, 200],
    ["a secretReader reads a Secret", "shop's secretReaders", "GET", `${shop}/secrets/mine`, undefined, 200],
    [
        "who reads and delivers Secrets deletes one",
        "payments' developers and secretReaders",
        "DELETE",
        `${payments}/secrets/given`,
        undefined,
        200,
    ],
    // As far as it gets without a kubelet: the pod is on no node.
    [
        "a developer goes into a pod where the settings say so",
        "payments' developers",
        "POST",
        `${payments}/pods/web/exec?command=sh`,
        undefined,
        400,
    ],
    [
        "whoever is on call scales",
        "onCall",
        "PATCH",
        "/apis/apps/v1/namespaces/shop/deployments/web/scale",
        { spec: { replicas: 0 } },
        200,
    ],
    [
        "whoever is on call restarts",
        "onCall",
        "PATCH",
        "/apis/apps/v1/namespaces/shop/deployments/web",
        { spec: { template: { metadata: { annotations: { "kubectl.kubernetes.io/restartedAt": "now" } } } } },
        200,
    ],
    ["an operator cordons", "operators", "PATCH", "/api/v1/nodes/node", { spec: { unschedulable: true } }, 200],
    [
        "an operator evicts",
        "operators",
        "POST",
        `${shop}/pods/web/eviction`,
        { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "web" } },
        201,
    ],
    ["an auditor sees who may what", "auditors", "GET", `${rbac}/clusterrolebindings`, undefined, 200],
    ["an administrator reads everything", "administrators", "GET", "/api/v1/secrets", undefined, 200],
];

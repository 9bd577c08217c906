import type { KubernetesClient } from "../../../rehearsal/kubernetes/client";
import { splitResource } from "../../../components/groupRbac/role";
import { expected } from "./expected";
import { people, type Person } from "./people";
import type { AccessTable } from "./table";

/** May this person do that there? */
export interface Question {
    person: Person;
    verb: string;
    /** As kubectl writes it, or a path. */
    resource: string;
    /** Empty: in all of them at once. Absent: not about an object. */
    namespace?: string;
    name?: string;
    expected: boolean;
}

const VERBS = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];

/** What matters: asked with every verb, of everybody, everywhere. */
const NAMESPACED = [
    ...["pods", "deployments.apps", "statefulsets.apps", "daemonsets.apps", "jobs.batch", "secrets", "configmaps"],
    ...["serviceaccounts", "services", "endpointslices.discovery.k8s.io", "ingresses.networking.k8s.io"],
    ...["networkpolicies.networking.k8s.io", "ciliumnetworkpolicies.cilium.io", "persistentvolumeclaims"],
    ...["horizontalpodautoscalers.autoscaling", "poddisruptionbudgets.policy", "servicemonitors.monitoring.coreos.com"],
    ...["resourcequotas", "limitranges", "events", "leases.coordination.k8s.io", "namespaces"],
    ...["roles.rbac.authorization.k8s.io", "rolebindings.rbac.authorization.k8s.io"],
];
const OF_THE_CLUSTER = [
    ...["nodes", "persistentvolumes", "clusterroles.rbac.authorization.k8s.io", "storageclasses.storage.k8s.io"],
    ...["clusterrolebindings.rbac.authorization.k8s.io", "customresourcedefinitions.apiextensions.k8s.io"],
    "validatingadmissionpolicies.admissionregistration.k8s.io",
    "validatingadmissionpolicybindings.admissionregistration.k8s.io",
    "validatingwebhookconfigurations.admissionregistration.k8s.io",
    "mutatingwebhookconfigurations.admissionregistration.k8s.io",
    ...["certificatesigningrequests.certificates.k8s.io", "ciliumclusterwidenetworkpolicies.cilium.io"],
];
/** Ways into and around objects, with the verbs that they know. */
const WAYS: [resource: string, verbs: string[]][] = [
    ...["pods/exec", "pods/attach", "pods/portforward"].map((way): [string, string[]] => [way, ["get", "create"]]),
    ...["pods/proxy", "services/proxy", "nodes/proxy"].map((way): [string, string[]] => [
        way,
        ["get", "create", "update", "patch", "delete"],
    ]),
    ["pods/log", ["get"]],
    ["pods/ephemeralcontainers", ["get", "update", "patch"]],
    ["pods/eviction", ["create"]],
    ["pods/binding", ["create"]],
    ["serviceaccounts/token", ["create"]],
    ["deployments.apps/scale", ["get", "update", "patch"]],
    ["certificatesigningrequests.certificates.k8s.io/approval", ["update", "patch"]],
    ["namespaces/finalize", ["update"]],
    ["nodes/status", ["update", "patch"]],
    ...["log", "metrics", "stats", "configz", "pods", "checkpoint"].map((part): [string, string[]] => [
        `nodes/${part}`,
        ["get", "create"],
    ]),
];
/** Verbs that lead to more rights. The document names none of them: they are forbidden. */
const SPECIAL: [verb: string, resource: string, name?: string][] = [
    ["bind", "clusterroles.rbac.authorization.k8s.io", "cluster-admin"],
    ["bind", "clusterroles.rbac.authorization.k8s.io", "mainstay:developer"],
    ["bind", "roles.rbac.authorization.k8s.io"],
    ["escalate", "clusterroles.rbac.authorization.k8s.io"],
    ["escalate", "roles.rbac.authorization.k8s.io"],
    ["impersonate", "users"],
    ["impersonate", "groups", "system:masters"],
    ["impersonate", "serviceaccounts"],
    ["impersonate", "uids.authentication.k8s.io"],
    ["impersonate", "userextras.authentication.k8s.io/scopes"],
    ["approve", "signers.certificates.k8s.io", "kubernetes.io/kube-apiserver-client"],
    ["sign", "signers.certificates.k8s.io", "kubernetes.io/kube-apiserver-client"],
    ["attest", "signers.certificates.k8s.io"],
    ["use", "podsecuritypolicies.policy"],
    ["*", "*"],
];
const PATHS = [
    ...["/metrics", "/logs", "/logs/kube-apiserver.log", "/configz", "/debug/pprof/", "/statusz", "/flagz"],
    ...["/api", "/apis", "/openapi/v2", "/version", "/healthz", "/livez", "/readyz"],
    ...["/.well-known/openid-configuration", "/openid/v1/jwks"],
];

/**
 * The matrix. What the server serves beyond what matters is asked once for each person, where it is most likely to be allowed:
 * {@link rightsOf} leaves no gap there.
 */
export function questions(table: AccessTable, served: string[]): Question[] {
    const matters = new Set([...NAMESPACED, ...OF_THE_CLUSTER, ...WAYS.map(([resource]) => resource)]);
    const rest = served.filter((resource) => !matters.has(resource));
    const asked: Omit<Question, "expected">[] = people.flatMap((person) => {
        const here = (namespace: string, resources: string[], verbs: string[]) =>
            resources.flatMap((resource) =>
                verbs.map((verb) => ({ person, verb, resource, namespace, name: nameOf(resource, namespace) })),
            );
        const home = person.own[0] ?? "";
        return [
            ...placesOf(person).flatMap((namespace) => [
                ...here(namespace, namespace ? NAMESPACED : [...NAMESPACED, ...OF_THE_CLUSTER], VERBS),
                ...WAYS.flatMap(([resource, verbs]) => here(namespace, [resource], verbs)),
            ]),
            ...here(home, rest, ["get", "create", "delete"]),
            ...[...new Set([home, ""])].flatMap((namespace) =>
                SPECIAL.map(([verb, resource, name]) => ({ person, verb, resource, namespace, name })),
            ),
            ...PATHS.flatMap((resource) => ["get", "post"].map((verb) => ({ person, verb, resource }))),
        ];
    });
    return asked.map((question) => ({ ...question, expected: expected(table, question) }));
}

/** An own namespace, somebody else's, the platform's, the cluster's, and all of them at once. */
function placesOf({ own }: Person): string[] {
    const foreign = own.includes("shop") ? "payments" : "shop";
    return [...own.slice(0, 1), foreign, "monitoring", "kube-system", ""];
}

/** A namespace is asked for in itself, as the API server does; all of them at once, without a name. */
function nameOf(resource: string, namespace: string): string | undefined {
    return resource === "namespaces" && namespace ? namespace : undefined;
}

/** Every kind and subresource of the server's preferred versions, as kubectl writes them. */
export async function servedResources(client: KubernetesClient): Promise<string[]> {
    const { groups } = await client.get("/apis");
    const versions = groups.map(({ preferredVersion }: any) => preferredVersion.groupVersion as string);
    const lists = await Promise.all(
        ["/api/v1", ...versions.map((version: string) => `/apis/${version}`)].map((path) => client.get(path)),
    );
    return lists.flatMap(({ groupVersion, resources }) => {
        const group = groupVersion.includes("/") ? `.${groupVersion.split("/")[0]}` : "";
        return resources.map(({ name }: { name: string }) => name.replace(/^[^/]+/, (plural) => plural + group));
    });
}

/** Asks the API server, a bounded number at a time, and gives those that it answers otherwise than expected. */
export async function otherwise(client: KubernetesClient, asked: Question[], atATime = 32): Promise<string[]> {
    const wrong: string[] = [];
    const rest = asked.values();
    const worker = async () => {
        for (const question of rest) {
            const allowed = await review(client, question);
            if (allowed !== question.expected) wrong.push(describe(question, allowed));
        }
    };
    await Promise.all(Array.from({ length: atATime }, worker));
    return wrong.sort();
}

async function review(client: KubernetesClient, question: Question): Promise<boolean> {
    const { person, verb, resource, namespace, name } = question;
    const attributes = resource.startsWith("/")
        ? { nonResourceAttributes: { path: resource, verb } }
        : { resourceAttributes: { ...attributesOf(resource), verb, namespace, name } };
    const { body } = await client.request("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", {
        body: {
            apiVersion: "authorization.k8s.io/v1",
            kind: "SubjectAccessReview",
            spec: { user: person.user, groups: person.groups, ...attributes },
        },
    });
    if (body.status?.evaluationError) throw new Error(`${describe(question, false)}: ${body.status.evaluationError}`);
    return body.status.allowed;
}

function attributesOf(name: string): { group: string; resource: string; subresource?: string } {
    const { apiGroup, resource } = splitResource(name);
    const [plural, subresource] = resource.split("/");
    return { group: apiGroup, resource: plural, subresource };
}

function describe({ person, verb, resource, namespace, name }: Question, allowed: boolean): string {
    const where = namespace === undefined ? "" : ` in ${namespace || "all namespaces at once"}`;
    return `${person.name} ${allowed ? "may" : "may not"} ${verb} ${resource}${name ? ` ${name}` : ""}${where}`;
}

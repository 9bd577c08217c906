/** Who has rights in a cluster without being a group of Entra's: plain objects in, findings out. */

export interface Subject {
    kind: string;
    apiGroup?: string;
    name: string;
    namespace?: string;
}

/** A RoleBinding or ClusterRoleBinding as the API server gives it. */
export interface Binding {
    kind: "RoleBinding" | "ClusterRoleBinding";
    metadata: { name: string; namespace?: string; labels?: Record<string, string> };
    roleRef: { kind: string; name: string };
    subjects?: Subject[];
}

export interface Namespace {
    metadata: { name: string; labels?: Record<string, string> };
}

/** What is wrong with a subject. */
export type Wrong = "user" | "groupByName" | "everyone" | "unnamed" | "everyAccount" | "defaultAccount";

export interface FoundSubject {
    wrong: Wrong;
    subject: Subject;
}

/** A binding that somebody has rights by who should not. */
export interface Finding {
    binding: Binding;
    found: FoundSubject[];
    /** Subjects to have in place of all that it has now; none where the binding should go. */
    instead: Subject[];
    /** The tenant whose namespace it lies in. */
    tenant?: string;
    /** Who made it, as its label says: whoever does not mend it there will have it back. */
    managedBy?: string;
}

export interface Audit {
    /** Bindings looked at. */
    looked: number;
    findings: Finding[];
    /** Users whom Azure gives rights on every AKS cluster, and puts back where they are taken away. */
    azures: { binding: Binding; subject: Subject }[];
}

/** Stands for the object ID of the group that people have to look up. */
export const GROUP = "GROUP_OBJECT_ID";
/** Stands for a service account that one workload has for itself. */
export const ACCOUNT = "SERVICE_ACCOUNT";

const apiGroup = "rbac.authorization.k8s.io";
const objectId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Subjects as `binding subject`: a label would say nothing, since somebody may have added a subject to a binding of Kubernetes'. */
const kubernetesOwn = new Set([
    "system:basic-user system:authenticated",
    "system:discovery system:authenticated",
    "system:public-info-viewer system:authenticated",
    "system:public-info-viewer system:unauthenticated",
    "system:service-account-issuer-discovery system:serviceaccounts",
    // kubeadm's, for machines that join by a token: one ConfigMap, which holds the cluster's certificate.
    "kube-public/kubeadm:bootstrap-signer-clusterinfo system:anonymous",
    // By certificate alone: what kubeadm gives to an administrator, here the break-glass one.
    "kubeadm:cluster-admins kubeadm:cluster-admins",
]);

/** Local accounts, which the certificates of `az aks get-credentials` name, and Microsoft's support. */
const azureOwn = new Set([
    "aks-cluster-admin-binding clusterAdmin",
    "aks-cluster-admin-binding clusterUser",
    "aks-service-rolebinding aks-support",
]);

export function audit(bindings: Binding[], namespaces: Namespace[]): Audit {
    const tenants = new Map(namespaces.map(({ metadata }) => [metadata.name, metadata.labels?.["mainstay.io/tenant"]]));
    const azures: Audit["azures"] = [];
    const findings = bindings.flatMap((binding): Finding[] => {
        const found = (binding.subjects ?? []).flatMap((subject): FoundSubject[] => {
            const wrong = wrongWith(subject);
            if (!wrong || kubernetesOwn.has(keyOf(binding, subject))) return [];
            if (!azureOwn.has(keyOf(binding, subject))) return [{ wrong, subject }];
            azures.push({ binding, subject });
            return [];
        });
        if (found.length === 0) return [];
        const { namespace, labels } = binding.metadata;
        return [
            {
                binding,
                found,
                instead: insteadOf(binding, found),
                tenant: namespace === undefined ? undefined : tenants.get(namespace),
                managedBy: labels?.["app.kubernetes.io/managed-by"],
            },
        ];
    });
    return { looked: bindings.length, findings: findings.sort(bySharpness), azures };
}

function keyOf({ metadata: { name, namespace } }: Binding, subject: Subject): string {
    return `${namespace === undefined ? "" : `${namespace}/`}${name} ${subject.name}`;
}

function wrongWith({ kind, name }: Subject): Wrong | undefined {
    if (kind === "ServiceAccount") return name === "default" ? "defaultAccount" : undefined;
    if (name === "system:anonymous" || name === "system:unauthenticated") return "unnamed";
    // A service account can be written as the user that it is to RBAC.
    if (kind === "User" && /^system:serviceaccount:[^:]+:default$/.test(name)) return "defaultAccount";
    if (kind === "Group" && /^system:serviceaccounts(:|$)/.test(name)) return "everyAccount";
    if (name === "system:authenticated") return "everyone";
    if (name.startsWith("system:")) return undefined;
    if (kind === "User") return "user";
    return objectId.test(name) ? undefined : "groupByName";
}

function insteadOf({ subjects = [], metadata }: Binding, found: FoundSubject[]): Subject[] {
    const wrong = new Map(found.map(({ subject, wrong }) => [subject, wrong]));
    const instead = subjects.flatMap((subject): Subject[] => {
        switch (wrong.get(subject)) {
            case undefined:
                return [subject];
            case "user":
            case "groupByName":
            case "everyone":
                return [{ kind: "Group", apiGroup, name: GROUP }];
            case "defaultAccount":
            case "everyAccount":
                return [
                    { kind: "ServiceAccount", name: ACCOUNT, namespace: namespaceOf(subject) ?? metadata.namespace },
                ];
            case "unnamed":
                return [];
        }
    });
    return [...new Map(instead.map((subject) => [JSON.stringify(subject), subject])).values()];
}

/** Of a service account, or of all in a namespace. */
function namespaceOf({ namespace, name }: Subject): string | undefined {
    return namespace ?? /^system:serviceaccounts?:([^:]+)/.exec(name)?.[1];
}

/** Those that reach furthest first. */
function bySharpness(a: Finding, b: Finding): number {
    const rank = ({ binding: { kind, roleRef } }: Finding) =>
        (kind === "ClusterRoleBinding" ? 0 : 2) + (roleRef.name === "cluster-admin" ? 0 : 1);
    const name = ({ binding: { metadata } }: Finding) => `${metadata.namespace ?? ""}/${metadata.name}`;
    return rank(a) - rank(b) || name(a).localeCompare(name(b));
}

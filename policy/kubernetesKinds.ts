/** What every object of Kubernetes says of itself. */
export interface Named {
    metadata?: {
        name?: string;
        namespace?: string;
        labels?: Record<string, string>;
        annotations?: Record<string, string>;
    };
}

/** A role binding, of the whole cluster or of a namespace. */
export interface Binding extends Named {
    roleRef?: { kind?: string; name?: string };
    subjects?: Subject[];
}

export interface Subject {
    kind: string;
    name: string;
    namespace?: string;
}

/** A role, of the whole cluster or of a namespace. */
export interface Role extends Named {
    rules?: RoleRule[];
}

export interface RoleRule {
    apiGroups?: string[];
    resources?: string[];
    resourceNames?: string[];
    verbs?: string[];
}

export interface ServiceAccount extends Named {
    automountServiceAccountToken?: boolean;
}

export interface PodSpec {
    containers?: { image?: string }[];
    initContainers?: { image?: string }[];
    ephemeralContainers?: { image?: string }[];
    volumes?: { image?: { reference?: string } }[];
    serviceAccountName?: string;
    /** The older name of {@link serviceAccountName}. */
    serviceAccount?: string;
    automountServiceAccountToken?: boolean;
}

export interface Pod extends Named {
    spec?: PodSpec;
}

export interface PodTemplate extends Named {
    template?: Pod;
}

/** What makes pods by a template. */
export interface PodMaker extends Named {
    spec?: PodTemplate;
}

export interface CronJob extends Named {
    spec?: { jobTemplate?: PodMaker };
}

export interface ResourceQuota extends Named {
    spec?: { hard?: Record<string, string> };
}

export interface LimitRange extends Named {
    spec?: { limits?: { type?: string; default?: object; defaultRequest?: object; min?: object; max?: object }[] };
}

export interface LabelSelector {
    matchLabels?: Record<string, string>;
    matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

export interface NetworkPolicy extends Named {
    spec?: {
        podSelector?: LabelSelector;
        policyTypes?: string[];
        ingress?: NetworkPolicyRule[];
        egress?: NetworkPolicyRule[];
    };
}

/** `from` of an ingress rule, `to` of an egress rule. */
export interface NetworkPolicyRule {
    from?: Peer[];
    to?: Peer[];
    ports?: { port?: number | string; endPort?: number; protocol?: string }[];
}

export interface Peer {
    podSelector?: LabelSelector;
    namespaceSelector?: LabelSelector;
    ipBlock?: { cidr: string; except?: string[] };
}

/** A policy of Cilium's, of a namespace or of the whole cluster. */
export interface CiliumPolicy extends Named {
    spec?: CiliumRule;
    specs?: CiliumRule[];
}

export interface CiliumRule {
    endpointSelector?: LabelSelector;
    enableDefaultDeny?: { ingress?: boolean; egress?: boolean };
    ingress?: CiliumOpening[];
    ingressDeny?: object[];
    egress?: CiliumOpening[];
    egressDeny?: object[];
}

/** `from…` of an ingress rule, `to…` of an egress rule. */
export interface CiliumOpening {
    fromEndpoints?: LabelSelector[];
    fromEntities?: string[];
    fromCIDR?: string[];
    fromCIDRSet?: CiliumRange[];
    toEndpoints?: LabelSelector[];
    toEntities?: string[];
    toCIDR?: string[];
    toCIDRSet?: CiliumRange[];
    toFQDNs?: { matchPattern?: string }[];
    toPorts?: { ports?: { port?: string; endPort?: number; protocol?: string }[] }[];
}

export interface CiliumRange {
    cidr?: string;
    except?: string[];
}

interface Made {
    "kubernetes:apps/v1:DaemonSet": PodMaker;
    "kubernetes:apps/v1:Deployment": PodMaker;
    "kubernetes:apps/v1:ReplicaSet": PodMaker;
    "kubernetes:apps/v1:StatefulSet": PodMaker;
    "kubernetes:batch/v1:CronJob": CronJob;
    "kubernetes:batch/v1:Job": PodMaker;
    "kubernetes:cilium.io/v2:CiliumClusterwideNetworkPolicy": CiliumPolicy;
    "kubernetes:cilium.io/v2:CiliumNetworkPolicy": CiliumPolicy;
    "kubernetes:core/v1:LimitRange": LimitRange;
    "kubernetes:core/v1:Namespace": Named;
    "kubernetes:core/v1:Pod": Pod;
    "kubernetes:core/v1:PodTemplate": PodTemplate;
    "kubernetes:core/v1:ReplicationController": PodMaker;
    "kubernetes:core/v1:ResourceQuota": ResourceQuota;
    "kubernetes:core/v1:ServiceAccount": ServiceAccount;
    "kubernetes:networking.k8s.io/v1:NetworkPolicy": NetworkPolicy;
    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole": Role;
    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding": Binding;
    "kubernetes:rbac.authorization.k8s.io/v1:Role": Role;
    "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding": Binding;
}

type MadeKind = keyof Made;
export type WithPatch<K extends MadeKind> = K | `${K}Patch`;

/** Objects of Kubernetes; each may be made, or be changed by a patch. */
export type KubernetesKinds = Made & { [k in MadeKind as `${k}Patch`]: Made[k] };

/** Kinds, each with the one that patches it: a rule that read only the first would let the second pass. */
export function withPatches<K extends MadeKind>(kinds: readonly K[]): WithPatch<K>[] {
    return kinds.flatMap((kind): WithPatch<K>[] => [kind, `${kind}Patch`]);
}

/** A patch says only what it changes: what it leaves out is not absent. */
export function isPatch({ kind }: { kind: string }): boolean {
    return kind.endsWith("Patch");
}

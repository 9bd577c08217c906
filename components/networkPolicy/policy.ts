/** Ports of one protocol; without a number, all of that protocol. */
export interface PolicyPort {
    protocol: "TCP" | "UDP";
    port?: number;
}

export interface LabelSelector {
    matchLabels?: Record<string, string>;
    matchExpressions?: { key: string; operator: "In" | "NotIn" | "Exists" | "DoesNotExist"; values?: string[] }[];
}

/** Pods of the namespaces that a selector finds, or addresses outside of the cluster: a block never means pods or nodes. */
export type Peer =
    { namespaceSelector: LabelSelector; podSelector?: LabelSelector } | { ipBlock: { cidr: string; except: string[] } };

/** Without ports, all ports of all protocols. */
export interface IngressRule {
    from: Peer[];
    ports?: PolicyPort[];
}

export interface EgressRule {
    to: Peer[];
    ports?: PolicyPort[];
}

export interface NetworkPolicyObject {
    apiVersion: "networking.k8s.io/v1";
    kind: "NetworkPolicy";
    metadata: { name: string; namespace: string };
    spec: {
        podSelector: LabelSelector;
        policyTypes: ("Ingress" | "Egress")[];
        ingress?: IngressRule[];
        egress?: EgressRule[];
    };
}

/** Cilium's words for who has no labels of a pod. */
export type Entity = "host" | "remote-node" | "kube-apiserver" | "world";

export interface CiliumPorts {
    ports: { port: string; endPort?: number; protocol: "TCP" | "UDP" | "ANY" }[];
    rules?: { dns: DnsName[] };
}

/** A name as it is, or with `*` for any characters but dots. */
export type DnsName = { matchName: string } | { matchPattern: string };

export interface CiliumSpec {
    description: string;
    endpointSelector: LabelSelector;
    enableDefaultDeny?: { ingress: boolean; egress: boolean };
    /** A rule of nobody: nothing is allowed in this direction but what other policies allow. */
    ingress?: ({ fromEntities: Entity[]; toPorts: CiliumPorts[] } | Record<string, never>)[];
    egress?: (
        | { toEntities: Entity[]; toPorts: CiliumPorts[] }
        | { toEndpoints: LabelSelector[]; toPorts: CiliumPorts[] }
        | { toFQDNs: DnsName[]; toPorts?: CiliumPorts[] }
        | Record<string, never>
    )[];
    /** Comes before everything that any policy allows. */
    egressDeny?: { toCIDR: string[] }[];
}

export interface CiliumNetworkPolicyObject {
    apiVersion: "cilium.io/v2";
    kind: "CiliumNetworkPolicy";
    metadata: { name: string; namespace: string };
    spec: CiliumSpec;
}

export interface CiliumClusterwideNetworkPolicyObject {
    apiVersion: "cilium.io/v2";
    kind: "CiliumClusterwideNetworkPolicy";
    metadata: { name: string };
    spec: CiliumSpec;
}

export type PolicyObject = NetworkPolicyObject | CiliumNetworkPolicyObject | CiliumClusterwideNetworkPolicyObject;

/** What the pods of a namespace may do, in both kinds' words. */
export interface Permissions {
    ingress: IngressRule[];
    egress: EgressRule[];
    /** What Kubernetes' own policies cannot say. */
    cilium: Pick<CiliumSpec, "ingress" | "egress">;
}

import type { CiliumPorts, Peer, PolicyPort } from "./policy";

/** By the name that the API server puts on every namespace, and that nobody changes. */
const NAME_LABEL = "kubernetes.io/metadata.name";
const TENANT_LABEL = "mainstay.io/tenant";

export function podsOfNamespace(name: string): Peer {
    return { namespaceSelector: { matchLabels: { [NAME_LABEL]: name } } };
}

/** Of all of its namespaces. */
export function podsOfTenant(name: string): Peer {
    return { namespaceSelector: { matchLabels: { [TENANT_LABEL]: name } } };
}

export const podsOfAllTenants: Peer = {
    namespaceSelector: { matchExpressions: [{ key: TENANT_LABEL, operator: "Exists" }] },
};

export const podsOfAllNamespaces: Peer = { namespaceSelector: {} };

const DNS_PODS = { "k8s-app": "kube-dns" };

/** The cluster's DNS: CoreDNS has this label on both kinds of cluster. Who translates the Service's address judges pods. */
export const clusterDns = {
    peer: { ...podsOfNamespace("kube-system"), podSelector: { matchLabels: DNS_PODS } } satisfies Peer,
    ports: [
        { protocol: "UDP", port: 53 },
        { protocol: "TCP", port: 53 },
    ] satisfies PolicyPort[],
    ciliumSelector: {
        matchLabels: { "k8s:io.kubernetes.pod.namespace": "kube-system", "k8s:k8s-app": DNS_PODS["k8s-app"] },
    },
};

/** Where the API servers of AKS come out of their tunnel. */
export const tunnelAgents: Peer = {
    ...podsOfNamespace("kube-system"),
    podSelector: { matchLabels: { app: "konnectivity-agent" } },
};

export const allTcp: PolicyPort[] = [{ protocol: "TCP" }];

/** As settings say ports: TCP, and none is all, of any protocol. */
export function portsOf(ports: readonly number[]): { ports?: PolicyPort[] } {
    return ports.length === 0 ? {} : { ports: ports.map((port) => ({ protocol: "TCP", port })) };
}

/** TCP ports in Cilium's words: `9962-9965` is a range, none is all of TCP. */
export function ciliumTcp(ports: readonly (number | string)[]): CiliumPorts[] {
    const written = ports.length === 0 ? [0] : ports;
    return [
        {
            ports: written.map((each) => {
                const [port, endPort] = String(each).split("-");
                return { port, ...(endPort && { endPort: Number(endPort) }), protocol: "TCP" as const };
            }),
        },
    ];
}

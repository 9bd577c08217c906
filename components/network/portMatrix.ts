/** The two ways to get a cluster, which differ in who calls whom. */
export type ClusterKind = "aks" | "selfManaged";

/** A side of a flow: a party of the platform, or what Azure's rules call by a tag. */
export type Party =
    /** AKS: nodes of the system pool. */
    | "systemNodes"
    /** Nodes of the user pools; with a self-managed cluster, of all pools: its workers. */
    | "userNodes"
    /** All nodes, machines of a self-managed control plane among them. */
    | "nodes"
    /** AKS: pods; Azure's overlay has their addresses on the wire between nodes. Cilium's own hides them in VXLAN. */
    | "pods"
    /** Self-managed: machines of the control plane, where etcd and the API servers run. */
    | "controlPlane"
    /** Self-managed: the API servers, each by its own address and all by that of the internal load balancer. */
    | "apiServers"
    /** Who may reach a public API. */
    | "authorizedRanges"
    /** Addresses of the virtual network and of networks connected to it. */
    | "VirtualNetwork"
    | "AzureLoadBalancer"
    | "AzureCloud"
    | "Internet"
    /** Everybody, for denials. */
    | "anyone";

/** One line: who may call whom on which ports, and why. */
export interface Flow {
    /** Names the security rule. */
    name: string;
    /** Kind of cluster that it is for. @default both */
    kind?: ClusterKind;
    /** How the API is reached where the line is needed. @default both ways */
    api?: "private" | "public";
    /** A denial takes from the lines below it, also from what a stack opens. @default "Allow" */
    access?: "Allow" | "Deny";
    from: Party;
    to: Party;
    protocol: "Tcp" | "Udp" | "Icmp" | "*";
    /** Destination ports; `*` is all. */
    ports: string[];
    why: string;
}

/**
 * Who may call whom on which port, and why: the one source of the security groups' rules, of a test, and of docs/network.md.
 * What is not in here is denied, in both directions. Rules come in the order of the lines.
 *
 * AKS supports a cluster behind security groups only if nodes and pods reach each other on all ports (the lines named
 * `aks-`). The lines above them name what is known to flow, so that flow logs tell known traffic by its rule and what is
 * left for the wide rules can be looked into. A self-managed cluster has no such lines: what flows between its nodes is
 * named, pods' traffic among themselves goes in VXLAN, and there network policies decide.
 */
export const portMatrix: readonly Flow[] = [
    // etcd first: whoever reaches it has the cluster, so no line below may open it to anybody else.
    {
        name: "etcd",
        kind: "selfManaged",
        from: "controlPlane",
        to: "controlPlane",
        protocol: "Tcp",
        ports: ["2379-2380"],
        why: "API servers to etcd, etcd's members to each other",
    },
    {
        name: "etcd-deny",
        kind: "selfManaged",
        access: "Deny",
        from: "anyone",
        to: "controlPlane",
        protocol: "*",
        ports: ["2379-2380"],
        why: "Nobody else reaches etcd: no worker, no pod, whatever the lines below or an opening say",
    },

    // Between nodes
    {
        name: "api-nodes",
        kind: "selfManaged",
        from: "nodes",
        to: "apiServers",
        protocol: "Tcp",
        ports: ["6443"],
        why: "Kubelets by the API's private name, pods by the Service kubernetes, which leads to the machines themselves",
    },
    {
        name: "kubelet",
        kind: "aks",
        from: "nodes",
        to: "nodes",
        protocol: "Tcp",
        ports: ["10250"],
        why: "API server's tunnel, metrics-server and Prometheus to kubelets",
    },
    {
        name: "kubelet",
        kind: "selfManaged",
        from: "nodes",
        to: "nodes",
        protocol: "Tcp",
        ports: ["10250"],
        why: "API servers (logs, exec), metrics-server and Prometheus to kubelets",
    },
    {
        name: "control-plane-metrics",
        kind: "selfManaged",
        from: "userNodes",
        to: "controlPlane",
        protocol: "Tcp",
        ports: ["2381", "10257", "10259"],
        why: "Prometheus on a worker scrapes etcd, the controller manager and the scheduler",
    },
    {
        name: "node-exporter",
        kind: "aks",
        from: "nodes",
        to: "nodes",
        protocol: "Tcp",
        ports: ["9100", "19100"],
        why: "Prometheus scrapes node metrics (19100: the exporter that AKS installs)",
    },
    {
        name: "node-exporter",
        kind: "selfManaged",
        from: "userNodes",
        to: "nodes",
        protocol: "Tcp",
        ports: ["9100"],
        why: "Prometheus on a worker scrapes node metrics",
    },
    {
        name: "cilium-vxlan",
        kind: "selfManaged",
        from: "nodes",
        to: "nodes",
        protocol: "Udp",
        ports: ["8472"],
        why: "Pods' overlay: pod to pod, node to pod, API servers to admission webhooks; policies decide inside",
    },
    {
        name: "cilium-health",
        from: "nodes",
        to: "nodes",
        protocol: "Tcp",
        ports: ["4240"],
        why: "Cilium agents probe each other",
    },
    {
        name: "cilium-icmp",
        from: "nodes",
        to: "nodes",
        protocol: "Icmp",
        ports: ["*"],
        why: "Cilium agents probe each other; path MTU discovery",
    },
    {
        name: "hubble",
        from: "nodes",
        to: "nodes",
        protocol: "Tcp",
        ports: ["4244"],
        why: "Hubble relay reads flows from the agents",
    },
    {
        name: "cilium-metrics",
        from: "nodes",
        to: "nodes",
        protocol: "Tcp",
        ports: ["9962-9965"],
        why: "Prometheus scrapes Cilium's agent, operator, proxy and Hubble",
    },
    {
        name: "dns",
        kind: "aks",
        from: "nodes",
        to: "nodes",
        protocol: "*",
        ports: ["53", "9153"],
        why: "CoreDNS and its metrics, for pods on the host network",
    },
    {
        name: "dns-cache-metrics",
        kind: "selfManaged",
        from: "userNodes",
        to: "nodes",
        protocol: "Tcp",
        ports: ["9253"],
        why: "Prometheus scrapes the nodes' DNS caches; names are asked on the node itself or in the overlay",
    },
    {
        name: "node-ports",
        from: "nodes",
        to: "nodes",
        protocol: "*",
        ports: ["30000-32767"],
        why: "Services of type NodePort and LoadBalancer, and their health checks",
    },
    {
        name: "aks-node-to-node",
        kind: "aks",
        from: "nodes",
        to: "nodes",
        protocol: "*",
        ports: ["*"],
        why: "AKS asks for it: node to node, all ports and protocols",
    },
    {
        name: "aks-node-to-pod",
        kind: "aks",
        from: "nodes",
        to: "pods",
        protocol: "*",
        ports: ["*"],
        why: "AKS asks for it: node to pod, to route Services",
    },
    {
        name: "aks-pod-to-pod",
        kind: "aks",
        from: "pods",
        to: "pods",
        protocol: "*",
        ports: ["*"],
        why: "AKS asks for it: pod to pod and pod to Service, DNS included; policies decide",
    },

    // Into the platform
    {
        name: "api-private",
        kind: "aks",
        from: "VirtualNetwork",
        to: "systemNodes",
        protocol: "Tcp",
        ports: ["443"],
        why: "The private API's endpoint lives in the system pool's subnet",
    },
    {
        name: "api-private",
        kind: "selfManaged",
        api: "private",
        from: "VirtualNetwork",
        to: "apiServers",
        protocol: "Tcp",
        ports: ["6443"],
        why: "People and runners in this network and in those connected to it",
    },
    {
        name: "api-public",
        kind: "selfManaged",
        api: "public",
        from: "authorizedRanges",
        to: "apiServers",
        protocol: "Tcp",
        ports: ["6443"],
        why: "Authorised ranges only: the public load balancer leaves the client's address as it is",
    },
    {
        name: "load-balancer-probes",
        kind: "aks",
        from: "AzureLoadBalancer",
        to: "nodes",
        protocol: "*",
        ports: ["*"],
        why: "Health probes of Azure's load balancer",
    },
    {
        name: "api-probes",
        kind: "selfManaged",
        from: "AzureLoadBalancer",
        to: "controlPlane",
        protocol: "Tcp",
        ports: ["6443"],
        why: "Health probes of the API's load balancers",
    },
    {
        name: "load-balancer-probes",
        kind: "selfManaged",
        from: "AzureLoadBalancer",
        to: "userNodes",
        protocol: "*",
        ports: ["*"],
        why: "Health probes of Services' load balancers",
    },

    // Out of the platform; pods leave it with their node's address
    {
        name: "https-connected",
        from: "nodes",
        to: "VirtualNetwork",
        protocol: "Tcp",
        ports: ["443"],
        why: "The private API, private endpoints of Azure services",
    },
    {
        name: "https-out",
        from: "nodes",
        to: "Internet",
        protocol: "Tcp",
        ports: ["443"],
        why: "Container images, Entra ID, Azure Resource Manager, a public API server",
    },
    {
        name: "packages-out",
        from: "nodes",
        to: "Internet",
        protocol: "Tcp",
        ports: ["80"],
        why: "Security updates of the operating system, certificate revocation lists",
    },
    {
        name: "tunnel-out",
        kind: "aks",
        from: "nodes",
        to: "AzureCloud",
        protocol: "Tcp",
        ports: ["9000"],
        why: "Tunnel from nodes to a public API server",
    },
    {
        name: "tunnel-out-udp",
        kind: "aks",
        from: "nodes",
        to: "AzureCloud",
        protocol: "Udp",
        ports: ["1194"],
        why: "Tunnel from nodes to a public API server",
    },
    { name: "time-out", from: "nodes", to: "Internet", protocol: "Udp", ports: ["123"], why: "Network time" },
];

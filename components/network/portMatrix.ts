/** A side of a flow: a party of the platform, or what Azure's rules call by a tag. */
export type Party =
    /** Nodes of the system pool. */
    | "systemNodes"
    /** Nodes of the user pools. */
    | "userNodes"
    /** All nodes. */
    | "nodes"
    /** Pods; with an overlay their addresses are on the wire between nodes. */
    | "pods"
    /** Addresses of the virtual network and of networks connected to it. */
    | "VirtualNetwork"
    | "AzureLoadBalancer"
    | "AzureCloud"
    | "Internet";

/** One line: who may call whom on which ports, and why. */
export interface Flow {
    /** Names the security rule. */
    name: string;
    from: Party;
    to: Party;
    protocol: "Tcp" | "Udp" | "Icmp" | "*";
    /** Destination ports; `*` is all. */
    ports: string[];
    why: string;
}

/**
 * Who may call whom on which port, and why: the one source of the security groups' rules, of a test, and of docs/network.md.
 * What is not in here is denied, in both directions.
 *
 * AKS supports a cluster behind security groups only if nodes and pods reach each other on all ports (the last three lines
 * of the first group). The lines above them name what is known to flow, so that flow logs tell known traffic by its rule
 * and what is left for the wide rules can be looked into. Between pods it is network policies that decide.
 */
export const portMatrix: readonly Flow[] = [
    // Between nodes
    {
        name: "kubelet",
        from: "nodes",
        to: "nodes",
        protocol: "Tcp",
        ports: ["10250"],
        why: "API server's tunnel, metrics-server and Prometheus to kubelets",
    },
    {
        name: "node-exporter",
        from: "nodes",
        to: "nodes",
        protocol: "Tcp",
        ports: ["9100", "19100"],
        why: "Prometheus scrapes node metrics (19100: the exporter that AKS installs)",
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
        from: "nodes",
        to: "nodes",
        protocol: "*",
        ports: ["53", "9153"],
        why: "CoreDNS and its metrics, for pods on the host network",
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
        from: "nodes",
        to: "nodes",
        protocol: "*",
        ports: ["*"],
        why: "AKS asks for it: node to node, all ports and protocols",
    },
    {
        name: "aks-node-to-pod",
        from: "nodes",
        to: "pods",
        protocol: "*",
        ports: ["*"],
        why: "AKS asks for it: node to pod, to route Services",
    },
    {
        name: "aks-pod-to-pod",
        from: "pods",
        to: "pods",
        protocol: "*",
        ports: ["*"],
        why: "AKS asks for it: pod to pod and pod to Service, DNS included; policies decide",
    },

    // Into the platform
    {
        name: "api-private",
        from: "VirtualNetwork",
        to: "systemNodes",
        protocol: "Tcp",
        ports: ["443"],
        why: "The private API's endpoint lives in the system pool's subnet",
    },
    {
        name: "load-balancer-probes",
        from: "AzureLoadBalancer",
        to: "nodes",
        protocol: "*",
        ports: ["*"],
        why: "Health probes of Azure's load balancer",
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
        from: "nodes",
        to: "AzureCloud",
        protocol: "Tcp",
        ports: ["9000"],
        why: "Tunnel from nodes to a public API server",
    },
    {
        name: "tunnel-out-udp",
        from: "nodes",
        to: "AzureCloud",
        protocol: "Udp",
        ports: ["1194"],
        why: "Tunnel from nodes to a public API server",
    },
    { name: "time-out", from: "nodes", to: "Internet", protocol: "Udp", ports: ["123"], why: "Network time" },
];

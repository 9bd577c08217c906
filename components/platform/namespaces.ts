import type { PodSecurityLevel } from "../tenants";

/** A namespace of the platform's own, and what its pods need. */
export interface PlatformNamespace {
    name: string;
    /** What runs in there. */
    purpose: string;
    podSecurity: PodSecurityLevel;
    /** Why its pods need more than `restricted` lets them; only where they do. */
    reason?: string;
    /** Its pods ask the Kubernetes API. */
    api: boolean;
    /** The API server asks its pods: admission webhooks, aggregated APIs. */
    webhooks: boolean;
    /** Its pods read the metrics of every other namespace's, and of the nodes. */
    scrapes: boolean;
    /** Clients from outside of the cluster reach its pods, and its pods those of the tenants that ask for it. */
    ingress: boolean;
    /** TCP ports of addresses outside of the cluster that its pods reach: Azure's services, certificate authorities. */
    egressPorts: number[];
    /** The platform's namespaces whose pods reach its pods. */
    calledBy: string[];
}

const quiet = {
    podSecurity: "restricted",
    api: true,
    webhooks: false,
    scrapes: false,
    ingress: false,
    egressPorts: [],
    calledBy: [],
} as const satisfies Partial<PlatformNamespace>;

/** All of them. kube-system belongs to the cluster, and is left alone. */
export const platformNamespaces: PlatformNamespace[] = [
    {
        ...quiet,
        name: "monitoring",
        purpose: "metrics, dashboards, alerts, logs",
        podSecurity: "privileged",
        reason: "the node exporter and the log collector read the files of their node",
        scrapes: true,
        egressPorts: [443],
        calledBy: ["ingress"],
    },
    { ...quiet, name: "backup", purpose: "snapshots and dumps", egressPorts: [443] },
    { ...quiet, name: "ingress", purpose: "the way in from outside", webhooks: true, ingress: true },
    { ...quiet, name: "certificates", purpose: "certificates of the ingress", webhooks: true, egressPorts: [443] },
    { ...quiet, name: "autoscaling", purpose: "recommendations for pods' sizes", webhooks: true },
];

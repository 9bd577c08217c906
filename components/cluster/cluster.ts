import type { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import type { Grant } from "../identity";

/** Machines of one kind in one place, that an autoscaler may add to. */
export interface NodePool {
    /** As the nodes' label `agentpool` says. */
    name: string;
    mode: "system" | "user";
    zones: string[];
    size: string;
    minNodes: number;
    maxNodes: number;
    labels: Record<string, string>;
    /** `key=value:effect` */
    taints: string[];
}

/**
 * Where the API servers of a cluster are: on machines of its own (`nodes`), or outside of it, with a tunnel for what they
 * ask of pods (`outside`).
 */
export type ApiServers = "nodes" | "outside";

/**
 * What everything above asks of a cluster, whichever way it was made.
 *
 * Kinds are components that extend this; `index.ts` picks one.
 */
export abstract class Cluster extends pulumi.ComponentResource {
    /** Applies objects to the cluster, as the deployment's own identity. */
    public abstract readonly provider: Provider;
    /** Where clients reach the API: `https://host:port`. */
    public abstract readonly endpoint: pulumi.Output<string>;
    /** Issuer of the service accounts' tokens, for federated identities. */
    public abstract readonly oidcIssuerUrl: pulumi.Output<string>;
    public abstract readonly nodePools: NodePool[];
    /** Group of the cluster itself. */
    public abstract readonly resourceGroupName: pulumi.Output<string>;
    /** Group of its machines and disks. It goes when the cluster goes: nothing that has to outlive it belongs in there. */
    public abstract readonly nodeResourceGroupName: pulumi.Output<string>;
    /** A kubeconfig that holds no credential: whoever uses it signs in. */
    public abstract readonly kubeconfigForPeople: pulumi.Output<string>;
    /** What Azure asks of a group before its members get a kubeconfig. What they may do inside is another matter. */
    public abstract readonly entrance: Grant | undefined;
    public abstract readonly apiServers: ApiServers;
    /** Namespaces of the cluster's own parts. */
    public abstract readonly systemNamespaces: string[];
    /** Whoever needs a cluster that runs pods, or the kinds that its own parts bring, waits for these. */
    public abstract readonly ready: pulumi.Resource[];
    /**
     * Options of every object on the cluster: its provider, and that objects go with their cluster, so that a cluster that
     * does not answer any more does not stand in the way of its own removal.
     */
    public abstract readonly onCluster: pulumi.CustomResourceOptions;
}

/** What a cluster's files are made from; every value plain, so that previews show them. */
export interface ClusterPlan {
    /** Name of the cluster, such as `mainstay-prod`. */
    cluster: string;
    /** Group of the machines: what controls the cloud looks for nodes in the workers' one, unless a label says otherwise. */
    resourceGroupName?: string;
    /** With its `v`, such as `v1.35.8`; of the minors 1.34 and 1.35. */
    kubernetesVersion: string;
    /** Private name that every node and pod reaches the API by, such as `api.mainstay-prod.internal`. */
    apiName: string;
    /** Frontend of the internal load balancer. */
    apiAddress: string;
    apiPort: number;
    /** Name of the public load balancer, where there is one. */
    publicName?: string;
    /** Every node takes a /24 out of it. */
    podCidr: string;
    serviceCidr: string;
    dnsServiceIP: string;
    /** Where the issuer's documents are published, such as `https://….z6.web.core.windows.net`; no slash at its end. */
    issuerUrl: string;
    /** Entra ID's directory that people sign in to. */
    tenantId: string;
    /** Application that people's tokens are for. */
    signInClientId: string;
    /** All machines of the control plane. */
    machines: Machine[];
    /** Host of the private registry that machines pull from, such as `mainstay.azurecr.io`. */
    registry?: string;
}

/** A machine of the control plane. */
export interface Machine {
    /** Also the node's name. */
    name: string;
    /** The static address of its network interface. */
    address: string;
}

/** What workers of a pool share. */
export interface WorkerPool {
    /** Becomes the label `agentpool`, as on AKS. */
    name: string;
    labels: Record<string, string>;
    /** `key=value:effect` */
    taints: string[];
    /** Pods a node. */
    maxPods: number;
    /** Of the machine; sizes what is kept back for the system. @default 4 */
    cores?: number;
    /** Of the machine; what is kept back for the kubelet is never more than a quarter of it. */
    memoryGiB?: number;
    /** Host of the private registry that machines pull from. */
    registry?: string;
}

/** Clusters: what everything else asks of one, and the ways to get one. */
export { type ApiServers, Cluster, type NodePool } from "./cluster";
export { AksCluster, type AksClusterArgs } from "./aks";
export { SelfManagedCluster, type SelfManagedClusterArgs } from "./selfManaged";
export { clusterNeeds } from "./needs";

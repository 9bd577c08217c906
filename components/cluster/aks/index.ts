/** Azure Kubernetes Service as a {@link Cluster}. */
export { AksCluster, type AksClusterArgs } from "./aksCluster";
export { aksNeeds } from "./needs";

/** A cluster on machines of our own as a {@link Cluster}. */
export { selfManagedNeeds } from "./needs";
export { SelfManagedCluster, type SelfManagedClusterArgs } from "./selfManagedCluster";

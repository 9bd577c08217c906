/** What AKS brings and a cluster of our own has to: network, names, cloud, disks, secrets, metrics, scaling, certificates, reboots. */
export { type AddonsArgs, createAddons } from "./addons";
export { charts, NAMESPACE } from "./charts";
export { WORKLOAD_IDENTITY_NAMESPACE } from "./workloadIdentity";

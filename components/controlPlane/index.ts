/** The self-managed cluster's heart: machines, certificates, load balancer, boot, etcd and its snapshots. */
export { customData, type KubernetesMinor, releases, workerBundle } from "./boot";
export { peopleKubeconfig } from "./certificates";
export { workerFiles } from "./configuration";
export { ControlPlane, type ControlPlaneArgs } from "./controlPlane";
export { type Machine, machineImage, type MachinePlan } from "./machines";
export { controlPlaneGroup, controlPlaneNames, machineName } from "./names";
export { type Placement, placeOverZones } from "./placement";
export { credentialProvider, type Registry, registryHost } from "./registry";

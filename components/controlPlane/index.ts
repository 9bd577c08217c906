/** The self-managed cluster's heart: machines, certificates, load balancer, boot, etcd and its snapshots. */
export { ControlPlane, type ControlPlaneArgs } from "./controlPlane";
export type { Machine, MachinePlan } from "./machines";
export { controlPlaneNames } from "./names";
export { type Placement, placeOverZones } from "./placement";

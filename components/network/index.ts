/** Network: address plan, port matrix, virtual network, egress a zone, private DNS, private endpoints. */
export { apiAddress, controlPlaneAddress } from "./addressPlan";
export { apiNameOf, internalZoneOf } from "./names";
export { Network, type NetworkArgs } from "./network";
export type { ClusterKind } from "./portMatrix";
export { createPrivateEndpoint, type PrivateEndpointArgs } from "./privateEndpoint";

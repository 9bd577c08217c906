/** Network: address plan, port matrix, virtual network, egress a zone, private DNS, private endpoints. */
export { apiAddress, contains, controlPlaneAddress, endpointsSubnet, nodeSubnets, parseRange } from "./addressPlan";
export { apiNameOf, internalZoneOf } from "./names";
export { Network, type NetworkArgs } from "./network";
export { type Runners, runnersNetworkId } from "./runners";
export type { ClusterKind } from "./portMatrix";
export { createPrivateEndpoint, type PrivateEndpointArgs } from "./privateEndpoint";

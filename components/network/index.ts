/** Network: address plan, port matrix, virtual network, egress a zone, private DNS. */
export { Network, type NetworkArgs } from "./network";

/** The API's load balancer: internal always, a public one beside it as an option. */
export { API_PORT, ApiLoadBalancer, type ApiLoadBalancerArgs } from "./apiLoadBalancer";

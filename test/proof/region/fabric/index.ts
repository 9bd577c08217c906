/** The region's network: the namespace that the test runs in, with a link to every machine and client. */
export { Fabric, type Link } from "./fabric";
export { Balancer, balancerOf, type BalancerSpec, type Change, type ProbeSetting } from "./balancer";

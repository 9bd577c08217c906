/** Network policies: who may talk to whom on the cluster, and what no pod ever reaches. */
export { NetworkPolicies, type NetworkPoliciesArgs } from "./networkPolicies";
export { planPolicies, type PolicyPlan } from "./plan";
export type { PolicyObject } from "./policy";

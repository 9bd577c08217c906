/** Tenants: teams as data, and the namespaces that they work in. */
export type {
    Caller,
    Egress,
    Peer,
    PodSecurityException,
    PodSecurityLevel,
    Quota,
    Tenant,
    TenantGroups,
} from "./tenant";
export { Tenants, type TenantsArgs } from "./tenants";
export { createGuardedNamespace, type GuardedNamespaceArgs } from "./guardedNamespace";

import type { Namespace } from "@pulumi/kubernetes/core/v1/namespace";
import type * as pulumi from "@pulumi/pulumi";
import { createGuardedNamespace } from "./guardedNamespace";
import type { Tenant } from "./tenant";

/** One namespace of a tenant's. */
export function createTenantNamespace(
    name: string,
    tenant: Tenant,
    namespace: string,
    opts: pulumi.CustomResourceOptions,
): Namespace {
    const exception = tenant.podSecurity.find((each) => each.namespace === namespace);
    return createGuardedNamespace(
        name,
        {
            name: namespace,
            labels: { "mainstay.io/tenant": tenant.name },
            podSecurity: exception?.level ?? "restricted",
            reason: exception?.reason,
            expires: exception?.expires,
        },
        opts,
    ).namespace;
}

import type { Namespace } from "@pulumi/kubernetes/core/v1/namespace";
import { ResourceQuota } from "@pulumi/kubernetes/core/v1/resourceQuota";
import type * as pulumi from "@pulumi/pulumi";
import { createGuardedNamespace } from "./guardedNamespace";
import type { Quota, Tenant } from "./tenant";

/** A quota refuses pods that do not state what it counts. These are for those. */
const defaults = {
    requests: { cpu: "100m", memory: "256Mi" },
    limits: { memory: "512Mi" },
};

/** One namespace of a tenant's. */
export function createTenantNamespace(
    name: string,
    tenant: Tenant,
    namespace: string,
    opts: pulumi.CustomResourceOptions,
): Namespace {
    const exception = tenant.podSecurity.find((each) => each.namespace === namespace);
    const made = createGuardedNamespace(
        name,
        {
            name: namespace,
            labels: { "mainstay.io/tenant": tenant.name },
            podSecurity: exception?.level ?? "restricted",
            reason: exception?.reason,
            expires: exception?.expires,
            defaults,
        },
        opts,
    );
    new ResourceQuota(
        `${name}-quota`,
        { metadata: { name: "quota", namespace }, spec: { hard: hardLimits(tenant.quota) } },
        { ...opts, dependsOn: [made] },
    );
    return made;
}

/**
 * What is counted. Memory that is used beyond what was requested is others' memory, so its limits count as well; processor
 * time is shared by requests when it is short, and a limit would only leave it unused.
 */
export function hardLimits({ cpu, memory, pods, storage, loadBalancers }: Quota): Record<string, string> {
    return {
        "requests.cpu": cpu,
        "requests.memory": memory,
        "limits.memory": memory,
        pods: String(pods),
        "requests.storage": storage,
        "services.loadbalancers": String(loadBalancers),
    };
}

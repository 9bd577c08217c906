import type { Namespace } from "@pulumi/kubernetes/core/v1/namespace";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../cluster";
import { createTenantNamespace } from "./tenantNamespace";
import type { Tenant } from "./tenant";

/** Arguments of {@link Tenants}. */
export interface TenantsArgs {
    cluster: Cluster;
    tenants: Tenant[];
}

/**
 * The namespaces of every tenant: guarded by Pod Security, within a quota.
 *
 * @example
 * const tenants = new Tenants("tenants", { cluster, tenants: settings.tenants });
 */
export class Tenants extends pulumi.ComponentResource {
    public readonly all: Tenant[];
    /** By name. Whatever goes into one waits for it. */
    public readonly namespaces: Record<string, Namespace>;

    constructor(name: string, { cluster, tenants }: TenantsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("mainstay:index:Tenants", name, {}, opts);
        const onCluster = { parent: this, ...cluster.onCluster };
        this.all = tenants;
        this.namespaces = Object.fromEntries(
            tenants.flatMap((tenant) =>
                tenant.namespaces.map((namespace) => [
                    namespace,
                    createTenantNamespace(`${name}-${namespace}`, tenant, namespace, onCluster),
                ]),
            ),
        );
        this.registerOutputs({});
    }
}

import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../cluster";
import { groupsOnly } from "./groupsOnly";
import { homeless } from "./homeless";
import { namespaces } from "./namespaces";
import { createPolicy, type Policy } from "./policy";
import { serviceAccounts } from "./serviceAccounts";
import { services } from "./services";
import { tenantPods } from "./tenantPods";

/** Arguments of {@link Admission}. */
export interface AdmissionArgs {
    cluster: Cluster;
    /** Where tenants' images may come from: hosts, or hosts and the beginning of a path. */
    registries: string[];
}

/**
 * What the API server refuses from anybody, by policies that it judges itself: there is no webhook that could be away.
 *
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 *
 * @example
 * new Admission("admission", { cluster, registries: settings.images.registries });
 */
export class Admission extends pulumi.ComponentResource {
    constructor(name: string, { cluster, registries }: AdmissionArgs, opts?: pulumi.ComponentResourceOptions) {
        super("mainstay:index:Admission", name, {}, opts);
        const onCluster = { parent: this, ...cluster.onCluster };
        for (const policy of policies(registries, cluster.systemNamespaces))
            createPolicy(`${name}-${shortName(policy)}`, policy, onCluster);
        this.registerOutputs({});
    }
}

/** All of them; docs/admission.md says who is refused what. */
function policies(registries: string[], systemNamespaces: string[]): Policy[] {
    return [
        namespaces(systemNamespaces),
        homeless(systemNamespaces),
        groupsOnly,
        serviceAccounts,
        services,
        ...tenantPods(registries),
    ];
}

function shortName({ name }: Policy): string {
    return name.replace(/\.mainstay\.io$/, "");
}

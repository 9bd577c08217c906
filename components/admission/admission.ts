import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../cluster";
import type { PlatformNamespaces } from "../platform";
import type { Tenants } from "../tenants";

/** Arguments of {@link Admission}. */
export interface AdmissionArgs {
    cluster: Cluster;
    tenants: Tenants;
    platform: PlatformNamespaces;
    /** Where tenants' images may come from: hosts, or hosts and the beginning of a path. */
    registries: string[];
}

/**
 * What the API server refuses from anybody.
 *
 * @example
 * new Admission("admission", { cluster, tenants, platform, registries: settings.images.registries });
 */
export class Admission extends pulumi.ComponentResource {
    constructor(name: string, _args: AdmissionArgs, opts?: pulumi.ComponentResourceOptions) {
        super("mainstay:index:Admission", name, {}, opts);
        this.registerOutputs({});
    }
}

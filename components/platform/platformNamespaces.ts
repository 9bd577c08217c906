import type { Namespace } from "@pulumi/kubernetes/core/v1/namespace";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../cluster";
import { createGuardedNamespace } from "../tenants";
import { type PlatformNamespace, platformNamespaces } from "./namespaces";

/** Arguments of {@link PlatformNamespaces}. */
export interface PlatformNamespacesArgs {
    cluster: Cluster;
}

/**
 * The namespaces that the platform's own parts run in.
 *
 * @example
 * const platform = new PlatformNamespaces("platform", { cluster });
 */
export class PlatformNamespaces extends pulumi.ComponentResource {
    public readonly all: PlatformNamespace[] = platformNamespaces;
    /** By name. Whatever goes into one waits for it. */
    public readonly namespaces: Record<string, Namespace>;

    constructor(name: string, { cluster }: PlatformNamespacesArgs, opts?: pulumi.ComponentResourceOptions) {
        super("mainstay:index:PlatformNamespaces", name, {}, opts);
        const onCluster = { parent: this, ...cluster.onCluster };
        this.namespaces = Object.fromEntries(
            this.all.map((each) => [
                each.name,
                createGuardedNamespace(
                    `${name}-${each.name}`,
                    {
                        name: each.name,
                        labels: { "mainstay.io/platform": each.name },
                        podSecurity: each.podSecurity,
                        reason: each.reason,
                        // Charts say what their pods need. Those that do not are counted as small, not as nothing.
                        defaults: { requests: { cpu: "50m", memory: "64Mi" } },
                    },
                    onCluster,
                ),
            ]),
        );
        this.registerOutputs({});
    }
}

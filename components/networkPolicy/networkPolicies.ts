import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../cluster";
import type { PlatformNamespaces } from "../platform";
import type { Tenants } from "../tenants";
import { planPolicies } from "./plan";
import type { PolicyObject } from "./policy";
import type { Ranges } from "./ranges";

/** Arguments of {@link NetworkPolicies}. */
export interface NetworkPoliciesArgs extends Ranges {
    cluster: Cluster;
    tenants: Tenants;
    platform: PlatformNamespaces;
}

/**
 * Who may talk to whom: nobody, but whom settings name; docs/network-policies.md has the table.
 *
 * Cilium brings the definitions of its kinds itself when it starts: its policies wait until the cluster is ready, which
 * nothing is before Cilium runs.
 *
 * @example
 * new NetworkPolicies("network-policies", { ...settings.network, cluster, tenants, platform });
 */
export class NetworkPolicies extends pulumi.ComponentResource {
    constructor(name: string, args: NetworkPoliciesArgs, opts?: pulumi.ComponentResourceOptions) {
        super("mainstay:index:NetworkPolicies", name, {}, opts);
        const { cluster, tenants, platform } = args;
        const onCluster = { parent: this, ...cluster.onCluster };
        const namespaces = { ...platform.namespaces, ...tenants.namespaces };
        const policies = planPolicies({
            tenants: tenants.all,
            platform: platform.all,
            ranges: args,
            apiServers: cluster.apiServers,
            systemNamespaces: cluster.systemNamespaces,
        });
        for (const policy of policies) create(policy);
        this.registerOutputs({});

        function create(policy: PolicyObject): void {
            const { kind, metadata, spec } = policy;
            switch (kind) {
                case "NetworkPolicy":
                    new NetworkPolicy(
                        `${name}-${metadata.namespace}-${metadata.name}`,
                        { metadata, spec },
                        { ...onCluster, dependsOn: namespaces[metadata.namespace] },
                    );
                    return;
                case "CiliumNetworkPolicy":
                    new CustomResource(`${name}-${metadata.namespace}-${metadata.name}`, policy, {
                        ...onCluster,
                        dependsOn: [namespaces[metadata.namespace], ...cluster.ready],
                    });
                    return;
                case "CiliumClusterwideNetworkPolicy":
                    new CustomResource(`${name}-${metadata.name}`, policy, { ...onCluster, dependsOn: cluster.ready });
                    return;
                default:
                    policy satisfies never;
            }
        }
    }
}

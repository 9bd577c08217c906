import { ClusterRole } from "@pulumi/kubernetes/rbac/v1/clusterRole";
import { ClusterRoleBinding } from "@pulumi/kubernetes/rbac/v1/clusterRoleBinding";
import { RoleBinding } from "@pulumi/kubernetes/rbac/v1/roleBinding";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../cluster";
import { createGrants } from "../identity";
import type { PlatformNamespaces } from "../platform";
import { type Site, siteOf } from "../site";
import type { Tenants } from "../tenants";
import {
    allGroups,
    type Binding,
    clusterBindings,
    platformBindings,
    type PlatformGroups,
    tenantBindings,
} from "./bindings";
import { policyRules } from "./role";
import { roles } from "./roles";

/** Arguments of {@link GroupRbac}. */
export interface GroupRbacArgs extends Site {
    cluster: Cluster;
    tenants: Tenants;
    platform: PlatformNamespaces;
    groups: PlatformGroups;
}

const API_GROUP = "rbac.authorization.k8s.io";

/**
 * Who may do what: the platform's roles, bound to groups of Entra ID and to nobody by name; and for each group Azure's leave
 * to reach the cluster at all, where Azure asks for one. docs/access.md has the table.
 *
 * @example
 * new GroupRbac("access", { ...site, cluster, tenants, platform, groups: settings.access.groups });
 */
export class GroupRbac extends pulumi.ComponentResource {
    constructor(name: string, args: GroupRbacArgs, opts?: pulumi.ComponentResourceOptions) {
        super("mainstay:index:GroupRbac", name, {}, opts);
        const { cluster, tenants, platform, groups } = args;
        const child = { parent: this };
        const onCluster = { ...child, ...cluster.onCluster };

        const made = new Map<string, pulumi.Resource>();
        for (const role of roles)
            made.set(
                role.name,
                new ClusterRole(
                    `${name}-role-${shortName(role.name)}`,
                    {
                        metadata: { name: role.name, annotations: { "kubernetes.io/description": role.describes } },
                        rules: policyRules(role),
                    },
                    onCluster,
                ),
            );
        const roleOf = ({ role }: Binding): pulumi.Resource[] => [made.get(role) ?? []].flat();

        for (const binding of clusterBindings(groups))
            new ClusterRoleBinding(
                `${name}-${shortName(binding.name)}`,
                { metadata: { name: binding.name }, ...contentOf(binding) },
                {
                    ...onCluster,
                    dependsOn: roleOf(binding),
                    // Self-managed clusters once made the administrators' themselves.
                    aliases: [{ name: `cluster-${shortName(binding.name)}`, parent: cluster }],
                },
            );

        const bindIn = (namespace: string, bindings: Binding[], waitsFor: pulumi.Resource[]) => {
            for (const binding of bindings)
                new RoleBinding(
                    `${name}-${namespace}-${shortName(binding.name)}`,
                    { metadata: { name: binding.name, namespace }, ...contentOf(binding) },
                    { ...onCluster, dependsOn: [...roleOf(binding), ...waitsFor] },
                );
        };
        bindIn("kube-system", platformBindings(groups), []);
        for (const [namespace, resource] of Object.entries(platform.namespaces))
            bindIn(namespace, platformBindings(groups), [resource]);
        for (const tenant of tenants.all)
            for (const namespace of tenant.namespaces)
                bindIn(namespace, tenantBindings(tenant, groups), [tenants.namespaces[namespace]]);

        if (cluster.entrance)
            for (const group of allGroups(groups, tenants.all))
                createGrants(
                    `${name}-${group}`,
                    siteOf(args),
                    { principalId: group, principalType: "Group", grants: [cluster.entrance], describes: "a group" },
                    child,
                );
        this.registerOutputs({});
    }
}

function contentOf({ role, groups }: Binding) {
    return {
        roleRef: { apiGroup: API_GROUP, kind: "ClusterRole", name: role },
        subjects: groups.map((group) => ({ apiGroup: API_GROUP, kind: "Group", name: group })),
    };
}

/** `mainstay:developers` → `developers` */
function shortName(name: string): string {
    return name.replace(/^mainstay:/, "");
}

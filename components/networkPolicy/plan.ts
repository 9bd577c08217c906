import type { ApiServers } from "../cluster";
import type { PlatformNamespace } from "../platform";
import type { Tenant } from "../tenants";
import { agreedCalls, type Call } from "./calls";
import { guardRails } from "./guardRails";
import { platformPermissions } from "./platformPermissions";
import type { CiliumNetworkPolicyObject, NetworkPolicyObject, Permissions, PolicyObject } from "./policy";
import type { Ranges } from "./ranges";
import { tenantPermissions } from "./tenantPermissions";

/** Everything that decides who may talk to whom. */
export interface PolicyPlan {
    tenants: readonly Tenant[];
    platform: readonly PlatformNamespace[];
    ranges: Ranges;
    apiServers: ApiServers;
    /** Namespaces of the cluster's own parts, which no policy is for. */
    systemNamespaces: readonly string[];
}

/**
 * All policies of a cluster: the guard rails; in every namespace, a denial of everything that no change of permissions
 * touches, and the permissions in one object, or in two where Kubernetes' own policies cannot say them all.
 */
export function planPolicies({ tenants, platform, ranges, apiServers, systemNamespaces }: PolicyPlan): PolicyObject[] {
    const surroundings = { platform, ranges, apiServers };
    const calls = callsByTenant(agreedCalls(tenants));
    return [
        ...guardRails(systemNamespaces),
        ...platform.flatMap((each) => namespacePolicies(each.name, platformPermissions(each, surroundings))),
        ...tenants.flatMap((tenant) => {
            const permissions = tenantPermissions(tenant, { ...surroundings, calls: calls.get(tenant.name) ?? [] });
            return tenant.namespaces.flatMap((namespace) => namespacePolicies(namespace, permissions));
        }),
    ];
}

/** So that the work for a tenant does not grow with the number of the others. */
function callsByTenant(calls: readonly Call[]): Map<string, Call[]> {
    const found = new Map<string, Call[]>();
    for (const call of calls) {
        for (const name of [call.from, call.to]) {
            const own = found.get(name);
            if (own) own.push(call);
            else found.set(name, [call]);
        }
    }
    return found;
}

function namespacePolicies(namespace: string, permissions: Permissions): PolicyObject[] {
    const both: NetworkPolicyObject["spec"]["policyTypes"] = ["Ingress", "Egress"];
    const standard = (name: string, rules: Partial<Permissions>): NetworkPolicyObject => ({
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata: { name, namespace },
        spec: { podSelector: {}, policyTypes: both, ...rules },
    });
    const { ingress, egress, cilium } = permissions;
    const further = Object.fromEntries(Object.entries(cilium).filter(([, rules]) => rules.length > 0));
    const byCilium: CiliumNetworkPolicyObject = {
        apiVersion: "cilium.io/v2",
        kind: "CiliumNetworkPolicy",
        metadata: { name: PERMISSIONS, namespace },
        spec: {
            description: "What the NetworkPolicy of this name cannot say: names, the API server, nodes, the world",
            endpointSelector: {},
            ...further,
        },
    };
    return [
        standard("default-deny", {}),
        standard(PERMISSIONS, { ingress, egress }),
        ...(Object.keys(further).length > 0 ? [byCilium] : []),
    ];
}

const PERMISSIONS = "permissions";

import type { ApiServers } from "../cluster";
import type { PlatformNamespace } from "../platform";
import type { Tenant } from "../tenants";
import { egressToApiServer } from "./apiServer";
import type { Call } from "./calls";
import { egressByName } from "./names";
import { allTcp, clusterDns, podsOfNamespace, podsOfTenant, portsOf } from "./peers";
import type { Permissions } from "./policy";
import { addressesOf, type Ranges } from "./ranges";

/** What the pods of a tenant may do, in each of its namespaces. */
export function tenantPermissions(
    tenant: Tenant,
    args: {
        /** Those that the tenant is on a side of. */
        calls: readonly Call[];
        platform: readonly PlatformNamespace[];
        ranges: Ranges;
        apiServers: ApiServers;
    },
): Permissions {
    const self = podsOfTenant(tenant.name);
    const callers = args.calls.filter(({ to }) => to === tenant.name);
    const callees = args.calls.filter(({ from }) => from === tenant.name);
    const fromPlatform = args.platform.filter(({ scrapes, ingress }) => scrapes || (ingress && tenant.ingress));
    const byName = tenant.egress.names.length > 0;
    return {
        ingress: [
            { from: [self] },
            ...(fromPlatform.length > 0
                ? [{ from: fromPlatform.map(({ name }) => podsOfNamespace(name)), ports: allTcp }]
                : []),
            ...callers.map(({ from, ports }) => ({ from: [podsOfTenant(from)], ...portsOf(ports) })),
        ],
        egress: [
            { to: [self] },
            // Whoever goes out by name has its questions seen by Cilium's proxy: a second way past it would undo that.
            ...(byName ? [] : [{ to: [clusterDns.peer], ports: clusterDns.ports }]),
            ...callees.map(({ to, ports }) => ({ to: [podsOfTenant(to)], ...portsOf(ports) })),
            ...tenant.egress.ranges.map(({ cidr, except, ports }) => ({
                to: [addressesOf(cidr, except, args.ranges)],
                ...portsOf(ports),
            })),
        ],
        cilium: {
            egress: [...egressByName(tenant.egress.names), ...(tenant.api ? egressToApiServer(args.apiServers) : [])],
        },
    };
}

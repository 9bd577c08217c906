import type { ApiServers } from "../cluster";
import { endpointsSubnet } from "../network";
import type { PlatformNamespace } from "../platform";
import { egressToApiServer, ingressFromApiServer } from "./apiServer";
import {
    allTcp,
    ciliumTcp,
    clusterDns,
    podsOfAllNamespaces,
    podsOfAllTenants,
    podsOfNamespace,
    portsOf,
} from "./peers";
import type { EgressRule, Peer, Permissions } from "./policy";
import { internet, type Ranges } from "./ranges";

/**
 * Where nodes tell their metrics: etcd, the node exporter, the DNS cache, Cilium, the kubelet, the controller manager, the
 * scheduler, AKS's own node exporter. The port matrix of the network has them as well.
 */
export const NODE_METRICS_PORTS = [2381, 9100, 9253, "9962-9965", 10250, 10257, 10259, 19100];

/** What the pods of a namespace of the platform's may do. */
export function platformPermissions(
    namespace: PlatformNamespace,
    args: { platform: readonly PlatformNamespace[]; ranges: Ranges; apiServers: ApiServers },
): Permissions {
    const { platform, ranges, apiServers } = args;
    const { name, api, webhooks, scrapes, ingress, egressPorts } = namespace;
    const self = podsOfNamespace(name);
    const others = platform.filter((each) => each.name !== name);
    const callers = others.filter((each) => each.scrapes || namespace.calledBy.includes(each.name));
    const asked = webhooks ? ingressFromApiServer(apiServers) : { ingress: [], cilium: [] };
    const callees: Peer[] = [
        ...others.filter(({ calledBy }) => calledBy.includes(name)).map((each) => podsOfNamespace(each.name)),
        // Which of them is the tenants' to say.
        ...(ingress ? [podsOfAllTenants] : []),
    ];
    return {
        ingress: [
            { from: [self] },
            ...(callers.length > 0 ? [{ from: callers.map((each) => podsOfNamespace(each.name)), ports: allTcp }] : []),
            ...asked.ingress,
        ],
        egress: [
            { to: [self] },
            { to: [clusterDns.peer], ports: clusterDns.ports },
            ...(scrapes ? [{ to: [podsOfAllNamespaces], ports: allTcp }] : []),
            ...(callees.length > 0 ? [{ to: callees, ports: allTcp }] : []),
            ...(egressPorts.length > 0 ? [outside(egressPorts, ranges)] : []),
        ],
        cilium: {
            ingress: [
                ...asked.cilium,
                // Also by way of another node, which a load balancer may send them to.
                ...(ingress
                    ? [{ fromEntities: ["world" as const, "remote-node" as const], toPorts: ciliumTcp([]) }]
                    : []),
            ],
            egress: [
                ...(api ? egressToApiServer(apiServers) : []),
                ...(scrapes
                    ? [
                          {
                              toEntities: ["host" as const, "remote-node" as const],
                              toPorts: ciliumTcp(NODE_METRICS_PORTS),
                          },
                      ]
                    : []),
            ],
        },
    };
}

/** Azure's services, by their public addresses and by their private endpoints in the environment's network. */
function outside(ports: readonly number[], ranges: Ranges): EgressRule {
    const endpoints: Peer = { ipBlock: { cidr: endpointsSubnet(ranges.addressSpace), except: [] } };
    return { to: [internet(ranges), endpoints], ...portsOf(ports) };
}

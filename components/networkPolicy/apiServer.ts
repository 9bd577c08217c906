import type { ApiServers } from "../cluster";
import { allTcp, ciliumTcp, tunnelAgents } from "./peers";
import type { CiliumSpec, IngressRule } from "./policy";

/** What they listen on: a policy judges a packet after the Service's address and port have been replaced. */
const PORTS: Record<ApiServers, number> = { nodes: 6443, outside: 443 };

/**
 * To the API server, as Cilium knows it by the Service `kubernetes`: on machines of the cluster, which no range of
 * addresses ever means, as well as outside of it. Never without the port: a machine listens on others.
 */
export function egressToApiServer(apiServers: ApiServers): NonNullable<CiliumSpec["egress"]> {
    return [{ toEntities: ["kube-apiserver"], toPorts: ciliumTcp([PORTS[apiServers]]) }];
}

/** From the API server to admission webhooks and aggregated APIs, on the ports that their charts choose. */
export function ingressFromApiServer(apiServers: ApiServers): {
    ingress: IngressRule[];
    cilium: NonNullable<CiliumSpec["ingress"]>;
} {
    switch (apiServers) {
        case "nodes":
            // Through the overlay a machine comes with its address in there, which is a node's and not an API server's.
            return {
                ingress: [],
                cilium: [{ fromEntities: ["kube-apiserver", "remote-node"], toPorts: ciliumTcp([]) }],
            };
        case "outside":
            return { ingress: [{ from: [tunnelAgents], ports: allTcp }], cilium: [] };
        default:
            return apiServers satisfies never;
    }
}

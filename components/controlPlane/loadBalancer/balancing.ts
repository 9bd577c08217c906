import type * as inputs from "@pulumi/azure-native/types/input";
import { resourceId, type Site } from "../../site";

/** Port of the API, at the frontend and on the machines. */
export const API_PORT = 6443;

/** Name of the pool that machines are in. */
export const POOL = "control-plane";

const FRONTEND = "api";
const PROBE = "readyz";

/**
 * How a load balancer brings clients to API servers, whichever frontend they come by.
 *
 * The balancer passes packets through: it ends no connection and tries nothing again. So all it can do for a client is to
 * know soon who is ready, and to say so when it gives a connection up.
 *
 * @param resourceGroupName - plain, as the balancer's parts name each other by IDs
 */
export function balanceApi(
    site: Site,
    resourceGroupName: string,
    loadBalancerName: string,
    frontend: Omit<inputs.network.FrontendIPConfigurationArgs, "name">,
) {
    const id = resourceId(site, resourceGroupName, "Microsoft.Network/loadBalancers", loadBalancerName);
    return {
        loadBalancerName,
        resourceGroupName,
        location: site.location,
        sku: { name: "Standard", tier: "Regional" },
        frontendIPConfigurations: [{ name: FRONTEND, ...frontend }],
        backendAddressPools: [{ name: POOL }],
        probes: [
            {
                name: PROBE,
                // A port that is open is not yet a server that is ready.
                protocol: "Https",
                port: API_PORT,
                requestPath: "/readyz",
                intervalInSeconds: 5,
                // One bad answer and a machine gets no new connections, one good answer and it does again. A second one
                // would add five seconds in which a third of all new connections goes to a machine that is gone and hangs
                // for client-go's 30 s of dialling; a false alarm costs new connections to one of several machines, and
                // none of those that are open. (`numberOfProbes`, which used to say this, never took effect and retires.)
                probeThreshold: 1,
            },
        ],
        loadBalancingRules: [
            {
                name: FRONTEND,
                protocol: "Tcp",
                frontendPort: API_PORT,
                backendPort: API_PORT,
                frontendIPConfiguration: { id: `${id}/frontendIPConfigurations/${FRONTEND}` },
                backendAddressPools: [{ id: `${id}/backendAddressPools/${POOL}` }],
                probe: { id: `${id}/probes/${PROBE}` },
                // By all of address, port and protocol: one client's connections spread over the machines.
                loadDistribution: "Default",
                enableFloatingIP: false,
                // Both ends are told when an idle connection is forgotten, instead of finding out by their own timeouts.
                enableTcpReset: true,
                // Watches are never that quiet (client-go asks for life every 30 s): for other clients' long streams.
                idleTimeoutInMinutes: 30,
                // Machines go out by their zone's NAT gateway; through a balancer they would share its ports.
                disableOutboundSnat: true,
            },
        ],
        tags: site.tags,
    };
}

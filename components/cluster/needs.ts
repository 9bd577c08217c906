import type { Runners } from "../network";
import type { PreflightArgs, Question } from "../preflight";
import type { Environment } from "../site";
import { aksNeeds } from "./aks";
import { selfManagedNeeds } from "./selfManaged";

type Pools = Parameters<typeof aksNeeds>[1];

/** What a cluster asks of the subscription, of the kind that it is. */
export function clusterNeeds(
    environment: Environment,
    settings: { cluster: Pools & { api: { private: boolean } }; network: { runners: Runners } },
    controlPlane: Parameters<typeof selfManagedNeeds>[2] | undefined,
): PreflightArgs {
    const { cluster, network } = settings;
    const needs = controlPlane ? selfManagedNeeds(environment, cluster, controlPlane) : aksNeeds(environment, cluster);
    return {
        ...needs,
        questions: [...needs.questions, ...(cluster.api.private ? [runnersAreThere(network.runners)] : [])],
    };
}

/** A private API is out of reach but for who runs in the network that is peered with its own. */
function runnersAreThere({ resourceGroupName, virtualNetworkName }: Runners): Question {
    return {
        about: "the network that deployments run in",
        path: `/resourceGroups/${resourceGroupName}/providers/Microsoft.Network/virtualNetworks/${virtualNetworkName}?api-version=2024-05-01`,
        judge: (network) =>
            network !== undefined
                ? []
                : [
                      {
                          what: `cluster.api.private is true, and the network that deployments would have to run in is not there (${virtualNetworkName} in ${resourceGroupName}): from anywhere else a private API is out of reach, and this deployment would end half-way`,
                          mend: "deploy foundation/ and run deployments in its network (docs/clusters.md), or name another one in mainstay:network.runners, or set mainstay:cluster.api.private to false and your ranges in authorizedRanges",
                      },
                  ],
    };
}

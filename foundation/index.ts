import "../lean";
import { getClientConfig } from "@pulumi/azure-native/authorization/getClientConfig";
import { ResourceGroup } from "@pulumi/azure-native/resources/resourceGroup";
import { DeploymentIdentity } from "./deploymentIdentity";
import { RunnersNetwork } from "./runnersNetwork";
import { readSettings } from "./settings";
import { StateStorage } from "./stateStorage";

/** What has to be there before the first environment: where its state lies, where deployments run, and as whom. */
export = async () => {
    const { environment, runners, environments } = readSettings();
    const { subscriptionId, tenantId } = await getClientConfig();
    const site = { ...environment, subscriptionId, tenantId };

    const resourceGroupName = `${site.prefix}-foundation`;
    const group = new ResourceGroup("foundation", { resourceGroupName, location: site.location, tags: site.tags });
    const inGroup = { ...site, resourceGroupName: group.name };

    const network = new RunnersNetwork("runners", { ...inGroup, ...runners });
    const state = new StateStorage("state", { ...site, resourceGroupName, group });
    const identities = environments.map(
        ({ name, ...token }) =>
            [
                name,
                new DeploymentIdentity(`deploys-${name}`, { ...inGroup, ...token, environment: name, state, network }),
            ] as const,
    );

    return {
        backend: state.backend,
        secretsProvider: state.secretsProvider,
        runnersNetwork: network.virtualNetworkId,
        runnersSubnets: network.subnetIds,
        /** For the pipeline's sign-in: ARM_CLIENT_ID, or `client-id` of azure/login. */
        clientIds: Object.fromEntries(identities.map(([name, { clientId }]) => [name, clientId])),
    };
};

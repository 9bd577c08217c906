import "./lean";
import { AksCluster, aksNeeds } from "./components/cluster";
import { Network } from "./components/network";
import { preflight } from "./components/preflight";
import { readSettings } from "./settings";

/** The platform. A function, because nothing may be registered before the preflight has its answers. */
export = async () => {
    const { environment, ...settings } = readSettings();
    const site = { ...environment, ...(await preflight(aksNeeds(environment, settings.cluster))) };

    const network = new Network("network", {
        ...site,
        ...settings.network,
        clusterKind: settings.cluster.kind,
        privateApi: settings.cluster.api.private,
        authorizedRanges: settings.cluster.api.authorizedRanges,
    });
    const cluster = new AksCluster("cluster", { ...site, ...settings.network, ...settings.cluster, network });

    return {
        apiServer: cluster.endpoint,
        kubeconfig: cluster.kubeconfigForPeople,
    };
};

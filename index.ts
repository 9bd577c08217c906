import "./lean";
import { AksCluster, clusterNeeds, SelfManagedCluster } from "./components/cluster";
import { ControlPlane } from "./components/controlPlane";
import { Network } from "./components/network";
import { preflight } from "./components/preflight";
import { readSettings } from "./settings";

/** The platform. A function, because nothing may be registered before the preflight has its answers. */
export = async () => {
    const { environment, controlPlane, ...settings } = readSettings();
    const site = { ...environment, ...(await preflight(clusterNeeds(environment, settings, controlPlane))) };

    const network = new Network("network", {
        ...site,
        ...settings.network,
        clusterKind: settings.cluster.kind,
        privateApi: settings.cluster.api.private,
        authorizedRanges: settings.cluster.api.authorizedRanges,
    });
    const inNetwork = {
        ...site,
        ...settings.network,
        ...settings.cluster,
        network,
        adminGroups: settings.access.groups.administrators,
    };
    const cluster = controlPlane
        ? new SelfManagedCluster("cluster", {
              ...inNetwork,
              ...controlPlane,
              controlPlane: new ControlPlane("control-plane", { ...inNetwork, ...controlPlane }),
          })
        : new AksCluster("cluster", inNetwork);

    return {
        apiServer: cluster.endpoint,
        kubeconfig: cluster.kubeconfigForPeople,
    };
};

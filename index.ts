import "./lean";
import { Admission } from "./components/admission";
import { AksCluster, clusterNeeds, SelfManagedCluster } from "./components/cluster";
import { ControlPlane } from "./components/controlPlane";
import { GroupRbac } from "./components/groupRbac";
import { Network } from "./components/network";
import { NetworkPolicies } from "./components/networkPolicy";
import { PlatformNamespaces } from "./components/platform";
import { preflight } from "./components/preflight";
import { Tenants } from "./components/tenants";
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
    const inNetwork = { ...site, ...settings.network, ...settings.cluster, network };
    const cluster = controlPlane
        ? new SelfManagedCluster("cluster", {
              ...inNetwork,
              ...controlPlane,
              controlPlane: new ControlPlane("control-plane", { ...inNetwork, ...controlPlane }),
          })
        : new AksCluster("cluster", { ...inNetwork, adminGroups: settings.access.groups.administrators });

    const platform = new PlatformNamespaces("platform", { cluster });
    const tenants = new Tenants("tenants", { cluster, tenants: settings.tenants });
    new GroupRbac("access", { ...site, cluster, tenants, platform, groups: settings.access.groups });
    new NetworkPolicies("network-policies", { ...settings.network, cluster, tenants, platform });
    new Admission("admission", { cluster, registries: settings.images.registries });

    return {
        apiServer: cluster.endpoint,
        kubeconfig: cluster.kubeconfigForPeople,
    };
};

import "./lean";
import { AksCluster } from "./components/cluster";
import { Network } from "./components/network";
import { readSettings } from "./settings";

const settings = readSettings();
const { site } = settings;

const network = new Network("network", {
    ...site,
    ...settings.network,
    privateApi: settings.cluster.api.private,
});
const cluster = new AksCluster("cluster", { ...site, ...settings.network, ...settings.cluster, network });

export const apiServer = cluster.endpoint;
export const kubeconfig = cluster.kubeconfigForPeople;

import { globalName, type Site } from "../site";

/** Names that people look for in Azure; `machine` is also the node's name in Kubernetes. */
export function controlPlaneNames(site: Site) {
    const { prefix } = site;
    return {
        resourceGroup: `${prefix}-cluster`,
        machine: (number: number) => `${prefix}-cp-${number}`,
        etcdDisk: (number: number) => `${prefix}-cp-${number}-etcd`,
        identity: `${prefix}-control-plane`,
        workerIdentity: `${prefix}-worker`,
        secretsVault: globalName(site, "secrets"),
        joinVault: globalName(site, "join"),
        issuerAccount: globalName(site, "issuer"),
        stateAccount: globalName(site, "state"),
        snapshotAccount: globalName(site, "etcd"),
        logs: `${prefix}-logs`,
    };
}

import { type Environment, globalName, type Site } from "../site";

/** Group of everything that is the control plane's. */
export function controlPlaneGroup({ prefix }: Pick<Environment, "prefix">): string {
    return `${prefix}-cluster`;
}

/** Name of a machine in Azure, and of its node in Kubernetes. */
export function machineName({ prefix }: Pick<Environment, "prefix">, number: number): string {
    return `${prefix}-cp-${number}`;
}

/** Names that people look for in Azure. */
export function controlPlaneNames(site: Site) {
    const { prefix } = site;
    return {
        resourceGroup: controlPlaneGroup(site),
        machine: (number: number) => machineName(site, number),
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

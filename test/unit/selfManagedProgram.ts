import { SelfManagedCluster, type SelfManagedClusterArgs } from "../../components/cluster";
import { ControlPlane, type ControlPlaneArgs } from "../../components/controlPlane";
import { Network } from "../../components/network";
import { record, subscription } from "./recordedProgram";

export const site = {
    prefix: "mainstay-prod",
    location: "westeurope",
    zones: ["1", "2", "3"],
    tags: { owner: "platform" },
    ...subscription,
};

type ClusterArgs = Omit<SelfManagedClusterArgs, "network" | "controlPlane">;

export const pool = {
    name: "general",
    size: "Standard_D8ds_v5",
    minNodesPerZone: 1,
    maxNodesPerZone: 5,
    osDiskGiB: 64,
    maxPods: 110,
    labels: {},
    taints: [],
    spot: false,
};

export const clusterArgs: ClusterArgs = {
    ...site,
    kubernetesVersion: "1.34",
    adminGroups: ["5f2a1c8e-9b7d-4e36-8a10-6d3f0c4b2e91"],
    podCidr: "10.244.0.0/16",
    dnsServiceIP: "10.96.0.10",
    systemPool: { size: "Standard_D4ds_v5", minNodes: 3, maxNodes: 6, osDiskGiB: 64, maxPods: 110 },
    userPools: [pool],
    upgrades: { maxSurge: "33%", drainTimeoutMinutes: 30, nodeSoakMinutes: 5 },
    maintenance: {
        utcOffset: "+01:00",
        cluster: { day: "Saturday", start: "01:00", hours: 6 },
        nodeImage: { day: "Sunday", start: "02:00", hours: 5 },
    },
    signIn: { clientId: "44444444-4444-4444-8444-444444444444" },
};

const controlPlaneArgs: Omit<ControlPlaneArgs, keyof ClusterArgs | "network"> = {
    api: { private: true, authorizedRanges: [] },
    serviceCidr: "10.96.0.0/16",
    machines: 3,
    size: "Standard_D4ds_v5",
    etcdDisk: { sizeGiB: 32, iops: 3000, mebibytesPerSecond: 125 },
    generations: {},
    certificates: { authorities: [1], administrator: 1, encryptionKeys: [1] },
    snapshots: { retentionDays: 30 },
    auditLogs: { retentionDays: 90 },
};

/** A whole self-managed cluster with its control plane and network, recorded. Built once as it usually is. */
export function selfManaged(more?: Partial<ClusterArgs>) {
    return more ? make(more) : (usual ??= make({}));
}

let usual: ReturnType<typeof make> | undefined;

function make(more: Partial<ClusterArgs>) {
    const all = { ...clusterArgs, ...controlPlaneArgs, ...more };
    return record(() => {
        const network = new Network("network", { ...all, clusterKind: "selfManaged", addressSpace: "10.64.0.0/16" });
        const controlPlane = new ControlPlane("control-plane", { ...all, network });
        return new SelfManagedCluster("cluster", { ...all, network, controlPlane });
    });
}

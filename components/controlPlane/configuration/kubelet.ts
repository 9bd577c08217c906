import type { ClusterPlan, WorkerPool } from "./plan";
import { newestTls } from "./tls";

/**
 * Every kubelet's configuration, as kubeadm keeps it in the cluster; what a pool has of its own is a patch on it.
 * docs/control-plane.md says why of each.
 */
export function kubeletConfiguration({ dnsServiceIP }: ClusterPlan): object {
    return {
        apiVersion: "kubelet.config.k8s.io/v1beta1",
        kind: "KubeletConfiguration",

        // Who may ask it what
        authentication: { anonymous: { enabled: false }, webhook: { enabled: true } },
        authorization: { mode: "Webhook" },
        readOnlyPort: 0,
        serverTLSBootstrap: true,
        rotateCertificates: true,
        tlsMinVersion: newestTls,

        // What pods may do to their node
        protectKernelDefaults: true,
        seccompDefault: true,
        podPidsLimit: 4096,
        maxPods: 110,
        cgroupDriver: "systemd",
        clusterDNS: [dnsServiceIP],
        kubeReserved: { cpu: "200m", memory: "1Gi", "ephemeral-storage": "1Gi" },
        systemReserved: { cpu: "100m", memory: "256Mi", "ephemeral-storage": "1Gi" },
        // All of them: those that are left out count as zero.
        evictionHard: {
            "memory.available": "200Mi",
            "nodefs.available": "10%",
            "nodefs.inodesFree": "5%",
            "imagefs.available": "15%",
            "imagefs.inodesFree": "5%",
            "pid.available": "5%",
        },

        imageGCHighThresholdPercent: 80,
        imageGCLowThresholdPercent: 70,
        imageMaximumGCAge: "336h",
        serializeImagePulls: false,
        maxParallelImagePulls: 5,
        containerLogMaxSize: "50Mi",
        containerLogMaxFiles: 5,

        // The last 30 s are for critical pods; the API server takes 15 of them to leave the balancer.
        shutdownGracePeriod: "90s",
        shutdownGracePeriodCriticalPods: "30s",
    };
}

/** What a pool's kubelets have of their own; kubeadm merges it at the join. */
export function kubeletPatch({ maxPods, cores = 4, memoryGiB }: WorkerPool): object {
    return {
        maxPods,
        kubeReserved: { cpu: `${reservedMillicores(cores)}m`, memory: `${reservedMebibytes(maxPods, memoryGiB)}Mi` },
    };
}

/** AKS's figures: 20 MiB a pod and 50 for the kubelet itself, at the most a quarter of the machine. */
export function reservedMebibytes(maxPods: number, memoryGiB = Infinity): number {
    return Math.min(20 * maxPods + 50, memoryGiB * 256);
}

/** AKS's figures, by the number of cores up to which each holds. */
const RESERVED_MILLICORES: [cores: number, millicores: number][] = [
    [1, 60],
    [2, 100],
    [4, 140],
    [8, 180],
    [16, 260],
    [32, 420],
];

export function reservedMillicores(cores: number): number {
    return RESERVED_MILLICORES.find(([upTo]) => cores <= upTo)?.[1] ?? 740;
}

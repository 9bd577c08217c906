import { apiServerFlags, apiServerVolumes } from "./apiServer";
import { controllerManagerFlags, schedulerFlags } from "./controllers";
import { etcdFlags } from "./etcd";
import { extraArgs } from "./flags";
import { imageCredentialFlags } from "./imageCredentials";
import { bundleFolder, discoveryFile } from "./paths";
import type { ClusterPlan, Machine, WorkerPool } from "./plan";

const apiVersion = "kubeadm.k8s.io/v1beta4";

/** Cilium takes kube-proxy's place, and CoreDNS is the program's own, spread over zones. */
const SKIPPED = ["addon/kube-proxy", "addon/coredns"];

export const patchesFolder = "kubernetes/patches";

/** What only the first machine does. */
export function initConfiguration(plan: ClusterPlan, machine: Machine): object {
    return {
        apiVersion,
        kind: "InitConfiguration",
        localAPIEndpoint: localEndpoint(plan, machine),
        nodeRegistration: machineRegistration(plan, machine),
        skipPhases: SKIPPED,
    };
}

/**
 * What all machines share. kubeadm keeps it in the cluster and machines that join read it from there, so nothing of any
 * one machine may be in it: whichever came first would decide for the others.
 */
export function clusterConfiguration(plan: ClusterPlan): object {
    return {
        apiVersion,
        kind: "ClusterConfiguration",
        clusterName: plan.cluster,
        kubernetesVersion: plan.kubernetesVersion,
        controlPlaneEndpoint: `${plan.apiName}:${plan.apiPort}`,
        // The authorities' keys are of the same kind.
        encryptionAlgorithm: "ECDSA-P256",
        networking: { podSubnet: plan.podCidr, serviceSubnet: plan.serviceCidr, dnsDomain: "cluster.local" },
        apiServer: {
            // kubeadm adds the machine's own name and address, and the Service's.
            certSANs: [
                plan.apiName,
                plan.apiAddress,
                ...(plan.publicName ? [plan.publicName] : []),
                "localhost",
                "127.0.0.1",
            ],
            extraArgs: extraArgs(apiServerFlags(plan)),
            extraVolumes: apiServerVolumes,
        },
        controllerManager: { extraArgs: extraArgs(controllerManagerFlags) },
        scheduler: { extraArgs: extraArgs(schedulerFlags) },
        etcd: { local: { dataDir: "/var/lib/etcd", extraArgs: extraArgs(etcdFlags) } },
        // Skipped phases are forgotten by an upgrade; this is not.
        dns: { disabled: true },
        proxy: { disabled: true },
    };
}

/** A machine of the control plane joins the others. */
export function machineJoinConfiguration(plan: ClusterPlan, machine: Machine): object {
    return {
        ...joinConfiguration,
        nodeRegistration: machineRegistration(plan, machine),
        controlPlane: { localAPIEndpoint: localEndpoint(plan, machine) },
    };
}

/** A worker joins; one file for the whole pool, so the node's name is the machine's own. */
export function workerJoinConfiguration(pool: WorkerPool): object {
    const labels = Object.entries({ ...pool.labels, agentpool: pool.name });
    return {
        ...joinConfiguration,
        nodeRegistration: {
            ...registration,
            taints: pool.taints.map(parseTaint),
            kubeletExtraArgs: extraArgs({
                "cloud-provider": "external",
                "node-labels": labels.map(([key, value]) => `${key}=${value}`),
                ...imageCredentialFlags(pool.registry),
            }),
        },
        patches: { directory: `${bundleFolder}/${patchesFolder}` },
    };
}

const registration = { criSocket: "unix:///run/containerd/containerd.sock", imagePullSerial: false };

/** By file: who has no credential is told nothing, so a token alone could not find the authority. */
const joinConfiguration = {
    apiVersion,
    kind: "JoinConfiguration",
    discovery: { file: { kubeConfigPath: discoveryFile } },
};

function localEndpoint({ apiPort }: ClusterPlan, { address }: Machine): object {
    return { advertiseAddress: address, bindPort: apiPort };
}

/** Taints are left to kubeadm, which keeps workloads off the control plane. */
function machineRegistration({ registry, resourceGroupName }: ClusterPlan, { name, address }: Machine): object {
    return {
        name,
        ...registration,
        kubeletExtraArgs: extraArgs({
            // Zone, addresses and instance type come from the cloud controller manager; until it runs the node has this one.
            "cloud-provider": "external",
            "node-ip": address,
            // Without it that controller would not find the machine, and take away the node of one that is not ready.
            ...(resourceGroupName ? { "node-labels": `kubernetes.azure.com/resource-group=${resourceGroupName}` } : {}),
            ...imageCredentialFlags(registry),
        }),
    };
}

/** `key=value:effect`, or `key:effect`. */
function parseTaint(taint: string): object {
    const [, key, value, effect] = /^([^=:]+)(?:=([^:]*))?:(NoSchedule|PreferNoSchedule|NoExecute)$/.exec(taint) ?? [];
    if (!key)
        throw new Error(`the taint ${taint} is not of the form key=value:NoSchedule, PreferNoSchedule or NoExecute`);
    return { key, ...(value ? { value } : {}), effect };
}

import { Release } from "@pulumi/kubernetes/helm/v3/release";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1/podDisruptionBudget";
import type * as pulumi from "@pulumi/pulumi";

/** A chart as its owner publishes it. */
export interface Chart {
    chart: string;
    version: string;
    repository: string;
}

/**
 * What the cluster is made of beside Kubernetes, pinned. Where their values were read: the contracts of the same versions
 * for those that have one (docs/simulated-azure.md), else values.yaml of the owner's repository at that version.
 */
export const charts = {
    cilium: { chart: "cilium", version: "1.20.1", repository: "https://helm.cilium.io" },
    cloudProvider: {
        chart: "cloud-provider-azure",
        version: "1.36.0",
        repository: "https://raw.githubusercontent.com/kubernetes-sigs/cloud-provider-azure/master/helm/repo",
    },
    disks: {
        chart: "azuredisk-csi-driver",
        version: "1.34.5",
        repository: "https://raw.githubusercontent.com/kubernetes-sigs/azuredisk-csi-driver/master/charts",
    },
    keyVault: {
        chart: "csi-secrets-store-provider-azure",
        version: "1.8.2",
        repository: "https://azure.github.io/secrets-store-csi-driver-provider-azure/charts",
    },
    metrics: {
        chart: "metrics-server",
        version: "3.13.1",
        repository: "https://kubernetes-sigs.github.io/metrics-server",
    },
    autoscaler: {
        chart: "cluster-autoscaler",
        version: "9.59.0",
        repository: "https://kubernetes.github.io/autoscaler",
    },
    workloadIdentity: {
        chart: "workload-identity-webhook",
        version: "1.6.0",
        repository: "https://azure.github.io/azure-workload-identity/charts",
    },
    servingCertificates: {
        chart: "kubelet-csr-approver",
        version: "1.2.14",
        repository: "https://postfinance.github.io/kubelet-csr-approver",
    },
    reboots: { chart: "kured", version: "6.1.0", repository: "https://kubereboot.github.io/charts" },
} as const satisfies Record<string, Chart>;

/** The namespace of all of them but those that want one of their own. */
export const NAMESPACE = "kube-system";

/** Longer than a first node takes to come up and to pull images. */
const TIMEOUT_SECONDS = 900;

/** A chart of the cluster's own, named as the chart is; unless told otherwise, it is done when what it makes is ready. */
export function createRelease(
    name: string,
    { chart, version, repository }: Chart,
    values: pulumi.Inputs,
    opts: pulumi.CustomResourceOptions,
    { namespace = NAMESPACE, skipAwait = false }: { namespace?: string; skipAwait?: boolean } = {},
): Release {
    return new Release(
        `${name}-${chart}`,
        {
            name: chart,
            chart,
            version,
            repositoryOpts: { repo: repository },
            namespace,
            createNamespace: namespace !== NAMESPACE,
            timeout: TIMEOUT_SECONDS,
            skipAwait,
            // What was cut off half-way is upgraded over, and not found “already exists”.
            cleanupOnFail: true,
            values,
        },
        opts,
    );
}

/** Lets go of one pod at a time: for charts that have no budget of their own. */
export function createBudget(
    name: string,
    part: string,
    matchLabels: Record<string, string>,
    opts: pulumi.CustomResourceOptions,
): PodDisruptionBudget {
    return new PodDisruptionBudget(
        `${name}-${part}-budget`,
        {
            metadata: { name: part, namespace: NAMESPACE },
            spec: { ...oneAtATime, selector: { matchLabels } },
        },
        opts,
    );
}

/** A budget that never stands in the way of a drain for good. */
export const oneAtATime = { maxUnavailable: 1, unhealthyPodEvictionPolicy: "AlwaysAllow" };

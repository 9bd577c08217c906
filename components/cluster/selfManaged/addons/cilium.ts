import type { Release } from "@pulumi/kubernetes/helm/v3/release";
import type * as pulumi from "@pulumi/pulumi";
import { charts, createRelease } from "./charts";
import { onControlPlane, onSystemPool, overZones, overZonesIfKnown } from "./placement";

const VXLAN_PORT = 8472;

/**
 * Cilium: the pods' network as an overlay, Services without kube-proxy, network policies, Hubble.
 *
 * The first of all: until it runs, no pod reaches a Service, the API server's included. So its agents ask the API by its
 * name outside the cluster, and its operators run on the control plane.
 *
 * Nobody waits for all of it to be ready: Hubble's relay needs nodes that the cloud's part has seen, which needs this
 * network, and certificates that a hook makes when everything else is there. What comes next cannot be ready without it.
 */
export function createCilium(
    name: string,
    { apiName, apiPort }: { apiName: string; apiPort: number },
    opts: pulumi.CustomResourceOptions,
): Release {
    return createRelease(
        name,
        charts.cilium,
        {
            kubeProxyReplacement: "true",
            k8sServiceHost: apiName,
            k8sServicePort: apiPort,
            // Ranges of nodes come from the controller manager, as kubeadm sets it up.
            ipam: { mode: "kubernetes" },
            k8s: { requireIPv4PodCIDR: true },
            routingMode: "tunnel",
            tunnelProtocol: "vxlan",
            tunnelPort: VXLAN_PORT,
            bpf: { masquerade: true },
            // A changed setting reaches the pods that read it.
            rollOutCiliumPods: true,
            prometheus: { enabled: true },
            operator: {
                replicas: 2,
                rollOutPods: true,
                ...onControlPlane,
                topologySpreadConstraints: overZonesIfKnown({ "io.cilium/app": "operator" }),
                podDisruptionBudget: { enabled: true, maxUnavailable: 1 },
                prometheus: { enabled: true },
            },
            hubble: {
                enabled: true,
                metrics: { enabled: ["dns", "drop", "tcp", "flow", "icmp", "port-distribution"] },
                // Helm would renew certificates only when somebody upgrades the release.
                tls: { auto: { enabled: true, method: "cronJob" } },
                relay: {
                    enabled: true,
                    replicas: 2,
                    rollOutPods: true,
                    ...onSystemPool,
                    topologySpreadConstraints: overZones({ "k8s-app": "hubble-relay" }),
                    podDisruptionBudget: { enabled: true, maxUnavailable: 1 },
                },
            },
            certgen: { tolerations: onControlPlane.tolerations },
        },
        opts,
        { skipAwait: true },
    );
}

import type { Flags } from "./flags";
import { signingCertificate } from "./paths";
import { newestTls } from "./tls";

// Both listen on all addresses so that Prometheus reaches their metrics, which want a token and a role; the health paths
// are open, and the security rules let no more than Prometheus' nodes in. An address of the machine's own would not do:
// kubeadm keeps one configuration for all machines.

/** Ports 10257. Beyond what kubeadm sets. */
export const controllerManagerFlags: Flags = {
    "bind-address": "0.0.0.0",
    "tls-min-version": newestTls,
    "cluster-signing-cert-file": signingCertificate,
    // Kubelets renew theirs when four fifths are over; a node that was off for three months has to join again.
    "cluster-signing-duration": "2160h",
    "node-cidr-mask-size": 24,
    // Cilium's overlay carries the pods' packets; the cloud controller manager, not this one, knows Azure.
    "configure-cloud-routes": false,
    "terminated-pod-gc-threshold": 1000,
    profiling: false,
};

/** Port 10259. Beyond what kubeadm sets. */
export const schedulerFlags: Flags = {
    "bind-address": "0.0.0.0",
    "tls-min-version": newestTls,
    profiling: false,
};

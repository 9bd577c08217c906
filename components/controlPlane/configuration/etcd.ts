import type { Flags } from "./flags";

/** Beyond what kubeadm sets. The API server compacts every five minutes, so etcd need not. */
export const etcdFlags: Flags = {
    // Plain HTTP and no secrets: the security rules let Prometheus' nodes in. kubeadm's probes ask here too.
    "listen-metrics-urls": "http://0.0.0.0:2381",
    // etcd's own advice for the most; the default of 2 GiB stops all writes of a busy cluster.
    "quota-backend-bytes": 8 * 1024 ** 3,
    // etcd's defaults, said on purpose: zones are some 2 ms apart, and longer ones would leave a cluster longer without
    // a leader when its machine dies.
    "heartbeat-interval": 100,
    "election-timeout": 1000,
    "tls-min-version": "TLS1.3",
};

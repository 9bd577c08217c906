import type { Release } from "@pulumi/kubernetes/helm/v3/release";
import type * as pulumi from "@pulumi/pulumi";
import { charts, createRelease, oneAtATime } from "./charts";
import { onSystemPool, overZones } from "./placement";

/** The cluster's own authority signs kubelets' serving certificates, and every pod has it. */
const AUTHORITY = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt";

/** Use of nodes and pods, for the autoscaling of pods. Both ends of it are verified. */
export function createMetricsServer(name: string, opts: pulumi.CustomResourceOptions): Release {
    return createRelease(
        name,
        charts.metrics,
        {
            replicas: 2,
            args: [`--kubelet-certificate-authority=${AUTHORITY}`],
            apiService: { insecureSkipTLSVerify: false },
            // The chart keeps the certificate that it made once, for as long as the release is there.
            tls: { type: "helm", helm: { lookup: true, certDurationDays: 3650 } },
            podDisruptionBudget: { enabled: true, ...oneAtATime },
            ...onSystemPool,
            topologySpreadConstraints: overZones({ "app.kubernetes.io/name": "metrics-server" }),
        },
        opts,
    );
}

import type { Release } from "@pulumi/kubernetes/helm/v3/release";
import type * as pulumi from "@pulumi/pulumi";
import type { Site } from "../../../site";
import { computerNamePrefix, type WorkerPool } from "../workers";
import { charts, createBudget, createRelease } from "./charts";
import { apartFrom, onControlPlane } from "./placement";

const LABELS = { "app.kubernetes.io/name": "kubelet-csr-approver" };

/**
 * Approves kubelets' serving certificates, for real nodes only: the name is one of ours, the address is in a nodes' subnet,
 * and Azure's DNS, which knows every machine by its host name, says that they belong together.
 */
export function createServingCertificates(
    name: string,
    site: Site,
    { pools, machines, nodeSubnets }: { pools: WorkerPool[]; machines: string[]; nodeSubnets: string[] },
    opts: pulumi.CustomResourceOptions,
): Release {
    const release = createRelease(
        name,
        charts.servingCertificates,
        {
            replicas: 2,
            providerRegex: nodeNames(site, pools, machines),
            providerIpPrefixes: nodeSubnets,
            allowedDnsNames: 1,
            bypassDnsResolution: false,
            // The node's own DNS, which is Azure's: host names are not in the cluster's.
            dnsPolicy: "Default",
            priorityClassName: "system-cluster-critical",
            // Before there is a worker: without it no kubelet's logs can be read.
            ...onControlPlane,
            affinity: apartFrom(LABELS),
        },
        opts,
    );
    createBudget(name, "kubelet-csr-approver", LABELS, opts);
    return release;
}

/** The names that nodes can have, and no others. */
export function nodeNames(site: Pick<Site, "prefix">, pools: Pick<WorkerPool, "name">[], machines: string[]): string {
    const workers = pools.map((pool) => `${computerNamePrefix(site, pool)}[0-9a-z]{6}`);
    return `^(${[...machines, ...workers].join("|")})$`;
}

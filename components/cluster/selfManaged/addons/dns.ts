import { Deployment } from "@pulumi/kubernetes/apps/v1/deployment";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap";
import { Service } from "@pulumi/kubernetes/core/v1/service";
import { ServiceAccount } from "@pulumi/kubernetes/core/v1/serviceAccount";
import { ClusterRole } from "@pulumi/kubernetes/rbac/v1/clusterRole";
import { ClusterRoleBinding } from "@pulumi/kubernetes/rbac/v1/clusterRoleBinding";
import * as pulumi from "@pulumi/pulumi";
import type { KubernetesMinor } from "../../../controlPlane";
import type { Site } from "../../../site";
import { createBudget, NAMESPACE } from "./charts";
import { onSystemPool, overZones } from "./placement";

/** As kubeadm of that minor version would have it. */
const VERSIONS: Record<KubernetesMinor, string> = { "1.34": "v1.12.1", "1.35": "v1.13.1" };

/** Others look for it by this label and by this name. */
const LABELS = { "k8s-app": "kube-dns" };
const SERVICE = "kube-dns";
const ACCOUNT = "coredns";

const corefile = `.:53 {
    errors
    health {
        lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
        ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
        max_concurrent 1000
    }
    cache 30 {
        disable success cluster.local
        disable denial cluster.local
    }
    loop
    reload
    loadbalance
}
`;

/** The cluster's DNS: CoreDNS, in every zone, so that a lost zone is no lost name. */
export function createDns(
    name: string,
    { zones }: Pick<Site, "zones">,
    { kubernetesVersion, dnsServiceIP }: { kubernetesVersion: KubernetesMinor; dnsServiceIP: string },
    opts: pulumi.CustomResourceOptions,
): void {
    const metadata = { name: ACCOUNT, namespace: NAMESPACE, labels: LABELS };
    const account = new ServiceAccount(`${name}-dns`, { metadata }, opts);
    const role = new ClusterRole(
        `${name}-dns-role`,
        {
            metadata: { name: "mainstay:coredns" },
            rules: [
                { apiGroups: [""], resources: ["services", "pods", "namespaces"], verbs: ["list", "watch"] },
                { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
            ],
        },
        opts,
    );
    const binding = new ClusterRoleBinding(
        `${name}-dns-binding`,
        {
            metadata: { name: "mainstay:coredns" },
            roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role.metadata.name },
            subjects: [{ kind: "ServiceAccount", name: ACCOUNT, namespace: NAMESPACE }],
        },
        opts,
    );
    const config = new ConfigMap(`${name}-dns-config`, { metadata, data: { Corefile: corefile } }, opts);

    new Service(
        `${name}-dns-service`,
        {
            metadata: {
                name: SERVICE,
                namespace: NAMESPACE,
                labels: { ...LABELS, "kubernetes.io/cluster-service": "true", "kubernetes.io/name": "CoreDNS" },
                annotations: { "prometheus.io/port": "9153", "prometheus.io/scrape": "true" },
            },
            spec: {
                selector: LABELS,
                clusterIP: dnsServiceIP,
                ports: [
                    { name: "dns", port: 53, targetPort: "dns", protocol: "UDP" },
                    { name: "dns-tcp", port: 53, targetPort: "dns-tcp", protocol: "TCP" },
                    { name: "metrics", port: 9153, targetPort: "metrics", protocol: "TCP" },
                ],
            },
        },
        opts,
    );
    new Deployment(
        `${name}-dns-deployment`,
        {
            metadata,
            spec: {
                replicas: Math.max(2, zones.length),
                strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 1 } },
                selector: { matchLabels: LABELS },
                template: {
                    metadata: { labels: LABELS },
                    spec: {
                        serviceAccountName: ACCOUNT,
                        priorityClassName: "system-cluster-critical",
                        ...onSystemPool,
                        topologySpreadConstraints: overZones(LABELS),
                        // The node's own, which the pods of the cluster's DNS cannot have from themselves.
                        dnsPolicy: "Default",
                        securityContext: { seccompProfile: { type: "RuntimeDefault" } },
                        containers: [
                            {
                                name: "coredns",
                                image: `registry.k8s.io/coredns/coredns:${VERSIONS[kubernetesVersion]}`,
                                imagePullPolicy: "IfNotPresent",
                                args: ["-conf", "/etc/coredns/Corefile"],
                                ports: [
                                    { name: "dns", containerPort: 53, protocol: "UDP" },
                                    { name: "dns-tcp", containerPort: 53, protocol: "TCP" },
                                    { name: "metrics", containerPort: 9153, protocol: "TCP" },
                                ],
                                resources: {
                                    requests: { cpu: "100m", memory: "70Mi" },
                                    limits: { memory: "170Mi" },
                                },
                                livenessProbe: {
                                    httpGet: { path: "/health", port: 8080 },
                                    initialDelaySeconds: 60,
                                    timeoutSeconds: 5,
                                    failureThreshold: 5,
                                },
                                readinessProbe: { httpGet: { path: "/ready", port: 8181 } },
                                securityContext: {
                                    allowPrivilegeEscalation: false,
                                    readOnlyRootFilesystem: true,
                                    capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] },
                                },
                                volumeMounts: [{ name: "config", mountPath: "/etc/coredns", readOnly: true }],
                            },
                        ],
                        volumes: [
                            {
                                name: "config",
                                configMap: { name: ACCOUNT, items: [{ key: "Corefile", path: "Corefile" }] },
                            },
                        ],
                    },
                },
            },
        },
        pulumi.mergeOptions(opts, { dependsOn: [account, binding, config] }),
    );
    createBudget(name, "coredns", LABELS, opts);
}

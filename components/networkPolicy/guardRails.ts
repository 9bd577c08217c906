import type { CiliumClusterwideNetworkPolicyObject, LabelSelector } from "./policy";
import { METADATA_SERVICE, WIRE_SERVER } from "./ranges";

const NAMESPACE = "k8s:io.kubernetes.pod.namespace";

/** The cluster's own namespace: its DNS asks WireServer, and parts of it ask for the machine's identity. */
const CLUSTER_NAMESPACE = "kube-system";

/**
 * What holds for every pod of the cluster, whoever makes its namespace, and whatever a policy in there says.
 *
 * @param systemNamespaces - those of the cluster's own parts, which would stop with it
 */
export function guardRails(systemNamespaces: readonly string[]): CiliumClusterwideNetworkPolicyObject[] {
    return [
        guardRail("mainstay-default-deny", {
            description: "A pod talks to nobody but to whom a policy of its namespace names",
            endpointSelector: podsOutside(systemNamespaces),
            ingress: [{}],
            egress: [{}],
        }),
        guardRail("mainstay-no-machine-identity", {
            description:
                "No pod asks the metadata service for its machine's identity, nor WireServer for what the machine was set up with",
            endpointSelector: podsOutside([CLUSTER_NAMESPACE]),
            // It takes away, and gives no more than that.
            enableDefaultDeny: { ingress: false, egress: false },
            egressDeny: [{ toCIDR: [`${METADATA_SERVICE}/32`, `${WIRE_SERVER}/32`] }],
        }),
    ];
}

function guardRail(
    name: string,
    spec: CiliumClusterwideNetworkPolicyObject["spec"],
): CiliumClusterwideNetworkPolicyObject {
    return { apiVersion: "cilium.io/v2", kind: "CiliumClusterwideNetworkPolicy", metadata: { name }, spec };
}

function podsOutside(namespaces: readonly string[]): LabelSelector {
    return {
        matchExpressions: [
            // Cilium's own health checks are endpoints as well, of no namespace: they have to go on.
            { key: NAMESPACE, operator: "Exists" },
            { key: NAMESPACE, operator: "NotIn", values: [...namespaces] },
        ],
    };
}

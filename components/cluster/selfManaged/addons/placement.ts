import { MODE_LABEL } from "../workers";

const CONTROL_PLANE = "node-role.kubernetes.io/control-plane";

/** Nodes carry it until the cloud node manager has seen them. */
const UNINITIALIZED = "node.cloudprovider.kubernetes.io/uninitialized";

/** Where the cluster's own pods run. */
export const onSystemPool = {
    nodeSelector: { "kubernetes.io/os": "linux", [MODE_LABEL]: "system" },
    tolerations: [{ key: "CriticalAddonsOnly", operator: "Exists" }],
};

/** Where those run that a cluster needs before it has a worker: on its machines, ready or not. */
export const onControlPlane = {
    nodeSelector: { "kubernetes.io/os": "linux", [CONTROL_PLANE]: "" },
    tolerations: [
        { key: CONTROL_PLANE, operator: "Exists", effect: "NoSchedule" },
        { key: UNINITIALIZED, operator: "Exists", effect: "NoSchedule" },
        { key: "node.kubernetes.io/not-ready", operator: "Exists" },
        { key: "node.cilium.io/agent-not-ready", operator: "Exists" },
    ],
};

/** On every node, whatever its taints. */
export const everywhere = { tolerations: [{ operator: "Exists" }] };

/** No zone with two of them while another has none. A zone whose nodes are lost does not count. */
export function overZones(
    matchLabels: Record<string, string>,
    whenUnsatisfiable: "DoNotSchedule" | "ScheduleAnyway" = "DoNotSchedule",
) {
    return [
        {
            maxSkew: 1,
            topologyKey: "topology.kubernetes.io/zone",
            whenUnsatisfiable,
            nodeTaintsPolicy: "Honor",
            labelSelector: { matchLabels },
            // A rollout places its own pods, whatever the old ones leave.
            matchLabelKeys: ["pod-template-hash"],
        },
    ];
}

/** The same as far as it goes, for pods that come before nodes are known to be in a zone. */
export function overZonesIfKnown(matchLabels: Record<string, string>) {
    return overZones(matchLabels, "ScheduleAnyway");
}

/** The same as far as it goes, for charts that know no topology spread: rather another zone, and rather another node. */
export function apartFrom(matchLabels: Record<string, string>) {
    const labelSelector = { matchLabels };
    return {
        podAntiAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
                { weight: 100, podAffinityTerm: { topologyKey: "topology.kubernetes.io/zone", labelSelector } },
                { weight: 50, podAffinityTerm: { topologyKey: "kubernetes.io/hostname", labelSelector } },
            ],
        },
    };
}

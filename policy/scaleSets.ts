import { checklist } from "./checklist";
import { shown } from "./finding";
import type { Judged, Tagged } from "./kinds";
import { AUTOSCALED_TAG, isWorkers, tagOf } from "./machines";
import { minimumZones } from "./minimumZones";
import { refers } from "./reading";
import { resourceRule, stackRule, type Judge } from "./rule";

const SCALE_SET = "azure-native:compute:VirtualMachineScaleSet";

type ScaleSet = Judged<typeof SCALE_SET>;

/** Scale sets of nodes alone; others are left out of the evidence. */
function onlyWorkers({ props }: ScaleSet, judge: Pick<Judge, "notConcerned">): void {
    if (!isWorkers(props)) judge.notConcerned("It is no scale set of a cluster's nodes");
}

const LABEL_TAG = "k8s.io_cluster-autoscaler_node-template_label_";
const TAINT_TAG = "k8s.io_cluster-autoscaler_node-template_taint_";

/** Nodes for the cluster's own pods: by the label that AKS's have as well, in the tag by which the autoscaler knows it. */
function isSystem({ tags }: Tagged): boolean {
    return tagOf(tags, `${LABEL_TAG}kubernetes.azure.com_mode`) === "system";
}

export const scaleSetsZonal = resourceRule({
    name: "scale-sets-zonal",
    item: checklist.zones,
    title: "A scale set of nodes stands in one zone",
    severity: "high",
    why: "In a scale set over several zones the autoscaler cannot add a node where a pod's disk is, and Azure may take one from any zone.",
    mend: 'Make a scale set for each zone: zones: ["1"], ["2"], ["3"].',
    kinds: [SCALE_SET],
    check(holder, judge) {
        onlyWorkers(holder, judge);
        const { zones } = holder.props;
        if (zones?.length === 1) return;
        judge.refuse({ at: "zones", given: shown(zones), allowed: "one zone" });
    },
});

export const scaleSetsCoverZones = stackRule({
    name: "scale-sets-cover-zones",
    item: checklist.zones,
    title: "A self-managed cluster's nodes stand in three zones, those for its own pods as well",
    severity: "high",
    why: "Applications, and the DNS that they all ask, can be spread over those zones only in which they find nodes.",
    mend: "Add a scale set in each zone that is missing.",
    config: minimumZones,
    kind: SCALE_SET,
    check(stack) {
        const { minimumZones } = stack.config<{ minimumZones: number }>();
        const workers = stack.all(SCALE_SET).filter(({ props }) => isWorkers(props));
        if (workers.length === 0) stack.notConcerned("It has no scale set of a cluster's nodes");
        const clusters = new Map<string, typeof workers>();
        for (const worker of workers) {
            const cluster = `${clusterOf(worker.props)} ${isSystem(worker.props) ? "system" : "user"}`;
            clusters.set(cluster, [...(clusters.get(cluster) ?? []), worker]);
        }
        for (const scaleSets of clusters.values()) {
            const zones = [...new Set(scaleSets.flatMap(({ props }) => [...(props.zones ?? [])]))].sort();
            if (zones.length >= minimumZones) continue;
            const [first] = scaleSets.sort((a, b) => (a.name < b.name ? -1 : 1));
            stack.refuse(first, {
                at: `zones of all scale sets of ${isSystem(first.props) ? "system" : "user"} nodes`,
                given: shown(zones),
                allowed: `at least ${minimumZones} zones`,
            });
        }
    },
});

function clusterOf({ tags }: Tagged): string {
    return tagOf(tags, "cluster-autoscaler-name") ?? "";
}

export const scaleSetsAutoscaled = resourceRule({
    name: "scale-sets-autoscaled",
    item: checklist.autoscaling,
    title: "Scale sets of nodes grow and shrink by themselves, between two limits",
    severity: "high",
    why: "A scale set of fixed size is too small in the peak and paid for in the night; equal limits are a fixed size.",
    mend: 'Tag it cluster-autoscaler-enabled: "true" with min below max, for the cluster autoscaler to find it.',
    kinds: [SCALE_SET],
    check(holder, judge) {
        onlyWorkers(holder, judge);
        const { tags } = holder.props;
        const enabled = tagOf(tags, AUTOSCALED_TAG);
        if (enabled !== "true") {
            judge.refuse({ at: `tags.${AUTOSCALED_TAG}`, given: shown(enabled), allowed: "true" });
            return;
        }
        const [least, most] = [tagOf(tags, "min"), tagOf(tags, "max")];
        const [min, max] = [Number(least), Number(most)];
        // What the cluster's own pods need does not vary: there a fixed size is one.
        if (least !== undefined && most !== undefined && (min < max || (isSystem(holder.props) && min === max))) return;
        judge.refuse({
            at: "tags.min and tags.max",
            given: `${shown(least)} and ${shown(most)}`,
            allowed: "both, the first below the second",
        });
    },
});

export const scaleSetsRepaired = resourceRule({
    name: "scale-sets-repaired",
    item: checklist.everyDeployment,
    title: "A node that is ill is replaced",
    severity: "high",
    why: "A machine whose kubelet has stopped is paid for and takes no pods until somebody notices.",
    mend: "Set automaticRepairsPolicy.enabled: true, with an application health extension or a probe to tell who is ill.",
    kinds: [SCALE_SET],
    check(holder, judge) {
        onlyWorkers(holder, judge);
        const { automaticRepairsPolicy, virtualMachineProfile } = holder.props;
        if (automaticRepairsPolicy?.enabled !== true) {
            judge.refuse({
                at: "automaticRepairsPolicy.enabled",
                given: shown(automaticRepairsPolicy?.enabled),
                allowed: "true",
            });
        }
        const extensions = virtualMachineProfile?.extensionProfile?.extensions ?? [];
        const isAsked =
            extensions.some(({ type }) => type?.startsWith("ApplicationHealth")) ||
            refers(virtualMachineProfile?.networkProfile, "healthProbe");
        if (isAsked) return;
        judge.refuse({
            at: "virtualMachineProfile.extensionProfile",
            given: "nothing that tells who is ill",
            allowed: "ApplicationHealthLinux, or networkProfile.healthProbe",
        });
    },
});

export const scaleSetsRolling = resourceRule({
    name: "scale-sets-rolling",
    item: checklist.everyDeployment,
    title: "A new version reaches nodes in batches, new machines first",
    severity: "high",
    why: "With automatic upgrades Azure takes all nodes at once, with manual ones nobody does it; without a surge pods lose the room to move to.",
    mend: 'Set upgradePolicy: { mode: "Rolling", rollingUpgradePolicy: { maxSurge: true, … } }.',
    kinds: [SCALE_SET],
    check(holder, judge) {
        onlyWorkers(holder, judge);
        const policy = holder.props.upgradePolicy;
        if (policy?.mode !== "Rolling") {
            judge.refuse({ at: "upgradePolicy.mode", given: shown(policy?.mode), allowed: "Rolling" });
        }
        const surge = policy?.rollingUpgradePolicy?.maxSurge;
        if (surge !== true) {
            judge.refuse({
                at: "upgradePolicy.rollingUpgradePolicy.maxSurge",
                given: shown(surge),
                allowed: "true",
            });
        }
    },
});

export const systemScaleSetsTainted = resourceRule({
    name: "system-scale-sets-tainted",
    item: checklist.placement,
    title: "Scale sets of system nodes take no applications",
    severity: "high",
    why: "An application that eats a system node's memory takes DNS and the network's agents with it, for the whole cluster.",
    mend: `Register its nodes with the taint CriticalAddonsOnly=true:NoSchedule, and tag it ${TAINT_TAG}CriticalAddonsOnly: "true:NoSchedule".`,
    kinds: [SCALE_SET],
    check(holder, judge) {
        if (!isWorkers(holder.props) || !isSystem(holder.props))
            judge.notConcerned("It is no scale set of system nodes");
        const given = tagOf(holder.props.tags, `${TAINT_TAG}CriticalAddonsOnly`);
        if (given !== undefined && /^true:No(Schedule|Execute)$/.test(given)) return;
        judge.refuse({
            at: `tags.${TAINT_TAG}CriticalAddonsOnly`,
            given: shown(given),
            allowed: "true:NoSchedule, or true:NoExecute",
        });
    },
});

import type { Judged } from "./kinds";
import { withPatches, type CronJob, type Pod, type PodMaker, type PodSpec, type PodTemplate } from "./kubernetesKinds";
import type { Judge } from "./rule";

/** A pod has many shapes: itself, and the templates of all that makes pods. Rules on pods judge them all. */
export const podKinds = withPatches([
    "kubernetes:apps/v1:DaemonSet",
    "kubernetes:apps/v1:Deployment",
    "kubernetes:apps/v1:ReplicaSet",
    "kubernetes:apps/v1:StatefulSet",
    "kubernetes:batch/v1:CronJob",
    "kubernetes:batch/v1:Job",
    "kubernetes:core/v1:Pod",
    "kubernetes:core/v1:PodTemplate",
    "kubernetes:core/v1:ReplicationController",
]);

export type PodHolder = Judged<(typeof podKinds)[number]>;

export function isPodHolder(resource: { kind: string }): resource is PodHolder {
    return (podKinds as string[]).includes(resource.kind);
}

/** What a pod is made of, with the path of its properties. What says nothing of pods is left out of the evidence. */
export function podOf(holder: PodHolder, judge: Pick<Judge, "notConcerned">): { pod: PodSpec; path: string } {
    const [pod, path] = specOf(holder);
    return pod ? { pod, path } : judge.notConcerned("It says nothing of pods");
}

function specOf({ kind, props }: PodHolder): [PodSpec | undefined, string] {
    switch (kind.replace(/^.*:|Patch$/g, "")) {
        case "Pod":
            return [(props as Pod).spec, "spec."];
        case "PodTemplate":
            return [(props as PodTemplate).template?.spec, "template.spec."];
        case "CronJob":
            return [(props as CronJob).spec?.jobTemplate?.spec?.template?.spec, "spec.jobTemplate.spec.template.spec."];
        default:
            return [(props as PodMaker).spec?.template?.spec, "spec.template.spec."];
    }
}

/** When an object counts as made: what users of pulumi-kubernetes wait for. */
import { at, isAnnotatedTrue, type KubernetesObject } from "../objects";
import type { Kind } from "../kinds";
import { waitFor } from "./custom";
import { ingress, service } from "./network";
import { persistentVolume, persistentVolumeClaim } from "./storage";
import { condition, notReady, ready, type Look, type Verdict } from "./verdict";
import { daemonSet, deployment, job, pod, replicationController, statefulSet } from "./workloads";

export type { Look, Verdict } from "./verdict";
export { podTrouble } from "./workloads";

type Judge = (object: KubernetesObject, look: Look) => Verdict | Promise<Verdict>;

const judges: Record<string, Judge> = {
    "apps/DaemonSet": daemonSet,
    "apps/Deployment": deployment,
    "apps/StatefulSet": statefulSet,
    "batch/Job": job,
    "networking.k8s.io/Ingress": ingress,
    "apiextensions.k8s.io/CustomResourceDefinition": customResourceDefinition,
    "/PersistentVolume": persistentVolume,
    "/PersistentVolumeClaim": persistentVolumeClaim,
    "/Pod": pod,
    "/ReplicationController": replicationController,
    "/ResourceQuota": resourceQuota,
    "/Secret": secret,
    "/Service": service,
};

/** Whether anything has to be waited for at all. */
export function isAwaited(kind: Kind, object: KubernetesObject): boolean {
    if (kind.patch || isAnnotatedTrue(object, "pulumi.com/skipAwait")) return false;
    return `${kind.group}/${kind.kind}` in judges || waitFor(object) !== undefined;
}

export async function judge(kind: Kind, object: KubernetesObject, look: Look): Promise<Verdict> {
    const custom = waitFor(object);
    if (custom) return custom;
    return judges[`${kind.group}/${kind.kind}`]?.(object, look) ?? ready;
}

function customResourceDefinition(object: KubernetesObject): Verdict {
    if (condition(object, "Established")?.status === "True") return ready;
    const names = condition(object, "NamesAccepted");
    return notReady(
        names?.status === "False" ? `its names are not accepted: ${names.message}` : "it is not established",
    );
}

function resourceQuota(object: KubernetesObject): Verdict {
    const hard = Object.keys(at(object, "spec", "hard") ?? {});
    const seen = at(object, "status", "hard") ?? {};
    return hard.every((name) => name in seen) ? ready : notReady("its controller has not taken it up");
}

/** A service account's token is filled in by a controller. */
function secret(object: KubernetesObject): Verdict {
    const waits = object.type === "kubernetes.io/service-account-token" && Object.keys(object.data ?? {}).length === 0;
    return waits ? notReady("its token has not been filled in") : ready;
}

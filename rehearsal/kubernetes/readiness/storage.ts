import { at, type KubernetesObject } from "../objects";
import { notReady, ready, type Look, type Verdict } from "./verdict";

export function persistentVolume(object: KubernetesObject): Verdict {
    const phase = at(object, "status", "phase");
    return phase === "Available" || phase === "Bound" ? ready : notReady(`its phase is ${phase ?? "unknown"}`);
}

/** A claim is bound; one whose class waits for the first consumer only has to be there, pending. */
export async function persistentVolumeClaim(object: KubernetesObject, look: Look): Promise<Verdict> {
    const phase = at(object, "status", "phase");
    if (phase === "Bound") return ready;
    const className = at(object, "spec", "storageClassName");
    if (!className) return notReady("it names no storage class, and there is no default one");
    const storageClass = await look.get(`/apis/storage.k8s.io/v1/storageclasses/${className}`);
    if (!storageClass) return notReady(`its storage class ${className} does not exist`);
    if (storageClass.volumeBindingMode === "WaitForFirstConsumer" && phase === "Pending") return ready;
    return notReady(`no volume is bound to it yet; its phase is ${phase ?? "unknown"}`);
}

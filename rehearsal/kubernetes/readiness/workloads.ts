import { at, type KubernetesObject } from "../objects";
import { condition, hopeless, isObserved, notReady, ready, type Verdict } from "./verdict";

/** Every replica is of the newest template and available, and no older one is left. */
export function deployment(object: KubernetesObject): Verdict {
    if (!isObserved(object)) return notReady("the controller has not seen it yet");
    const wanted = at(object, "spec", "replicas") ?? 1;
    const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = object.status ?? {};
    const progress = `${availableReplicas} of ${wanted} replicas are available, ${updatedReplicas} of the newest template`;
    const failure = condition(object, "ReplicaFailure") ?? condition(object, "Progressing");
    const reason = failure && (failure.type === "ReplicaFailure" || failure.status === "False") ? failure.message : "";
    if (updatedReplicas < wanted || availableReplicas < wanted || replicas > updatedReplicas)
        return notReady(reason ? `${progress}: ${reason}` : progress);
    return ready;
}

export function statefulSet(object: KubernetesObject): Verdict {
    if (!isObserved(object)) return notReady("the controller has not seen it yet");
    const wanted = at(object, "spec", "replicas") ?? 1;
    const strategy = at(object, "spec", "updateStrategy") ?? {};
    // Pods below the partition stay as they are; with OnDelete all do.
    const partition = at(strategy, "rollingUpdate", "partition") ?? 0;
    const wantedNew = strategy.type === "OnDelete" ? 0 : Math.max(0, wanted - partition);
    const { readyReplicas = 0, updatedReplicas = 0 } = object.status ?? {};
    if (readyReplicas < wanted || updatedReplicas < wantedNew)
        return notReady(`${readyReplicas} of ${wanted} replicas are ready, ${updatedReplicas} of the newest template`);
    return ready;
}

export function daemonSet(object: KubernetesObject): Verdict {
    if (!isObserved(object)) return notReady("the controller has not seen it yet");
    const { desiredNumberScheduled = 0, numberAvailable = 0, updatedNumberScheduled = 0 } = object.status ?? {};
    const updates = at(object, "spec", "updateStrategy", "type") !== "OnDelete";
    if (numberAvailable < desiredNumberScheduled || (updates && updatedNumberScheduled < desiredNumberScheduled))
        return notReady(`${numberAvailable} of ${desiredNumberScheduled} nodes have an available pod`);
    return ready;
}

export function replicationController(object: KubernetesObject): Verdict {
    const wanted = at(object, "spec", "replicas") ?? 1;
    const available = at(object, "status", "availableReplicas") ?? 0;
    return available >= wanted ? ready : notReady(`${available} of ${wanted} replicas are available`);
}

export function job(object: KubernetesObject): Verdict {
    if (at(object, "spec", "suspend") === true) return ready;
    const failed = condition(object, "Failed");
    if (failed?.status === "True") return hopeless(`it failed: ${failed.reason}: ${failed.message}`);
    if (condition(object, "Complete")?.status === "True") return ready;
    return notReady(`${at(object, "status", "succeeded") ?? 0} of ${at(object, "spec", "completions") ?? 1} completed`);
}

export function pod(object: KubernetesObject): Verdict {
    const phase = at(object, "status", "phase");
    if (phase === "Succeeded" || condition(object, "Ready")?.status === "True") return ready;
    if (phase === "Failed")
        return hopeless(`it failed: ${at(object, "status", "message") ?? at(object, "status", "reason")}`);
    return notReady(podTrouble(object) ?? `its phase is ${phase ?? "unknown"}`);
}

/** What keeps a pod from running, in the words of scheduler and kubelet. */
export function podTrouble(object: KubernetesObject): string | undefined {
    const scheduled = condition(object, "PodScheduled");
    if (scheduled?.status === "False") return `not scheduled: ${scheduled.message ?? scheduled.reason}`;
    const containers: any[] = [
        ...(at(object, "status", "initContainerStatuses") ?? []),
        ...(at(object, "status", "containerStatuses") ?? []),
    ];
    for (const { name, state, lastState, ready: isReady } of containers) {
        if (state?.waiting) return `container ${name} waits: ${said(state.waiting)}`;
        if (state?.terminated && state.terminated.exitCode !== 0)
            return `container ${name} ended with code ${state.terminated.exitCode}: ${said(state.terminated)}`;
        if (lastState?.terminated && !isReady) return `container ${name} restarted: ${said(lastState.terminated)}`;
    }
    const unready = condition(object, "Ready");
    return unready?.status === "False" && unready.message ? unready.message : undefined;
}

function said({ reason, message }: { reason?: string; message?: string }): string {
    return [reason, message].filter(Boolean).join(": ");
}

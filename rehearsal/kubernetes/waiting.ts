import { setTimeout as sleep } from "node:timers/promises";
import type { KubernetesClient } from "./client";
import type { Kind } from "./kinds";
import { at, type KubernetesObject } from "./objects";
import { isAwaited, judge, podTrouble, type Look, type Verdict } from "./readiness";

/** What became of a wait: the object as last seen, and why it is not ready, if it is not. */
export interface Waited {
    live: KubernetesObject;
    trouble?: string;
}

export interface WaitOptions {
    timeoutSeconds: number;
    signal: AbortSignal;
}

/** Looks at an object until it is ready, the time is up, it is hopeless, or the engine cancels. */
export async function waitUntilReady(
    client: KubernetesClient,
    kind: Kind,
    path: string,
    applied: KubernetesObject,
    options: WaitOptions,
): Promise<Waited> {
    if (!isAwaited(kind, applied)) return { live: applied };
    const look: Look = { get: (at, query) => client.find(at, query, options.signal) };
    const deadline = Date.now() + options.timeoutSeconds * 1000;
    let live = applied;
    for (let pause = 50; ; pause = Math.min(pause * 1.5, 1000)) {
        let verdict: Verdict;
        try {
            verdict = await judge(kind, live, look);
            if (verdict.ready) return { live };
            if (verdict.hopeless) return { live, trouble: await withDetails(look, live, verdict.why) };
            if (Date.now() >= deadline) {
                const late = `it was not ready within ${options.timeoutSeconds} s: ${verdict.why}`;
                return { live, trouble: await withDetails(look, live, late) };
            }
            await sleep(Math.min(pause, Math.max(deadline - Date.now(), 1)), undefined, { signal: options.signal });
            const next = await look.get(path);
            if (!next) return { live, trouble: "it was deleted while being waited for" };
            live = next;
        } catch (error) {
            if (options.signal.aborted)
                return { live, trouble: "the deployment was cancelled while it was waited for" };
            throw error;
        }
    }
}

/** Looks until nothing is there any more. */
export async function waitUntilGone(
    client: KubernetesClient,
    path: string,
    uid: string | undefined,
    options: WaitOptions,
): Promise<void> {
    const deadline = Date.now() + options.timeoutSeconds * 1000;
    for (let pause = 20; ; pause = Math.min(pause * 1.5, 1000)) {
        const live = await client.find(path, undefined, options.signal);
        // Another object of that name may be there already.
        if (!live || (uid !== undefined && live.metadata.uid !== uid)) return;
        if (Date.now() >= deadline) {
            const finalizers = (at(live, "metadata", "finalizers") ?? []).join(", ");
            const conditions = ((at(live, "status", "conditions") ?? []) as any[])
                .filter(({ status, message }) => status === "True" && message)
                .map(({ message }) => message);
            const why = [finalizers && `finalizers hold it: ${finalizers}`, ...conditions].filter(Boolean).join("; ");
            throw new Error(`it was still there ${options.timeoutSeconds} s after its deletion${why && `: ${why}`}`);
        }
        await sleep(pause, undefined, { signal: options.signal });
    }
}

/** Adds what its pods and the events say. */
async function withDetails(look: Look, live: KubernetesObject, why: string): Promise<string> {
    const details = [...(await podTroubles(look, live)), ...(await warnings(look, live))];
    return [why, ...new Set(details)].join("\n  - ");
}

async function podTroubles(look: Look, live: KubernetesObject): Promise<string[]> {
    const labels = at(live, "spec", "selector", "matchLabels") as Record<string, string> | undefined;
    const { namespace } = live.metadata;
    if (!labels || !namespace) return [];
    const labelSelector = Object.entries(labels)
        .map(([name, value]) => `${name}=${value}`)
        .join(",");
    const pods = await look.get(`/api/v1/namespaces/${namespace}/pods`, { labelSelector, limit: "50" });
    return (pods?.items ?? [])
        .map((pod: any) => ({ name: pod.metadata.name, trouble: podTrouble(pod) }))
        .filter(({ trouble }: { trouble?: string }) => trouble !== undefined)
        .slice(0, 5)
        .map(({ name, trouble }: { name: string; trouble: string }) => `pod ${name}: ${trouble}`);
}

async function warnings(look: Look, live: KubernetesObject): Promise<string[]> {
    const { namespace, uid } = live.metadata;
    const events = await look.get(`/api/v1/namespaces/${namespace ?? "default"}/events`, {
        fieldSelector: `involvedObject.uid=${uid},type=Warning`,
        limit: "20",
    });
    return (events?.items ?? []).slice(-3).map((event: any) => `${event.reason}: ${event.message}`);
}

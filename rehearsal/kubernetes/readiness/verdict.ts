import { at, type KubernetesObject } from "../objects";

/** Whether an object does what it is for; `why` says what is still missing, `hopeless` that waiting will not help. */
export type Verdict = { ready: true } | { ready: false; why: string; hopeless?: boolean };

export const ready: Verdict = { ready: true };

export function notReady(why: string): Verdict {
    return { ready: false, why };
}

export function hopeless(why: string): Verdict {
    return { ready: false, why, hopeless: true };
}

/** Reads of the cluster that a verdict needs beside the object itself. */
export interface Look {
    get(path: string, query?: Record<string, string>): Promise<any | undefined>;
}

export interface Condition {
    type: string;
    status: string;
    reason?: string;
    message?: string;
}

export function condition(object: KubernetesObject, type: string): Condition | undefined {
    return (at(object, "status", "conditions") as Condition[] | undefined)?.find((each) => each.type === type);
}

/** The controller has seen the object as it is now. */
export function isObserved(object: KubernetesObject): boolean {
    return (at(object, "status", "observedGeneration") ?? 0) >= (at(object, "metadata", "generation") ?? 0);
}

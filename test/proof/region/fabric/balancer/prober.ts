import { setTimeout as sleep } from "node:timers/promises";
import { ask } from "./ask";
import type { Backend, ProbeSpec } from "./azure";
import { type Health, judge, unknown } from "./health";

/** An HTTP probe's patience, if its interval is not shorter. */
const LONGEST_SECONDS = 30;

/**
 * Asks every backend by itself, at the probe's interval, until the signal.
 *
 * https://learn.microsoft.com/azure/load-balancer/load-balancer-custom-probe-overview#probe-interval--timeout: a probe that has
 * no answer when its interval ends, or after 30 seconds if that is sooner, has failed, and the next one follows at once. So one
 * backend is never asked twice at the same time; and one that vanishes right after a good answer is found out only at the end of
 * the next interval.
 *
 * @param onChange - told when a backend comes up or goes down
 */
export async function probeAll(
    spec: ProbeSpec,
    backends: Backend[],
    source: string,
    signal: AbortSignal,
    onChange: (backend: string, up: boolean) => void,
): Promise<void> {
    const interval = spec.intervalSeconds * 1000;
    const patience = Math.min(interval, LONGEST_SECONDS * 1000);
    const probe = async ({ name, address }: Backend) => {
        let health: Health = unknown;
        for (let next = performance.now(); !signal.aborted;) {
            const answer = await ask(spec, address, source, patience, signal);
            if (signal.aborted) return;
            const before = health;
            health = judge(before, answer, spec);
            if (health.up !== before.up) onChange(name, health.up);
            next = Math.max(next + interval, performance.now());
            await sleep(next - performance.now(), undefined, { signal }).catch(() => {});
        }
    };
    await Promise.all(backends.map(probe));
}

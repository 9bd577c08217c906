import type { ProbeSpec } from "./azure";

/** What came of a probe: a good answer, a bad one (a status that is not 200, a connection reset), or none in time. */
export type Answer = "well" | "ill" | "none";

/** What a balancer thinks of a backend. */
export interface Health {
    up: boolean;
    /** Probes in a row, the last one included, that spoke against `up`. */
    against: number;
}

/** Nobody is sent to before a probe succeeded. */
export const unknown: Health = { up: false, against: 0 };

/**
 * What a balancer thinks after one more probe.
 *
 * https://learn.microsoft.com/azure/load-balancer/load-balancer-custom-probe-overview#probe-threshold: as many consecutive
 * successes, or failures, as the threshold says change it. An HTTP or HTTPS probe that is answered changes it at once, whatever
 * the threshold: there, only missing answers are counted.
 *
 * Not here: a backend that goes up and down often is left down for longer by Azure, which does not say for how long.
 */
export function judge({ up, against }: Health, answer: Answer, { protocol, threshold }: ProbeSpec): Health {
    if (up === (answer === "well")) return { up, against: 0 };
    const isFinal = protocol !== "tcp" && answer !== "none";
    return isFinal || against + 1 >= threshold ? { up: !up, against: 0 } : { up, against: against + 1 };
}

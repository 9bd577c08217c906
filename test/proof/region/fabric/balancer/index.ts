/** A load balancer of the region that behaves as Azure's Standard one does. */
import { type Fabric, WIRE_SERVER } from "../fabric";
import type { BalancerSpec, ProbeSpec } from "./azure";
import { probeAll } from "./prober";
import { rulesFor, tableOf } from "./rules";

export { balancerOf, type BalancerSpec } from "./azure";

/** What a probe does differently from what the program says. */
export type ProbeSetting = Partial<Pick<ProbeSpec, "intervalSeconds" | "threshold">>;

/** From this moment on, new flows go to a backend, or no longer. */
export interface Change {
    /** In milliseconds since 1970: when the rules were in place. */
    at: number;
    backend: string;
    up: boolean;
}

/**
 * @example
 * const balancer = new Balancer(fabric, balancerOf(program.cloud));
 * await balancer.start();
 * …
 * await balancer.stop();
 */
export class Balancer {
    /** What became of its backends, the earliest change first. */
    readonly changes: Change[] = [];
    readonly spec: BalancerSpec;
    private readonly up = new Set<string>();
    private running: { stop: AbortController; probing: Promise<void> } | undefined;
    private loading: Promise<void> = Promise.resolve();

    /** @param overrides - in place of what the program's probe says */
    constructor(
        private readonly fabric: Fabric,
        spec: BalancerSpec,
        overrides: ProbeSetting = {},
    ) {
        this.spec = { ...spec, probe: { ...spec.probe, ...overrides } };
    }

    /** From now on the frontend is there; backends get flows once a probe found them well. */
    async start(): Promise<void> {
        if (this.running) throw new Error("the balancer runs already");
        await this.fabric.load(rulesFor(this.spec, []));
        const stop = new AbortController();
        const { probe, backends } = this.spec;
        const probing = probeAll(probe, backends, WIRE_SERVER, stop.signal, (backend, up) => this.change(backend, up));
        this.running = { stop, probing };
    }

    /** No probes and no frontend any more: flows that exist go on, new ones go nowhere. */
    async stop(): Promise<void> {
        if (!this.running) return;
        const { stop, probing } = this.running;
        this.running = undefined;
        stop.abort();
        await probing;
        await this.loading;
        this.up.clear();
        await this.fabric.load(`delete table ${tableOf(this.spec)}\n`);
    }

    /** Names of the backends that get new flows. */
    healthy(): string[] {
        return [...this.up].sort();
    }

    private change(backend: string, up: boolean): void {
        if (up) this.up.add(backend);
        else this.up.delete(backend);
        const rules = rulesFor(this.spec, this.healthy());
        // One after the other: the last rules that are loaded are the newest.
        this.loading = this.loading
            .then(() => this.fabric.load(rules))
            .then(() => void this.changes.push({ at: Date.now(), backend, up }));
    }
}

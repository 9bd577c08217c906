import type { Cloud } from "../../azure/state/cloud";
import type { Layout, Ports } from "../folder";
import { readBooted, standing } from "../machine/booted";
import { codeOf } from "../running";
import { NoWay, wayTo } from "./frontends";

/** A balancer asks every five seconds; so long its last answer counts. */
const PROBED_MILLISECONDS = 5_000;

/** Ways of the simulated Azure, ended at the API server that stands for every machine that booted. */
export class Ways {
    private readonly probed = new Map<string, { code: number; at: number }>();

    constructor(
        private readonly azure: Cloud,
        private readonly place: Layout,
        private readonly ports: Ports,
    ) {}

    /** @throws NoWay */
    async find(host: string, port: number): Promise<number> {
        const booted = readBooted(this.place);
        const machines = standing(this.azure, booted);
        const { backendPort, probePath } = wayTo(
            this.azure,
            machines.map(({ id }) => id),
            host,
            port,
        );
        if (backendPort !== booted?.apiPort)
            throw new NoWay(
                `the balancer sends to port ${backendPort}, the API server listens at ${String(booted?.apiPort)}`,
            );
        if (probePath !== undefined) await this.probe(probePath);
        return this.ports.apiServer;
    }

    private async probe(path: string): Promise<void> {
        const last = this.probed.get(path);
        if (last?.code === 200 && Date.now() - last.at < PROBED_MILLISECONDS) return;
        const url = `https://127.0.0.1:${this.ports.apiServer}${path}`;
        const code = await codeOf({ url }).catch((error: Error) => {
            throw new NoWay(`the API server does not answer the balancer's probe: ${error.message}`);
        });
        this.probed.set(path, { code, at: Date.now() });
        // Azure takes nothing but a 200 for well.
        if (code !== 200)
            throw new NoWay(
                `the balancer's probe asks ${path} and is answered ${code}, so it takes every machine for down`,
            );
    }
}

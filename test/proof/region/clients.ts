import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { toolPath } from "../../../rehearsal/toolchain";
import type { Spawn } from "../clients/run";
import { type Fabric, WIRE_SERVER } from "./fabric/fabric";
import { until } from "./until";

/** Waits for the network, asks the region for names, and becomes the program. */
const BECOME =
    'mount --bind "$0" /etc/resolv.conf; until ip route show default | grep -q .; do sleep 0.02; done; exec "$@"';

/** Who uses the API: each a machine of its own in the virtual network, that asks by the network's names and through its balancer. */
export class Clients {
    /** Path of the administrator's kubeconfig. */
    readonly kubeconfig: string;
    private readonly running = new Set<ChildProcess>();
    private count = 0;

    /** @param prefix - of their addresses, `10.72.255` */
    constructor(
        private readonly fabric: Fabric,
        private readonly folder: string,
        private readonly prefix: string,
        kubeconfig: string,
    ) {
        this.kubeconfig = join(folder, "kubeconfig");
        writeFileSync(this.kubeconfig, kubeconfig, { mode: 0o600 });
        writeFileSync(join(folder, "resolv.conf"), `nameserver ${WIRE_SERVER}\n`);
    }

    /** Starts a program. The child is the program itself, so it gets the signals. */
    readonly spawn: Spawn = (program, args, options) => {
        const number = ++this.count;
        const name = `client-${number}`;
        const words = ["--net", "--mount", "--propagation", "private", "sh", "-c", BECOME];
        const child = spawn("unshare", [...words, join(this.folder, "resolv.conf"), program, ...args], options);
        const failed = (error: Error): void => {
            child.kill("SIGKILL");
            child.emit("error", new Error(`${name}: ${error.message}`));
        };
        this.running.add(child);
        child.once("exit", () => {
            this.running.delete(child);
            this.fabric.detach(name).catch(failed);
        });
        until(
            () => hasOwnNetwork(child.pid!),
            10,
            () => "it gets no network namespace",
        )
            .then(() => this.fabric.attach(name, `${this.prefix}.${1 + (number % 254)}`, child.pid!))
            .catch(failed);
        return child;
    };

    /** @throws with what it said, when it fails */
    async kubectl(words: string): Promise<string> {
        const args = ["--kubeconfig", this.kubeconfig, "--request-timeout=20s", ...words.split(" ")];
        const child = this.spawn(await toolPath("kubectl"), args, { stdio: ["ignore", "pipe", "pipe"] });
        let said = "";
        for (const stream of [child.stdout!, child.stderr!]) stream.on("data", (data) => (said += data));
        const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
        if (code !== 0) throw new Error(`kubectl ${words}: ${said}`);
        return said;
    }

    /** Names of the ConfigMaps that there are. */
    async storedNames(): Promise<string[]> {
        const listed = await this.kubectl("get configmaps --namespace default -o name");
        return listed
            .trim()
            .split("\n")
            .map((line) => line.replace(/^configmap\//, ""));
    }

    /** The API as everybody asks for it: `https://name:port`. */
    get endpoint(): string {
        return parse(readFileSync(this.kubeconfig, "utf8")).clusters[0].cluster.server;
    }

    /** Path of a kubeconfig by another frontend's address. */
    kubeconfigFor(address: string): string {
        const path = join(this.folder, `kubeconfig-${address}`);
        const config = parse(readFileSync(this.kubeconfig, "utf8"));
        const [{ cluster }] = config.clusters;
        const { hostname, port } = new URL(cluster.server);
        Object.assign(cluster, { server: `https://${address}:${port}`, "tls-server-name": hostname });
        writeFileSync(path, stringify(config), { mode: 0o600 });
        return path;
    }

    kill(): void {
        for (const child of this.running) child.kill("SIGKILL");
    }
}

function hasOwnNetwork(pid: number): boolean {
    try {
        return readlinkSync(`/proc/${pid}/ns/net`) !== readlinkSync("/proc/self/ns/net");
    } catch {
        // It has ended, which its exit tells.
        return false;
    }
}

/**
 * A small Azure region on this machine: the program's control plane as it was deployed in the rehearsal, on machines that boot for real. Simulated are
 * the network (namespaces, nftables), the metadata service and the vault; real are Azurite, containerd, kubelet, kubeadm and all that they start.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { textAt } from "../../../rehearsal/azure/rules/rule";
import type { Config } from "../../../rehearsal/engine";
import { downloads, imagesOf, nodeTools, serveDownloads, serveRegistry } from "./artifacts";
import { type Services, startServices } from "./azure";
import { Balancer, balancerOf, Fabric, type ProbeSetting } from "./fabric";
import { Machine, type Outcome } from "./machine";
import { adapt, type Files } from "./machine/adapt";
import { type PlannedMachine, Program } from "./program";

/** Where Azure's own services are, for every virtual network. */
const AZURE = "168.63.129.16";
const REGISTRY_PORT = 5000;
const DOWNLOADS_PORT = 8000;

export interface RegionOptions {
    /** @default "staging" */
    stack?: string;
    /** Settings in place of the stack file's, by full name. */
    settings?: Config;
    /** What the balancer's probe does differently from what the program says. */
    probe?: ProbeSetting;
}

export class Region {
    readonly fabric = new Fabric();
    readonly machines: Machine[] = [];
    services!: Services;
    balancer!: Balancer;
    private readonly folder = process.env.MAINSTAY_REGION!;
    private readonly closing: (() => Promise<unknown> | unknown)[] = [];
    private readonly clients = new Set<ChildProcess>();
    private here!: { kubernetesVersion: string; downloads: string };
    private clientCount = 0;

    private constructor(readonly program: Program) {}

    /** Deploys the program in the rehearsal and builds its network, services and machines; these are still off. */
    static async open({ stack = "staging", settings, probe }: RegionOptions = {}): Promise<Region> {
        const region = new Region(new Program(stack));
        try {
            await region.build(settings, probe);
        } catch (error) {
            await region.close();
            throw error;
        }
        return region;
    }

    private async build(settings: Config | undefined, probe: ProbeSetting | undefined): Promise<void> {
        const tools = await nodeTools();
        const [images, archives] = [await imagesOf(tools), await downloads(tools)];
        await this.program.up(settings);
        this.here = { kubernetesVersion: tools.kubernetesVersion, downloads: archives.text(AZURE, DOWNLOADS_PORT) };

        await this.fabric.open();
        await this.fabric.addOwnAddress(AZURE);
        this.closing.push(await serveRegistry(images, AZURE, REGISTRY_PORT));
        this.closing.push(await serveDownloads(archives, AZURE, DOWNLOADS_PORT));
        const planned = this.program.machines();
        this.services = await startServices({
            cloud: this.program.cloud,
            folder: join(this.folder, "services"),
            fabric: this.fabric,
            machines: planned.map((machine) => ({ ...machine, userData: this.adapted(machine) })),
        });
        this.closing.push(() => this.services.close());
        this.balancer = new Balancer(this.fabric, balancerOf(this.program.cloud), probe);
        await this.balancer.start();
        this.closing.push(() => this.balancer.stop());
        for (const [index, machine] of planned.entries()) {
            this.machines.push(
                new Machine({
                    ...machine,
                    image: this.image(index),
                    attach: (...card) => this.fabric.attach(...card),
                    detach: (name) => this.fabric.detach(name),
                }),
            );
        }
    }

    machine(name: string): Machine {
        return this.machines.find((machine) => machine.name === name)!;
    }

    /** New user data for the machines, as an update of the program gives them; `change` is a change of the bundle's files. */
    updateUserData(change?: (files: Files) => void): void {
        for (const machine of this.program.machines())
            this.services.machines.get(machine.address)!.userData = this.adapted(machine, change);
    }

    /** Resolves once the machine's boot says that it is done. @throws with its console after that many seconds */
    async booted(machine: Machine, seconds = 240): Promise<void> {
        const from = machine.console().length;
        const deadline = Date.now() + seconds * 1000;
        while (!/^mainstay: ready: /m.test(machine.console().slice(this.readUpTo.get(machine) ?? 0))) {
            if (Date.now() > deadline)
                throw new Error(`${machine.name} did not boot in ${seconds} s:\n${machine.console().slice(-4000)}`);
            await sleep(200);
        }
        this.readUpTo.set(machine, Math.max(from, machine.console().length));
    }
    private readonly readUpTo = new Map<Machine, number>();

    /** Switches machines on, all at once, and waits for what their boots say and for the balancer to find them. */
    async boot(machines = this.machines): Promise<void> {
        await Promise.all(machines.map((machine) => machine.start()));
        await Promise.all(machines.map((machine) => this.booted(machine)));
        await this.found(machines);
    }

    /** Waits until the balancer sends to these machines, and to no other one. */
    async found(machines = this.machines, seconds = 120): Promise<void> {
        const wanted = machines.map(({ name }) => name).sort();
        const deadline = Date.now() + seconds * 1000;
        while (this.balancer.healthy().sort().join() !== wanted.join()) {
            if (Date.now() > deadline)
                throw new Error(
                    `the balancer sends to ${this.balancer.healthy().join() || "nobody"}, not to ${wanted.join()}`,
                );
            await sleep(50);
        }
    }

    /** etcdctl on a machine, asking its own member unless an endpoint is given. */
    async etcd(machine: Machine, words: string, endpoint = "https://127.0.0.1:2379"): Promise<Outcome> {
        const pki = "/etc/kubernetes/pki/etcd";
        const files = `--cacert=${pki}/ca.crt --cert=${pki}/healthcheck-client.crt --key=${pki}/healthcheck-client.key`;
        return machine.run(`etcdctl --endpoints=${endpoint} ${files} --command-timeout=5s ${words}`);
    }

    /** The machine whose etcd leads, asked of those that are on. */
    async leader(): Promise<Machine> {
        for (const machine of this.machines.filter(({ isOn }) => isOn)) {
            const { code, stdout } = await this.etcd(machine, "endpoint status -w json");
            if (code !== 0) continue;
            const [{ Status: status }] = JSON.parse(stdout.replace(/:(\d{16,})/g, ':"$1"'));
            if (status.leader === status.header.member_id) return machine;
        }
        throw new Error("no machine's etcd leads");
    }

    /** The administrator's kubeconfig that the program left in the vault, as a file. */
    get kubeconfig(): string {
        const secret = this.program.cloud
            .list("Microsoft.KeyVault/vaults/secrets")
            .find(({ id }) => id.endsWith("/administrator-kubeconfig"));
        const path = join(this.folder, "kubeconfig");
        writeFileSync(path, textAt(secret?.inputs, "properties", "value")!, { mode: 0o600 });
        return path;
    }

    /** Starts a program on a machine of its own in the virtual network: by the network's names, through its balancer. */
    async client(command: string, args: string[]): Promise<ChildProcess> {
        const number = ++this.clientCount;
        const prefix = this.machines[0].address.split(".").slice(0, 2).join(".");
        const resolver = join(this.folder, "resolv.conf");
        writeFileSync(resolver, `nameserver ${AZURE}\n`);
        const script =
            'mount --bind "$0" /etc/resolv.conf; until ip link show eth0 >/dev/null 2>&1; do sleep 0.02; done; exec "$@"';
        const child = spawn(
            "unshare",
            [
                "--net",
                "--mount",
                "--kill-child",
                "--fork",
                "--pid",
                "--mount-proc",
                "sh",
                "-c",
                script,
                resolver,
                command,
                ...args,
            ],
            { stdio: ["ignore", "pipe", "pipe"] },
        );
        this.clients.add(child);
        child.once("exit", () => this.clients.delete(child));
        await sleep(100);
        await this.fabric.attach(`client-${number}`, `${prefix}.255.${number}`, child.pid!);
        return child;
    }

    async close(): Promise<void> {
        for (const client of this.clients) client.kill("SIGKILL");
        await Promise.all(this.machines.map((machine) => machine.kill()));
        for (const close of this.closing.reverse()) await close();
    }

    private adapted({ name, userData }: PlannedMachine, change?: (files: Files) => void): string {
        return adapt(userData, name, this.here, change);
    }

    /** What an image of a machine has of its own: whom it trusts, whom it asks for names and images, and a pod network in Cilium's place. */
    private image(index: number): Record<string, string> {
        const bridge = {
            type: "bridge",
            bridge: "cni0",
            isGateway: true,
            ipam: {
                type: "host-local",
                ranges: [[{ subnet: `10.244.${index + 1}.0/24` }]],
                routes: [{ dst: "0.0.0.0/0" }],
            },
        };
        const authorities = [readFileSync("/etc/ssl/certs/ca-certificates.crt", "utf8"), this.services.authority];
        return {
            "etc/resolv.conf": `nameserver ${AZURE}\n`,
            "etc/ssl/certs/ca-certificates.crt": authorities.join("\n"),
            "etc/containerd/certs.d/_default/hosts.toml": `[host."http://${AZURE}:${REGISTRY_PORT}"]\n`,
            "etc/cni/net.d/10-bridge.conflist": JSON.stringify({
                cniVersion: "1.0.0",
                name: "pods",
                plugins: [bridge],
            }),
        };
    }
}

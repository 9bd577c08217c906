/**
 * A small Azure region on this machine: the program's control plane as it was deployed in the rehearsal, on machines that boot for real. Simulated are
 * the network (namespaces, nftables), the metadata service and the vault; real are Azurite, containerd, kubelet, kubeadm and all that they start.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse, stringify } from "yaml";
import { textAt } from "../../../rehearsal/azure/rules/rule";
import { type Authority, createAuthority } from "../../../rehearsal/controlPlane/certificates";
import type { Config } from "../../../rehearsal/engine";
import { toolPath } from "../../../rehearsal/toolchain";
import type { Spawn } from "../clients/run";
import { downloads, imagesOf, nodeTools, serveDownloads, serveRegistry } from "./artifacts";
import { type KnownMachine, type Services, startServices } from "./azure";
import { Fabric } from "./fabric";
import { command } from "./fabric/command";
import { Balancer, balancerOf } from "./fabric/balancer";
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
}

export class Region {
    fabric!: Fabric;
    readonly machines: Machine[] = [];
    services!: Services;
    /** Of what runs on the machines. */
    versions!: { kubernetes: string; etcd: string };
    balancer!: Balancer;
    private readonly folder = process.env.MAINSTAY_REGION!;
    /** Path of the administrator's kubeconfig. */
    readonly kubeconfig = join(this.folder, "kubeconfig");
    private readonly closing: (() => Promise<unknown> | unknown)[] = [];
    private readonly clients = new Set<ChildProcess>();
    private here!: { kubernetesVersion: string; downloads: string };
    /** By address, as the metadata service knows them. */
    private readonly known = new Map<string, KnownMachine>();
    private authority!: Authority;
    private clientCount = 0;
    private serviceCount = 0;

    private constructor(readonly program: Program) {}

    /** Deploys the program in the rehearsal and builds its network, services and machines; these are still off. */
    static async open({ stack = "staging", settings }: RegionOptions = {}): Promise<Region> {
        const region = new Region(new Program(stack));
        try {
            await region.build(settings);
        } catch (error) {
            await region.close();
            throw error;
        }
        return region;
    }

    private async build(settings: Config | undefined): Promise<void> {
        const tools = await nodeTools();
        const [images, archives] = [await imagesOf(tools), await downloads(tools)];
        await this.program.up(settings);
        this.versions = { kubernetes: tools.kubernetesVersion, etcd: tools.etcdVersion };
        this.here = { kubernetesVersion: tools.kubernetesVersion, downloads: archives.text(AZURE, DOWNLOADS_PORT) };

        this.fabric = await Fabric.open();
        this.closing.push(() => this.fabric.close());
        this.closing.push(await serveRegistry(images, AZURE, REGISTRY_PORT));
        this.closing.push(await serveDownloads(archives, AZURE, DOWNLOADS_PORT));
        const planned = this.program.machines();
        for (const { name, address, userData } of planned) this.known.set(address, { name, userData });
        this.updateUserData();
        this.writeKubeconfig();
        this.authority = await createAuthority("Region of a proof");
        await this.startServices();
        this.closing.push(() => this.services.close());
        this.balancer = new Balancer(this.fabric, balancerOf(this.program.cloud));
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
            this.known.get(machine.address)!.userData = this.adapted(machine, change);
    }

    /** Resolves once the machine's boot says that it is done. @throws with its console after that many seconds */
    async booted(machine: Machine, seconds = 240): Promise<void> {
        await until(
            () => /^mainstay: ready: /m.test(machine.console()),
            seconds,
            () => `${machine.name} did not boot in ${seconds} s:\n${machine.console().slice(-4000)}`,
        );
    }

    /** Deploys the program with other settings; machines find the new user data when they boot again. */
    async update(settings: Config): Promise<void> {
        await this.program.up(settings);
        this.updateUserData();
    }

    /** Switches machines on, all at once, and waits for what their boots say and for the balancer to find them. */
    async boot(machines = this.machines): Promise<void> {
        await Promise.all(machines.map((machine) => machine.start()));
        await Promise.all(machines.map((machine) => this.booted(machine)));
        await this.found(this.machines.filter(({ isOn }) => isOn));
    }

    /** Waits until the balancer sends to these machines, and to no other one. */
    async found(machines = this.machines, seconds = 120): Promise<void> {
        const wanted = machines.map(({ name }) => name).sort();
        await until(
            () => this.balancer.healthy().sort().join() === wanted.join(),
            seconds,
            () => `the balancer sends to ${this.balancer.healthy().join() || "nobody"}, not to ${wanted.join()}`,
        );
    }

    /** etcdctl on a machine, asking its own member unless an endpoint is given. */
    async etcd(machine: Machine, words: string, endpoint = "https://127.0.0.1:2379"): Promise<Outcome> {
        const pki = "/etc/kubernetes/pki/etcd";
        const files = `--cacert=${pki}/ca.crt --cert=${pki}/healthcheck-client.crt --key=${pki}/healthcheck-client.key`;
        return machine.run(`etcdctl --endpoints=${endpoint} ${files} --command-timeout=5s ${words}`);
    }

    /** The machine whose etcd leads, asked of these machines. @throws when none of them leads */
    async leader(machines = this.machines.filter(({ isOn }) => isOn)): Promise<Machine> {
        for (const machine of machines) {
            const { code, stdout } = await this.etcd(machine, "endpoint status -w json");
            if (code !== 0) continue;
            const [{ Status: status }] = JSON.parse(stdout.replace(/:(\d{16,})/g, ':"$1"'));
            if (status.leader === status.header.member_id) return machine;
        }
        throw new Error("no machine's etcd leads");
    }

    /** Waits until the balancer sends to every machine and etcd has each as a healthy voting member. */
    async whole(seconds = 120): Promise<void> {
        await this.found(this.machines, seconds);
        let seen = "";
        await until(
            async () => {
                const { stdout, stderr } = await this.etcd(this.machines[0], "endpoint health --cluster");
                seen = stdout + stderr;
                const members = await this.members(this.machines[0]);
                return members.length === this.machines.length && !/unhealthy/.test(seen);
            },
            seconds,
            () => `etcd is not whole: ${seen}`,
        );
    }

    /** A hash over all of etcd's revisions up to now, of the machine's own member. */
    async historyOf(machine: Machine): Promise<string> {
        const { stdout } = await this.etcd(this.machines[0], "endpoint status -w fields");
        const revision = /"Revision" : (\d+)/.exec(stdout)![1];
        const hash = await this.etcd(machine, `endpoint hashkv --rev ${revision} -w fields`);
        return /"Hash" : (\d+)/.exec(hash.stdout)?.[1] ?? hash.stdout + hash.stderr;
    }

    /** Names of etcd's voting members, as a machine's own member knows them; none where it does not answer. */
    async members(machine: Machine): Promise<string[]> {
        const { code, stdout } = await this.etcd(machine, "member list");
        if (code !== 0) return [];
        const rows = stdout
            .trim()
            .split("\n")
            .map((line) => line.split(", "));
        return rows
            .filter(([, state, , , , learner]) => state === "started" && learner === "false")
            .map((row) => row[2]);
    }

    /** UID of kube-system, asked of the machine's own API server. */
    async clusterOf(machine: Machine): Promise<string> {
        const { stdout } = await machine.run(
            `kubectl --kubeconfig /etc/kubernetes/admin.conf --server https://${machine.address}:6443 get namespace kube-system -o jsonpath='{.metadata.uid}'`,
        );
        return stdout;
    }

    /** kubectl on a machine of its own, through the balancer. @throws when it fails */
    async kubectl(words: string): Promise<string> {
        const args = ["--kubeconfig", this.kubeconfig, "--request-timeout=20s", ...words.split(" ")];
        const client = this.spawn(await toolPath("kubectl"), args, { stdio: ["ignore", "pipe", "pipe"] });
        let said = "";
        for (const stream of [client.stdout!, client.stderr!]) stream.on("data", (data) => (said += data));
        const code = await new Promise((resolve) => client.once("close", resolve));
        if (code !== 0) throw new Error(`kubectl ${words}: ${said}`);
        return said;
    }

    /** Runs words of the boot scripts' own library on a machine, with its facts. */
    async scripted(machine: Machine, words: string): Promise<Outcome> {
        const libraries = "for one in log facts azure; do source $BUNDLE/lib/$one.sh; done";
        return machine.run(
            `BUNDLE=/etc/mainstay ROOT=; ${libraries}; STEP=proof; load_facts $BUNDLE/facts.env; ${words}`,
        );
    }

    /** The machine that the mark in blob storage says to have initialised the cluster. */
    async initialiser(): Promise<Machine> {
        const { stdout } = await this.scripted(
            this.machines.find(({ isOn }) => isOn)!,
            "blob_get $STATE_URL/initialised /run/mark && cat /run/mark",
        );
        return this.machine(/^machine=(.*)$/m.exec(stdout)![1]);
    }

    /** Names of the ConfigMaps that there are in the end. */
    async storedNames(): Promise<string[]> {
        const listed = await this.kubectl("get configmaps --namespace default -o name");
        return listed
            .trim()
            .split("\n")
            .map((line) => line.replace(/^configmap\//, ""));
    }

    /** The machine that connection tracking leads a client's connection to, by the client's own port. */
    async backendOf(port: number): Promise<Machine | undefined> {
        const flows = await command("conntrack", ["-L", "-p", "tcp", "--sport", String(port), "--dport", "6443"]);
        const [, address] = /src=\S+ dst=\S+ sport=\d+ dport=\d+ (?:\[\w+\] )?src=(\S+)/.exec(flows) ?? [];
        return this.machines.find((machine) => machine.address === address);
    }

    /** New machines with new disks, and nobody remembers that there was a cluster. */
    async reset(): Promise<void> {
        await Promise.all(this.machines.map((machine) => machine.replace({ etcdDisk: true })));
        await this.services.close();
        await this.startServices();
    }

    /** What Azure keeps, without anything that machines wrote there. */
    private async startServices(): Promise<void> {
        const folder = join(this.folder, `services-${++this.serviceCount}`);
        mkdirSync(folder);
        this.services = await startServices({
            cloud: this.program.cloud,
            machines: this.known,
            authority: this.authority,
            addOwnAddress: (address) => this.fabric.addOwnAddress(address),
            folder,
        });
    }

    /** Writes the administrator's kubeconfig, which the program left in the vault. */
    private writeKubeconfig(): void {
        const secret = this.program.cloud
            .list("Microsoft.KeyVault/vaults/secrets")
            .find(({ id }) => id.endsWith("/administrator-kubeconfig"));
        writeFileSync(this.kubeconfig, textAt(secret?.inputs, "properties", "value")!, { mode: 0o600 });
    }

    /** The API as everybody asks for it: `https://name:port`. */
    get endpoint(): string {
        return parse(readFileSync(this.kubeconfig, "utf8")).clusters[0].cluster.server;
    }

    /** The same, by another frontend's address. */
    kubeconfigFor(address: string): string {
        const path = join(this.folder, `kubeconfig-${address}`);
        const config = parse(readFileSync(this.kubeconfig, "utf8"));
        const [{ cluster }] = config.clusters;
        const { hostname, port } = new URL(cluster.server);
        Object.assign(cluster, { server: `https://${address}:${port}`, "tls-server-name": hostname });
        writeFileSync(path, stringify(config), { mode: 0o600 });
        return path;
    }

    /**
     * Starts a program on a machine of its own in the virtual network: it asks by the network's names, through its balancer.
     * The child is the program itself, so it gets the signals.
     */
    readonly spawn: Spawn = (program, args, options) => {
        const number = ++this.clientCount;
        const prefix = this.machines[0].address.split(".").slice(0, 2).join(".");
        const script =
            'mount --bind "$0" /etc/resolv.conf; until ip route show default | grep -q .; do sleep 0.02; done; exec "$@"';
        const resolver = join(this.folder, "resolv.conf");
        writeFileSync(resolver, `nameserver ${AZURE}\n`);
        const words = ["--net", "--mount", "--propagation", "private", "sh", "-c", script, resolver, program, ...args];
        const child = spawn("unshare", words, options);
        this.clients.add(child);
        child.once("exit", () => {
            this.clients.delete(child);
            void this.fabric.detach(`client-${number}`);
        });
        const namespace = (pid: number | "self"): string | undefined => {
            try {
                return readlinkSync(`/proc/${pid}/ns/net`);
            } catch {
                return undefined;
            }
        };
        void until(
            () => ![namespace("self"), undefined].includes(namespace(child.pid!)),
            10,
            () => "no namespace",
        )
            .then(() => this.fabric.attach(`client-${number}`, `${prefix}.255.${number}`, child.pid!))
            .catch(() => child.kill("SIGKILL"));
        return child;
    };

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

/** Asks every 50 ms. @throws with what is said of it after that many seconds */
export async function until(
    holds: () => boolean | Promise<boolean>,
    seconds: number,
    otherwise: () => string | Promise<string>,
): Promise<void> {
    const deadline = Date.now() + seconds * 1000;
    while (!(await holds())) {
        if (Date.now() > deadline) throw new Error(await otherwise());
        await sleep(50);
    }
}

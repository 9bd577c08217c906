/**
 * A small Azure region on this machine: the program's control plane as it was deployed in the rehearsal, on machines that boot for real. Simulated are
 * the network (namespaces, nftables), the metadata service and the vault; real are Azurite, containerd, kubelet, kubeadm and all that they start.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { textAt } from "../../../rehearsal/azure/rules/rule";
import { type Authority, createAuthority } from "../../../rehearsal/controlPlane/certificates";
import type { Config } from "../../../rehearsal/engine";
import { downloads, imagesOf, nodeTools, serveDownloads, serveRegistry } from "./artifacts";
import { type KnownMachine, type Services, startServices } from "./azure";
import { Clients } from "./clients";
import { isWhole } from "./cluster";
import { Balancer, balancerOf, Fabric } from "./fabric";
import { command } from "./fabric/command";
import { WIRE_SERVER } from "./fabric/fabric";
import { Machine } from "./machine";
import { adapt, type Files, type Here } from "./machine/adapt";
import { imageOf } from "./machine/image";
import { Program } from "./program";
import { until } from "./until";

const REGISTRY_PORT = 5000;
const DOWNLOADS_PORT = 8000;

export class Region {
    fabric!: Fabric;
    balancer!: Balancer;
    readonly machines: Machine[] = [];
    clients!: Clients;
    services!: Services;
    /** Of what runs on the machines. */
    versions!: { kubernetes: string; etcd: string };
    readonly program = new Program("staging");
    private readonly folder = process.env.MAINSTAY_REGION!;
    private readonly closing: (() => Promise<unknown> | unknown)[] = [];
    private here!: Here;
    /** By address, as the metadata service knows them. */
    private readonly known = new Map<string, KnownMachine>();
    private authority!: Authority;
    private serviceCount = 0;

    private constructor() {}

    /** Deploys the program in the rehearsal and builds its network, services and machines; these are still off. */
    static async open(): Promise<Region> {
        const region = new Region();
        try {
            await region.build();
        } catch (error) {
            await region.close();
            throw error;
        }
        return region;
    }

    private async build(): Promise<void> {
        const tools = await nodeTools();
        const [images, archives] = [await imagesOf(tools), await downloads(tools)];
        await this.program.up();
        this.versions = { kubernetes: tools.kubernetesVersion, etcd: tools.etcdVersion };
        this.here = {
            kubernetesVersion: tools.kubernetesVersion,
            downloads: archives.text(WIRE_SERVER, DOWNLOADS_PORT),
        };

        this.fabric = await Fabric.open();
        this.closing.push(() => this.fabric.close());
        this.closing.push(await serveRegistry(images, WIRE_SERVER, REGISTRY_PORT));
        this.closing.push(await serveDownloads(archives, WIRE_SERVER, DOWNLOADS_PORT));
        const planned = this.program.machines();
        for (const { name, address, userData } of planned) this.known.set(address, { name, userData });
        this.updateUserData();
        this.authority = await createAuthority("Region of a proof");
        await this.startServices();
        this.closing.push(() => this.services.close());
        this.balancer = new Balancer(this.fabric, balancerOf(this.program.cloud));
        await this.balancer.start();
        this.closing.push(() => this.balancer.stop());
        const registry = `http://${WIRE_SERVER}:${REGISTRY_PORT}`;
        for (const [index, machine] of planned.entries())
            this.machines.push(
                new Machine({
                    ...machine,
                    image: imageOf(index + 1, this.services.authority, registry),
                    attach: (...card) => this.fabric.attach(...card),
                    detach: (name) => this.fabric.detach(name),
                }),
            );
        const prefix = planned[0].address.split(".").slice(0, 2).join(".");
        this.clients = new Clients(this.fabric, this.folder, `${prefix}.255`, this.administratorKubeconfig());
    }

    /** New user data for the machines, as an update of the program gives them; `change` is a change of the bundle's files. */
    updateUserData(change?: (files: Files) => void): void {
        for (const { name, address, userData } of this.program.machines())
            this.known.get(address)!.userData = adapt(userData, name, this.here, change);
    }

    /** Deploys the program with other settings; machines find the new user data when they boot again. */
    async update(settings: Config): Promise<void> {
        await this.program.up(settings);
        this.updateUserData();
    }

    /** Resolves once the machine's boot says that it is done. @throws with its console after that many seconds */
    async booted(machine: Machine, seconds = 240): Promise<void> {
        await until(
            () => /^mainstay: ready: /m.test(machine.console()),
            seconds,
            () => `${machine.name} did not boot in ${seconds} s:\n${machine.console().slice(-4000)}`,
        );
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

    /** Waits until the balancer sends to every machine and etcd has each as a healthy voting member. */
    async whole(seconds = 120): Promise<void> {
        await this.found(this.machines, seconds);
        await until(
            () => isWhole(this.machines),
            seconds,
            () => "etcd is not whole",
            200,
        );
    }

    /** What a proof that failed left behind is over: clients, cuts. */
    async heal(): Promise<void> {
        this.clients.kill();
        await this.fabric.heal();
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

    async close(): Promise<void> {
        this.clients?.kill();
        await Promise.all(this.machines.map((machine) => machine.kill()));
        const failures: unknown[] = [];
        for (const close of this.closing.reverse())
            await Promise.resolve(close()).catch((error) => failures.push(error));
        if (failures.length > 0) throw failures[0];
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

    /** What the program left in the vault for whoever must get in. */
    private administratorKubeconfig(): string {
        const secret = this.program.cloud
            .list("Microsoft.KeyVault/vaults/secrets")
            .find(({ id }) => id.endsWith("/administrator-kubeconfig"));
        return textAt(secret?.inputs, "properties", "value")!;
    }
}

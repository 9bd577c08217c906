/** A machine of the region: a power supply, two disks, a network card, and a root file system with the image's programs. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { until } from "../until";
import type { Image } from "./image";
import { enterGroups, makeGroups } from "./groups";

export interface MachineOptions {
    name: string;
    address: string;
    /** What Azure hands over at the machine's creation: base64 of a cloud-config. */
    customData: string;
    /** Files of the image beside the program's: path → text. */
    image: Image;
    /** Plugs the machine's network card in: `pid` is a process of its network namespace. */
    attach(name: string, address: string, pid: number): Promise<unknown>;
    detach(name: string): Promise<unknown>;
}

export interface Outcome {
    code: number;
    stdout: string;
    stderr: string;
}

/** Where a machine's programs are looked for. */
const PATH = "/opt/region/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export class Machine {
    private power: ChildProcess | undefined;
    private readonly folder: string;

    constructor(private readonly options: MachineOptions) {
        this.folder = join(process.env.MAINSTAY_REGION!, "machines", options.name);
        mkdirSync(this.folder, { recursive: true });
    }

    get name(): string {
        return this.options.name;
    }
    get address(): string {
        return this.options.address;
    }
    get isOn(): boolean {
        return this.power !== undefined;
    }

    /** Switches the machine on; the first time, its image and custom data are laid down and its boot begins. */
    async start(): Promise<void> {
        const isNew = !existsSync(join(this.folder, "system/opt/region"));
        if (isNew) this.layDown();
        makeGroups(this.name);
        const unshare = "exec unshare --net --mount --uts --ipc --pid --fork --kill-child --propagation private";
        const power = spawn(
            "sh",
            [
                "-c",
                `${enterGroups(this.name)}; ${unshare} bash "$1" "$2"`,
                "sh",
                join(__dirname, "power.sh"),
                this.folder,
            ],
            { stdio: ["ignore", "pipe", "pipe"] },
        );
        this.power = power;
        let said = "";
        power.stderr.on("data", (data) => (said += data));
        await new Promise<void>((resolve, reject) => {
            power.stdout.once("data", () => resolve());
            power.once("exit", (code) => reject(new Error(`${this.name} does not start (${code}): ${said}`)));
        });
        await this.options.attach(this.name, this.address, power.pid!);
        await until(
            () => existsSync(`/proc/${this.firstProcess()}/root/run/units.sock`),
            30,
            () => `${this.name} has no process 1`,
            20,
        );
        if (isNew) await this.run("systemctl daemon-reload; systemctl enable --now --no-block mainstay-boot.service");
    }

    /** Cuts the power: everything on the machine ends within the same moment, and its sockets with it. */
    async kill(): Promise<void> {
        const { power } = this;
        if (!power) return;
        // It may have gone off by itself.
        const first = power.exitCode === null ? this.firstProcess() : undefined;
        this.power = undefined;
        power.kill("SIGKILL");
        // Its last process is the first one: the kernel lets it go when all others are gone.
        await until(
            () => first === undefined || !existsSync(`/proc/${first}/exe`),
            30,
            () => `${this.name} does not go off`,
        );
        await this.options.detach(this.name);
    }

    /** A new machine of the same name: nothing of the old one is left but etcd's disk, unless that is new, too. */
    async replace({ etcdDisk = false } = {}): Promise<void> {
        await this.kill();
        for (const part of ["system", "work", "containerd", ...(etcdDisk ? ["etcd"] : [])])
            rmSync(join(this.folder, part), { recursive: true, force: true });
    }

    /** Runs a script on the machine. Its exit code is the caller's to look at. */
    run(script: string): Promise<Outcome> {
        const args = ["--target", String(this.firstProcess()), "--mount", "--uts", "--ipc", "--net", "--pid"];
        return new Promise((resolve) =>
            execFile(
                "nsenter",
                [...args, "env", "-i", `PATH=${PATH}`, "HOME=/root", "bash", "-c", `cd / && ${script}`],
                { maxBuffer: 64 << 20 },
                (error, stdout, stderr) =>
                    resolve({ code: error ? ((error as { code?: number }).code ?? -1) : 0, stdout, stderr }),
            ),
        );
    }

    /** What the boot said since the machine was switched on, as the console has it and Azure's boot diagnostics. */
    console(): string {
        return this.read("var/log/units/mainstay-boot.service.log") ?? "";
    }

    /** A file of the machine, also while it is off; `undefined` where there is none. No links on the way: they would lead out of the machine. */
    read(path: string): string | undefined {
        const file = join(this.folder, "system", path);
        return existsSync(file) ? readFileSync(file, "utf8") : undefined;
    }

    /** The first of the machine's own processes, as it is numbered here. */
    firstProcess(): number {
        const pid = this.power?.pid;
        if (!pid) throw new Error(`${this.name} is off`);
        const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
        if (!child) throw new Error(`${this.name} has no process`);
        return Number(child);
    }

    private layDown(): void {
        const system = join(this.folder, "system");
        cpSync(join(__dirname, "image"), join(system, "opt/region/bin"), { recursive: true });
        for (const [path, text] of Object.entries(this.options.image)) write(join(system, path), text);
        const { write_files: files } = parse(Buffer.from(this.options.customData, "base64").toString("utf8")) as {
            write_files: { path: string; permissions?: string; content: string }[];
        };
        for (const { path, permissions = "0644", content } of files)
            write(join(system, path), content, Number.parseInt(permissions, 8));
        write(join(system, "etc/hostname"), `${this.name}\n`);
        write(join(system, "etc/hosts"), `127.0.0.1 localhost\n${this.address} ${this.name}\n`);
    }
}

function write(path: string, text: string, mode = 0o644): void {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, mode);
}

import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
    chmodSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    readdirSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { controlPlaneBundle, customData, workerBundle } from "../../components/controlPlane/boot";
import { type BootCloud, startBootCloud } from "./bootCloud";

const standIns = join(__dirname, "bootStandIns");
const recorded = ["systemctl", "modprobe", "sysctl", "swapoff"];

/** Values that must never be seen anywhere but in the files they belong in. */
export const secrets: Record<string, string> = {
    "kubernetes-ca-crt": "-----BEGIN CERTIFICATE-----\nnot secret\n-----END CERTIFICATE-----\n",
    "kubernetes-ca-key": "-----BEGIN PRIVATE KEY-----\nKEY-OF-THE-AUTHORITY\n-----END PRIVATE KEY-----\n",
    encryption: 'secret: "ENCRYPTION\\KEY" # ü\n',
};

/** What one run of the boot came to. */
export interface Booted {
    code: number | null;
    output: string;
    /** Its lines `mainstay: FAILED …`. */
    failures: string[];
}

/** A cloud, and what machines see of each other: `apis/<address>` answers, `members` are etcd's, `calls` is every command. */
export class World {
    readonly folder = mkdtempSync(join(tmpdir(), "mainstay-boot-test-"));
    private readonly machines: Machine[] = [];

    private constructor(readonly cloud: BootCloud) {
        for (const name of ["apis", "stop-at", "fails", "releases"]) mkdirSync(join(this.folder, name));
        writeFileSync(join(this.folder, "calls"), "");
        writeFileSync(join(this.folder, "members"), "");
        // The cluster's own, in kubeadm-config.
        writeFileSync(join(this.folder, "version"), "v1.35.8");
        for (const [name, value] of Object.entries(secrets)) cloud.secrets.set(`keys/${name}`, value);
        cloud.secrets.set("join/discovery", "token: JOIN-TOKEN\n");
        cloud.fault = (method, path) => this.userData(path) ?? this.fault?.(method, path);
    }

    /** See {@link BootCloud.fault}. */
    fault?: BootCloud["fault"];

    /** Every machine has a metadata service of its own. */
    private userData(path: string) {
        const name = /^\/of\/([^/]+)\/metadata\/instance\/compute\/userData$/.exec(path)?.[1];
        const machine = this.machines.find((each) => each.name === name);
        return machine && { code: 200, body: machine.userData };
    }

    static async create(): Promise<World> {
        return new World(await startBootCloud());
    }

    machine(number: number, options: MachineOptions = {}): Machine {
        const machine = new Machine(this, `test-cp-${number}`, `10.0.0.${10 + number}`, options);
        this.machines.push(machine);
        return machine;
    }

    worker(name: string): Machine {
        const machine = new Machine(this, name, "", {});
        this.machines.push(machine);
        return machine;
    }

    /** Every command, `machine: command arguments`, those that match. */
    calls(matching = /./): string[] {
        return this.read("calls")
            .split("\n")
            .filter((line) => matching.test(line));
    }

    read(path: string): string {
        return readFileSync(join(this.folder, path), "utf8");
    }

    exists(path: string): boolean {
        return existsSync(join(this.folder, path));
    }

    write(path: string, text: string): void {
        writeFileSync(join(this.folder, path), text);
    }

    remove(path: string): void {
        rmSync(join(this.folder, path), { force: true });
    }

    mark(): string | undefined {
        return this.cloud.blobs.get("cluster/initialised")?.content.toString();
    }

    /** As if a minute had passed in which nobody renewed. */
    expireLeases(): void {
        for (const blob of this.cloud.blobs.values()) blob.lease = undefined;
    }

    /** Starts a machine and returns when it has come to the point; there it waits for its {@link Machine.kill} or {@link goOn}. */
    async bootUpTo(machine: Machine, point: string): Promise<{ ended: Promise<Booted> }> {
        this.write(`stop-at/${machine.name} ${point}`, "");
        const ended = machine.boot();
        for (let waited = 0; !this.exists("stopped"); waited += 20) {
            if (waited > 30_000) throw new Error(`${machine.name} never came to: ${point}\n${this.calls().join("\n")}`);
            await sleep(20);
        }
        // In an object, so that the promise is not waited for.
        return { ended };
    }

    goOn(): void {
        this.remove("stopped");
    }

    /** Ends what still runs, and takes everything away. */
    async close(): Promise<void> {
        await Promise.all(this.machines.map((machine) => machine.kill()));
        await this.cloud.close();
        rmSync(this.folder, { recursive: true, force: true });
    }

    /** Archives of the shapes that the real releases have, with stand-ins inside. */
    downloads(): string {
        const line = (name: string, build: (folder: string, file: string) => void) => {
            const folder = join(this.folder, "releases", name);
            const file = `${folder}.download`;
            if (!existsSync(file)) {
                mkdirSync(folder, { recursive: true });
                build(folder, file);
            }
            const sum = createHash("sha256").update(readFileSync(file)).digest("hex");
            return ["amd64", "arm64"].map((of) => `${name} v1 ${of} ${sum} file://${file}\n`).join("");
        };
        const program = (name: string) => (_: string, file: string) => writeFileSync(file, standIn(name));
        const archive = (paths: string[], inside: string) => (folder: string, file: string) => {
            for (const path of paths) {
                mkdirSync(dirname(join(folder, path)), { recursive: true });
                writeFileSync(join(folder, path), standIn(path.split("/").at(-1)!), { mode: 0o755 });
            }
            execFileSync("tar", ["-czf", file, "-C", folder, inside]);
        };
        return [
            line("containerd", archive(["bin/containerd", "bin/ctr"], "bin")),
            line("runc", program("runc")),
            line("cni-plugins", archive(["bridge", "loopback"], ".")),
            line("etcd", archive(["etcd-v1/etcdctl", "etcd-v1/etcdutl", "etcd-v1/etcd"], "etcd-v1")),
            line("crictl", archive(["crictl"], "crictl")),
            ...["kubelet", "kubeadm", "kubectl"].map((name) => line(name, program(name))),
        ].join("");
    }
}

interface MachineOptions {
    kubernetesVersion?: string;
    etcdDisk?: string;
    peers?: number;
    files?: Record<string, string>;
}

/** A folder that the scripts take for a machine. They come to it as in Azure: by the stub, out of user data. */
export class Machine {
    readonly root: string;
    private process?: { pid: number; ended: Promise<Booted> };

    constructor(
        private readonly world: World,
        readonly name: string,
        readonly address: string,
        options: MachineOptions,
    ) {
        this.root = join(world.folder, name);
        mkdirSync(join(this.root, "bin"), { recursive: true });
        for (const command of readdirSync(standIns)) this.install(command, standIn(command));
        for (const command of recorded) this.install(command, standIn("recorder"));
        // Its releases bring these.
        for (const command of ["kubeadm", "kubectl", "etcdctl", "crictl"]) rmSync(join(this.root, "bin", command));
        this.write("dev/disk/azure/scsi1/lun0", "\0".repeat(8192));
        this.write("sbin/mainstay-boot", stub("/usr/local/sbin/mainstay-boot"));
        chmodSync(join(this.root, "sbin/mainstay-boot"), 0o755);
        this.setUserData(options);
    }

    userData = "";

    setUserData(options: MachineOptions = {}): void {
        const { cloud } = this.world;
        const kubernetesVersion = options.kubernetesVersion ?? "v1.35.8";
        const shared = {
            cluster: "test",
            zone: "1",
            kubernetesVersion,
            apiName: "api.test.internal",
            imdsUrl: cloud.url,
            joinVaultUrl: cloud.vault("join"),
        };
        const files = {
            "downloads.txt": this.world.downloads(),
            "kubernetes/kubeadm-init.yaml":
                "kind: ClusterConfiguration\napiServer:\n  certSANs:\n    - api.test.internal\n",
            "kubernetes/kubeadm-join.yaml": "kind: JoinConfiguration\n",
            "kubernetes/files/audit-policy.yaml": "kind: Policy\n",
            ...options.files,
        };
        if (!this.address) {
            this.userData = workerBundle({ ...shared, pool: "general" }, files);
            return;
        }
        this.userData = controlPlaneBundle(
            {
                ...shared,
                machine: this.name,
                generation: 1,
                nodeAddress: this.address,
                apiAddress: "10.0.0.100",
                peers: Array.from({ length: options.peers ?? 3 }, (_, at) => ({
                    name: `test-cp-${at + 1}`,
                    address: `10.0.0.${11 + at}`,
                })),
                vaultUrl: cloud.vault("keys"),
                secretFiles: {
                    "kubernetes-ca-crt": "/etc/kubernetes/pki/ca.crt",
                    "kubernetes-ca-key": "/etc/kubernetes/pki/ca.key",
                    encryption: "/etc/kubernetes/mainstay/encryption.yaml",
                },
                stateUrl: cloud.container("cluster"),
                snapshotUrl: cloud.container("snapshots"),
                issuerUrl: cloud.url,
                issuerBlobUrl: cloud.container("issuer"),
                etcdDisk: options.etcdDisk,
            },
            files,
        );
    }

    /** Runs the stub, as the boot unit and the extension do. */
    boot(): Promise<Booted> {
        const child = spawn(join(this.root, "sbin/mainstay-boot"), {
            // A process group of its own, so that a kill reaches all of it, as a power cut would.
            detached: true,
            stdio: ["ignore", "pipe", "pipe"],
            env: {
                PATH: [
                    join(this.root, "bin"),
                    join(this.root, "usr/local/bin"),
                    "/usr/bin:/bin",
                    process.env.PATH,
                ].join(":"),
                HOME: this.root,
                MAINSTAY_ROOT: this.root,
                MAINSTAY_IMDS: `${this.world.cloud.url}/of/${this.name}`,
                MAINSTAY_WORLD: this.world.folder,
                MAINSTAY_STANDINS: standIns,
                MAINSTAY_NAME: this.name,
                MAINSTAY_ADDRESS: this.address,
            },
        });
        let output = "";
        for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
        const ended = new Promise<Booted>((resolve) =>
            child.on("close", (code) => {
                this.process = undefined;
                const failures = output.split("\n").filter((line) => line.startsWith("mainstay: FAILED"));
                resolve({ code, output, failures });
            }),
        );
        this.process = { pid: child.pid!, ended };
        return ended;
    }

    /** A power cut: nothing of the boot gets another instruction. */
    async kill(): Promise<void> {
        const running = this.process;
        if (!running) return;
        try {
            process.kill(-running.pid, "SIGKILL");
        } catch {
            // It ended by itself in this moment.
        }
        await running.ended;
        this.world.remove("stopped");
    }

    /** What systemd does to a unit's processes when it stops it or its time is over. */
    stop(): void {
        if (this.process) process.kill(-this.process.pid, "SIGTERM");
    }

    /** A new machine of the same name: its disk of the operating system is new, etcd's is the same. */
    replace(): void {
        const keep = new Set(["bin", "sbin", "dev"]);
        for (const name of readdirSync(this.root)) {
            if (!keep.has(name) && name !== "var") rmSync(join(this.root, name), { recursive: true, force: true });
        }
        for (const name of readdirSync(join(this.root, "var/lib"))) {
            if (name !== "etcd") rmSync(join(this.root, "var/lib", name), { recursive: true, force: true });
        }
        rmSync(join(this.world.folder, "apis", this.address), { force: true });
    }

    read(path: string): string {
        return readFileSync(join(this.root, path), "utf8");
    }

    exists(path: string): boolean {
        return existsSync(join(this.root, path));
    }

    write(path: string, text: string): void {
        mkdirSync(dirname(join(this.root, path)), { recursive: true });
        writeFileSync(join(this.root, path), text);
    }

    private install(command: string, text: string): void {
        this.write(`bin/${command}`, text);
        chmodSync(join(this.root, "bin", command), 0o755);
    }
}

/** A file that the stub writes. */
export function stub(path: string): string {
    const config = parse(Buffer.from(customData, "base64").toString());
    return config.write_files.find((file: { path: string }) => file.path === path).content;
}

function standIn(command: string): string {
    const file = join(standIns, command);
    return existsSync(file) ? readFileSync(file, "utf8") : "#!/bin/bash\nexit 0\n";
}

export const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

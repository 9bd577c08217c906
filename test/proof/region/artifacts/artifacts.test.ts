import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { scriptFiles } from "../../../../components/controlPlane/boot/bundle";
import { skip } from "../../../skip";
import { proof } from "../../proof";
import { reasonNotHere } from "../supported";
import { downloads, imagesOf, type NodeTools, nodeTools, reasonNoNodeTools, serveDownloads, serveRegistry } from ".";

/** Judges: the boot scripts' own install.sh, and containerd, for which the program's own configuration is written. */
describe("what machines are made of", function () {
    this.timeout(20 * 60_000);

    let tools: NodeTools;
    let folder: string;
    const closing: (() => unknown)[] = [];

    before(async function () {
        const reason =
            reasonNotHere() ??
            (await reasonNoNodeTools()) ??
            (process.env.MAINSTAY_REGION ? undefined : "it is not inside enter.sh");
        if (reason) skip(this, reason);
        folder = join(process.env.MAINSTAY_REGION!, "artifacts");
        mkdirSync(folder);
        tools = await nodeTools();
    });

    afterEach(async () => {
        for (const close of closing.splice(0).reverse()) await close();
    });
    after(() => folder && rmSync(folder, { recursive: true, force: true }));

    proof("failover: install.sh takes the downloads, and the programs run from where it puts them", async () => {
        const archives = await downloads(tools);
        closing.push(await serveDownloads(archives, "127.0.0.1", 8000));
        const root = join(folder, "root");
        const bundle = join(folder, "bundle");
        write(join(bundle, "downloads.txt"), archives.text("127.0.0.1", 8000));
        write(join(bundle, "install.sh"), scriptFiles()["lib/install.sh"]);
        const before = `log() { :; }; is_member() { return 1; }; fail() { echo "$*" >&2; exit 1; }; STEP=install`;
        await run("bash", [
            "-euo",
            "pipefail",
            "-c",
            `ROOT=${root} BUNDLE=${bundle}; ${before}; . "$BUNDLE/install.sh"; install_programs`,
        ]);

        const version = (program: string, ...args: string[]) =>
            execFileSync(join(root, program), args, { encoding: "utf8" });
        assert.match(version("usr/local/bin/containerd", "--version"), new RegExp(` ${tools.containerdVersion}\\b`));
        assert.match(version("usr/local/bin/containerd-shim-runc-v2", "-v"), new RegExp(tools.containerdVersion));
        assert.equal(version("usr/local/bin/kubelet", "--version"), `Kubernetes ${tools.kubernetesVersion}\n`);
        assert.equal(version("usr/local/bin/kubeadm", "version", "-o", "short"), `${tools.kubernetesVersion}\n`);
        for (const program of ["etcdctl", "etcdutl"])
            assert.match(version(`usr/local/bin/${program}`, "version"), new RegExp(tools.etcdVersion));
        assert.match(version("usr/local/bin/runc", "--version"), /^runc version/);
        for (const program of [
            "usr/local/bin/kubectl",
            "usr/local/bin/crictl",
            "opt/cni/bin/bridge",
            "opt/cni/bin/host-local",
        ])
            assert.ok(readFileSync(join(root, program)).length > 0, program);
    });

    proof("failover: containerd pulls every image that kubeadm names", async (figures) => {
        const images = await imagesOf(tools);
        closing.push(await serveRegistry(images, "127.0.0.1", 5000));
        const endpoint = await startContainerd();
        const began = performance.now();
        for (const [name, { blobs }] of images) {
            const said = await run(tools.paths.crictl, ["--runtime-endpoint", endpoint, "pull", name]);
            // An image's identity is its configuration's digest, which holds what is unpacked of its layer.
            assert.ok(said.includes(blobs[0].digest), `${name}: ${said}`);
        }
        figures.secondsToPullAllImages = Math.round((performance.now() - began) / 100) / 10;
        await assert.rejects(
            run(tools.paths.crictl, ["--runtime-endpoint", endpoint, "pull", "registry.k8s.io/etcd:9.9.9"]),
            /not found/,
        );
    });

    /** containerd as the program sets it up, but with everything of its own below this test's folder. */
    async function startContainerd(): Promise<string> {
        const settings = scriptFiles()["system/containerd.toml"].replace(
            "/etc/containerd/certs.d",
            join(folder, "certs.d"),
        );
        assert.ok(settings.includes(folder), "containerd.toml no longer says where hosts are described");
        const socket = join(folder, "containerd.sock");
        const own = `root = '${folder}/images'\nstate = '${folder}/state'\n[grpc]\n  address = '${socket}'\n`;
        write(join(folder, "certs.d/_default/hosts.toml"), '[host."http://127.0.0.1:5000"]\n');
        write(join(folder, "containerd.toml"), settings.replace("version = 3\n", `version = 3\n${own}`));
        const containerd = spawn(tools.paths.containerd, ["--config", join(folder, "containerd.toml")], {
            stdio: ["ignore", "ignore", "pipe"],
        });
        let said = "";
        containerd.stderr.on("data", (data) => (said += data));
        closing.push(() => ended(containerd));
        const deadline = Date.now() + 30_000;
        while (!/containerd successfully booted/.test(said)) {
            if (containerd.exitCode !== null || Date.now() > deadline) throw new Error(`containerd: ${said}`);
            await sleep(50);
        }
        return `unix://${socket}`;
    }
});

async function ended(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null) return;
    const exited = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await exited;
}

/** Not `execFileSync`: what it asks of is in this process. */
function run(program: string, args: string[]): Promise<string> {
    return new Promise((resolve, reject) => {
        const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
        let said = "";
        for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (said += data));
        child.once("error", reject);
        child.once("close", (code) => (code === 0 ? resolve(said) : reject(new Error(`${program}: ${said}`))));
    });
}

function write(path: string, text: string): void {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
}

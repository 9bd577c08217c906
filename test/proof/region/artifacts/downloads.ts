import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type KubernetesMinor, releases } from "../../../../components/controlPlane/boot/versions";
import { sha256 } from "../../../../rehearsal/toolchain/files";
import { versionIn } from "../../../../rehearsal/toolchain/version";
import { listen, sendFile } from "./serve";
import { writeTarball } from "./tarball";
import type { NodeTools } from "./tools";

interface Download {
    name: string;
    version: string;
    path: string;
    bytes: number;
    sha256: string;
}

/** What machines install here, in place of the publishers' downloads. */
export interface Downloads {
    files: Download[];
    /** A whole `downloads.txt`, for downloads that are served there. */
    text(host: string, port: number): string;
    /** Removes the archives. */
    close(): void;
}

/**
 * The programs, packed as their publishers pack them, so that the boot scripts unpack them as they do in production. runc and the CNI plugins are
 * those of this machine's Debian packages.
 *
 * @param parent - folder that the archives are made below
 * @throws when machines download something that nobody knows how to pack here
 */
export async function downloads(
    tools: NodeTools,
    parent = process.env.MAINSTAY_REGION ?? tmpdir(),
): Promise<Downloads> {
    const folder = mkdtempSync(join(parent, "downloads-"));
    try {
        const files = await Promise.all(
            wantedBy(tools).map((name) => {
                const pack = packers[name];
                if (!pack) throw new Error(`machines download ${name}, and artifacts/downloads.ts does not pack it`);
                return pack(tools, folder).then((packed) => ({ name, ...packed }));
            }),
        );
        return {
            files,
            text: (host, port) =>
                files
                    .map((file) => {
                        const url = `http://${host}:${port}/${file.name}`;
                        return `${file.name} ${file.version} ${architecture} ${file.sha256} ${url}\n`;
                    })
                    .join(""),
            close: () => rmSync(folder, { recursive: true, force: true }),
        };
    } catch (error) {
        rmSync(folder, { recursive: true, force: true });
        throw error;
    }
}

/** Serves them on one address. @returns stops serving and removes the archives */
export async function serveDownloads(archives: Downloads, host: string, port: number): Promise<() => Promise<void>> {
    const close = await listen(host, port, (request, response) => {
        const file = archives.files.find(({ name }) => request.url === `/${name}`);
        if (!file) return void response.writeHead(404).end(`${request.url} is not served`);
        sendFile(request, response, { ...file, headers: { "content-type": "application/octet-stream" } });
    });
    return async () => {
        await close();
        archives.close();
    };
}

const architecture = process.arch === "x64" ? "amd64" : process.arch;

/** Names of what machines of that Kubernetes install, as the program pins them. */
function wantedBy({ kubernetesVersion }: NodeTools): string[] {
    const minor = kubernetesVersion.replace(/^v(\d+\.\d+)\..*$/, "$1") as KubernetesMinor;
    if (!releases[minor]) throw new Error(`machines of Kubernetes ${minor} are not described in boot/versions.ts`);
    return releases[minor].downloads.map(({ name }) => name);
}

const packers: Record<string, (tools: NodeTools, folder: string) => Promise<Omit<Download, "name">>> = {
    containerd: ({ paths, containerdVersion }, folder) =>
        archive(folder, "containerd", containerdVersion, {
            "bin/containerd": paths.containerd,
            "bin/containerd-shim-runc-v2": paths["containerd-shim-runc-v2"],
        }),
    etcd: ({ paths, etcdVersion }, folder) => {
        const top = `etcd-v${etcdVersion}-linux-${architecture}`;
        return archive(folder, "etcd", etcdVersion, {
            [`${top}/etcdctl`]: paths.etcdctl,
            [`${top}/etcdutl`]: paths.etcdutl,
        });
    },
    crictl: ({ paths, kubernetesVersion }, folder) =>
        archive(folder, "crictl", `${kubernetesVersion.slice(1)}-stand-in`, { crictl: paths.crictl }),
    "cni-plugins": (_tools, folder) => {
        const plugins = "/usr/lib/cni";
        const files = readdirSync(plugins).map((name) => [name, join(plugins, name)]);
        return archive(folder, "cni-plugins", packageVersion("containernetworking-plugins"), Object.fromEntries(files));
    },
    runc: () => {
        const path = execFileSync("sh", ["-c", "command -v runc"], { encoding: "utf8" }).trim();
        return program(path, versionIn(execFileSync(path, ["--version"], { encoding: "utf8" })) ?? "unknown");
    },
    kubelet: ({ paths, kubernetesVersion }) => program(paths.kubelet, kubernetesVersion),
    kubeadm: ({ paths, kubernetesVersion }) => program(paths.kubeadm, kubernetesVersion),
    kubectl: ({ paths, kubernetesVersion }) => program(paths.kubectl, kubernetesVersion),
};

async function archive(
    folder: string,
    name: string,
    version: string,
    files: Record<string, string>,
): Promise<Omit<Download, "name">> {
    const path = join(folder, `${name}.tgz`);
    return { version: `v${version}`, path, ...(await writeTarball(files, path, "gzip")) };
}

async function program(path: string, version: string): Promise<Omit<Download, "name">> {
    const label = version.startsWith("v") ? version : `v${version}`;
    return { version: label, path, bytes: statSync(path).size, sha256: await sha256(path) };
}

function packageVersion(name: string): string {
    const answer = execFileSync("dpkg-query", ["--show", name], { encoding: "utf8" });
    return versionIn(answer) ?? "unknown";
}

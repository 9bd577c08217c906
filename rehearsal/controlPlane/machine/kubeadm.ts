import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { BootError } from "./bootError";
import type { Document, InitFile } from "./configuration";
import { hostFile, type MachineFiles, type StaticPod } from "./manifest";

/** The real kubeadm, as an ordinary user: it reads and writes the machine's files here, and nothing of this machine's own. */
export class Kubeadm {
    constructor(
        private readonly program: string,
        /** A folder for what it reads and writes beside the machine's files. */
        private readonly folder: string,
    ) {}

    /** Judges a configuration file as kubeadm does when it starts. */
    async validate(what: string, text: string): Promise<void> {
        await this.run(["config", "validate", "--config", this.write("validated.yaml", text)], what);
    }

    /** The static pods that the program's configuration makes, exactly as written there. */
    async staticPods(file: InitFile, files: MachineFiles): Promise<StaticPod[]> {
        const manifests = join(this.folder, "manifests");
        mkdirSync(manifests, { recursive: true, mode: 0o700 });
        const config = this.write("init.yaml", textOf(file.documents.map((document) => withPatches(document, files))));
        // In a dry run kubeadm writes into that folder what would go to /etc/kubernetes/manifests.
        const env = { KUBEADM_INIT_DRYRUN_DIR: manifests };
        await this.run(
            ["init", "phase", "control-plane", "all", "--dry-run", "--config", config],
            "control-plane",
            env,
        );
        await this.run(["init", "phase", "etcd", "local", "--dry-run", "--config", config], "etcd", env);
        return readdirSync(manifests)
            .filter((file) => file.endsWith(".yaml"))
            .sort()
            .map((file) => parse(readFileSync(join(manifests, file), "utf8")) as StaticPod);
    }

    /** Certificates by the authorities that lie there, and the kubeconfigs of the machine's own programs. */
    async certificatesAndKubeconfigs(file: InitFile, files: MachineFiles): Promise<void> {
        const certificatesDir = hostFile(files, file.certificatesFolder);
        const documents = file.documents.map((document) =>
            document.kind === "ClusterConfiguration" ? { ...document, certificatesDir } : document,
        );
        const config = this.write("rehearsed.yaml", textOf(documents.map((document) => withPatches(document, files))));
        await this.run(["init", "phase", "certs", "all", "--config", config], "certs");
        const kubeconfigs = hostFile(files, "/etc/kubernetes");
        const kubeconfigDir = ["--kubeconfig-dir", kubeconfigs];
        await this.run(["init", "phase", "kubeconfig", "all", "--config", config, ...kubeconfigDir], "kubeconfig");
    }

    /** A phase that talks to the API server. */
    async phase(words: string[], configuration: string, kubeconfig: string): Promise<void> {
        const config = this.write("init.yaml", configuration);
        await this.run(["init", "phase", ...words, "--config", config, "--kubeconfig", kubeconfig], words[0]);
    }

    private write(name: string, text: string): string {
        const path = join(this.folder, name);
        writeFileSync(path, text, { mode: 0o600 });
        return path;
    }

    private run(args: string[], what: string, env: NodeJS.ProcessEnv = {}): Promise<void> {
        return new Promise((resolve, reject) => {
            const options = { cwd: this.folder, env: { PATH: process.env.PATH, HOME: this.folder, ...env } };
            execFile(this.program, args, { ...options, timeout: 60_000 }, (error, _stdout, stderr) => {
                if (!error) return resolve();
                const said = stderr
                    .replace(/^To see the stack trace.*$/m, "")
                    .trim()
                    .split("\n")
                    .filter((line) => !/^W\d{4} /.test(line))
                    .join("\n")
                    .replaceAll(this.folder, "");
                reject(
                    new BootError(
                        "kubeadm",
                        `${what}: ${said || error.message}`,
                        "mend the configuration that the program wrote for kubeadm",
                    ),
                );
            }).stdin?.end();
        });
    }
}

function textOf(documents: Document[]): string {
    return documents.map((document) => stringify(document)).join("---\n");
}

/** kubeadm reads its patches from the machine's disk. */
function withPatches(document: Document, files: MachineFiles): Document {
    const directory = document.patches?.directory;
    return directory ? { ...document, patches: { directory: hostFile(files, directory) } } : document;
}

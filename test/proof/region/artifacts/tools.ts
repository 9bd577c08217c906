import { join } from "node:path";
import { createProgress } from "../../../../rehearsal/progress";
import { ensureTools } from "../../../../rehearsal/toolchain";
import { clientProgram } from "../../clients/build";
import { builtPrograms } from "../../goModule";

/** What is released together: kubeadm runs servers of its own version only. */
const kubernetesNames = [
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubelet",
    "kubeadm",
    "kubectl",
] as const;

const fromToolchain = [
    ...kubernetesNames,
    "etcd",
    "etcdctl",
    "etcdutl",
    "containerd",
    "containerd-shim-runc-v2",
] as const;

/** Programs of a node and of what runs on it. */
export type NodeProgram = (typeof fromToolchain)[number] | "pause" | "crictl" | "client";

/** Where the programs are, and of which versions. */
export interface NodeTools {
    paths: Record<NodeProgram, string>;
    /** As Kubernetes writes it, `v1.35.4`. */
    kubernetesVersion: string;
    /** Such as `3.6.6`. */
    etcdVersion: string;
    /** Such as `2.3.4`. */
    containerdVersion: string;
}

/** Has every program ready that nodes are made of: found, downloaded or built by the toolchain, and our own. */
export async function nodeTools(): Promise<NodeTools> {
    const progress = createProgress();
    const tools = await ensureTools(fromToolchain, progress);
    const versions = new Set(kubernetesNames.map((name) => tools[name].version));
    if (versions.size > 1) {
        const each = kubernetesNames.map((name) => `${name} ${tools[name].version}`);
        throw new Error(`programs of a node are of different releases of Kubernetes: ${each.join(", ")}`);
    }
    const own = await builtPrograms(
        {
            name: "node-programs",
            folder: join(__dirname, "programs"),
            packages: { pause: "./pause", crictl: "./crictl" },
            usual: "usually 30 s",
        },
        progress,
    );
    const found = Object.fromEntries(fromToolchain.map((name) => [name, tools[name].path]));
    return {
        paths: { ...found, ...own, client: await clientProgram(progress) } as NodeTools["paths"],
        kubernetesVersion: `v${tools.kubeadm.version}`,
        etcdVersion: tools.etcd.version,
        containerdVersion: tools.containerd.version,
    };
}

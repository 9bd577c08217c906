import { join } from "node:path";
import { createProgress } from "../../../../rehearsal/progress";
import { ensureTools, nodeToolNames } from "../../../../rehearsal/toolchain";
import { clientProgram, reasonNoClient } from "../../clients/build";
import { builtPrograms, type GoModule, reasonNotBuilt } from "../../goModule";

/** kubeadm runs servers of its own release only, and a kubelet is never newer than its server. */
const ofOneRelease = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kubeadm"] as const;

const fromToolchain = [...ofOneRelease, "kubectl", "etcd", "etcdctl", "etcdutl", ...nodeToolNames] as const;

const own: GoModule<"pause" | "crictl"> = {
    name: "node-programs",
    folder: join(__dirname, "programs"),
    packages: { pause: "./pause", crictl: "./crictl" },
    usual: "usually 30 s",
};

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

/**
 * Why programs of our own cannot be had here, for a test to be skipped by; `undefined` where they are built already or Go is there.
 */
export async function reasonNoNodeTools(): Promise<string | undefined> {
    return (await reasonNotBuilt(own)) ?? (await reasonNoClient());
}

/**
 * Has every program ready that nodes are made of: found, downloaded or built by the toolchain, and our own. Whoever enters a region's
 * namespaces calls it before: there is no network inside to fetch anything from.
 */
export async function nodeTools(): Promise<NodeTools> {
    const progress = createProgress();
    const tools = await ensureTools(fromToolchain, progress);
    if (new Set(ofOneRelease.map((name) => tools[name].version)).size > 1) {
        const each = ofOneRelease.map((name) => `${name} ${tools[name].version} (${tools[name].path})`);
        throw new Error(
            `programs of a node are of different releases of Kubernetes: ${each.join(", ")}; take the odd one off PATH`,
        );
    }
    const found = Object.fromEntries(fromToolchain.map((name) => [name, tools[name].path]));
    const built = { ...(await builtPrograms(own, progress)), client: await clientProgram(progress) };
    return {
        paths: { ...found, ...built } as NodeTools["paths"],
        kubernetesVersion: `v${tools.kubeadm.version}`,
        etcdVersion: tools.etcd.version,
        containerdVersion: tools.containerd.version,
    };
}

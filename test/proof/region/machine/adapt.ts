import { type Document, parseAllDocuments, stringify } from "yaml";
import { packFiles } from "../../../../components/controlPlane/boot/bundle";
import { factsFile } from "../../../../components/controlPlane/boot/facts";
import { readBundle } from "../../../../rehearsal/controlPlane/machine/bundle";
import { parseFacts } from "../../../../rehearsal/controlPlane/machine/facts";
import { groupOf } from "./groups";

export interface Here {
    /** Version of the programs that are here, `v1.35.4`. */
    kubernetesVersion: string;
    /** Where they come from: a whole `downloads.txt`. */
    downloads: string;
}

export type Files = Record<string, string>;

/**
 * The user data of a machine of the program, with what a namespace on this machine needs differently and nothing else:
 *
 * - facts: etcd's disk is a folder of the machine's own, without a device behind it; the version is that of the programs here
 * - downloads: the same programs, built or packaged here, so with checksums of their own
 * - kubeadm, kubelet, containerd: control groups of version 1, made by the container runtime and not by systemd, below the machine's own; a
 *   kernel that is shared, so nobody checks or sets what is not the machine's own, and whose swap is not its business
 * - kernel: sysctls of the network alone, no modules
 */
export function adapt(
    userData: string,
    machine: string,
    here: Here,
    change: (files: Files) => void = () => {},
): string {
    const bundle = readBundle(userData);
    if (!bundle) throw new Error(`the user data of ${machine} is no bundle`);
    const files: Files = Object.fromEntries([...bundle].map(([path, content]) => [path, content.toString("utf8")]));
    const { MAINSTAY_FACTS: _, ...facts } = parseFacts(files["facts.env"]);
    files["facts.env"] = factsFile({ ...facts, ETCD_DISK: "", KUBERNETES_VERSION: here.kubernetesVersion });
    files["downloads.txt"] = here.downloads;
    for (const path of ["kubernetes/kubeadm-init.yaml", "kubernetes/kubeadm-join.yaml"])
        files[path] = adaptDocuments(files[path], machine, here);
    files["system/containerd.toml"] = adaptRuntime(files["system/containerd.toml"]);
    files["system/modules.conf"] = "";
    files["system/sysctl.conf"] = files["system/sysctl.conf"].match(/^net\.ipv4\..*\n/gm)!.join("");
    change(files);
    return packFiles(`user data of ${machine}`, files);
}

function adaptDocuments(text: string, machine: string, { kubernetesVersion }: Here): string {
    const documents = (parseAllDocuments(text) as Document[]).map((document) => document.toJS());
    for (const document of documents) {
        if (document.kind === "ClusterConfiguration") document.kubernetesVersion = kubernetesVersion;
        if (document.kind === "KubeletConfiguration")
            Object.assign(document, {
                cgroupDriver: "cgroupfs",
                failCgroupV1: false,
                failSwapOn: false,
                protectKernelDefaults: false,
                // The disk that all machines share may be fuller than theirs would be.
                evictionHard: {
                    "memory.available": "50Mi",
                    "nodefs.available": "1%",
                    "nodefs.inodesFree": "1%",
                    "imagefs.available": "1%",
                },
            });
        if (document.nodeRegistration) {
            // It looks for the kernel's configuration, which is not a machine's of its own.
            document.nodeRegistration.ignorePreflightErrors = ["SystemVerification"];
            document.nodeRegistration.kubeletExtraArgs.push({ name: "cgroup-root", value: groupOf(machine) });
        }
    }
    return documents.map((document) => stringify(document)).join("---\n");
}

/** Namespaces may not lower a process' OOM score, have no AppArmor and no hierarchy for huge pages. */
function adaptRuntime(text: string): string {
    const here = `
[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = true
  disable_apparmor = true
  disable_hugetlb_controller = true
  tolerate_missing_hugetlb_controller = true
`;
    const changed = text.replace("SystemdCgroup = true", "SystemdCgroup = false");
    if (changed === text) throw new Error("containerd.toml no longer says SystemdCgroup = true");
    return changed + here;
}

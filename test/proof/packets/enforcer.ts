import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { builtPrograms, type GoModule, reasonNotBuilt } from "../goModule";

/**
 * Cilium's agent and CNI plugin, as they are: the module beside this file has no code of ours, only the versions that its registry still
 * has. Of gobgp that is a later one than Cilium names.
 */
const goModule: GoModule<"agent" | "cni"> = {
    name: "packets-cilium",
    folder: join(__dirname, "agent"),
    packages: { agent: "github.com/cilium/cilium/daemon", cni: "github.com/cilium/cilium/plugins/cilium-cni" },
    usual: "usually 6 min",
};

const packages: Record<string, string> = {
    ip: "iproute2",
    iptables: "iptables",
    dnsmasq: "dnsmasq-base",
    unshare: "util-linux",
    setpriv: "util-linux",
};

/** What Cilium compiles its data path with, its own version first; older than 18 is too old for it. */
const compilers = ["clang-19", "clang-18", "clang-20", "clang-21", "clang-22"];

export interface Enforcer {
    /** Paths of programs. */
    agent: string;
    cni: string;
    clang: string;
    /** Folder with the sources of its data path. */
    dataPath: string;
}

/** Why no packet can be judged on this machine; `undefined` where they can. */
export async function reasonNoPackets(): Promise<string | undefined> {
    if (process.platform !== "linux") return "network namespaces and BPF are Linux";
    if (process.getuid?.() !== 0) return "network namespaces and BPF need root";
    if (!existsSync("/sys/fs/bpf")) return "this kernel has no BPF file system";
    const missing = Object.keys(packages).filter((program) => !pathOf(program));
    if (!compilers.some(pathOf)) missing.push("clang-19");
    if (missing.length > 0) {
        const names = [...new Set(missing.map((program) => packages[program] ?? program))];
        return `${missing.join(", ")} missing: apt-get install ${names.join(" ")}`;
    }
    if (!pathOf("go")) return "the sources of Cilium's data path come with its Go module, and Go is not on PATH";
    return reasonNotBuilt(goModule);
}

export async function makeEnforcer(): Promise<Enforcer> {
    const programs = await builtPrograms(goModule);
    const go = async (...args: string[]) => {
        const env = { ...process.env, GOWORK: "off", GOFLAGS: "-mod=readonly" };
        return (await promisify(execFile)("go", args, { cwd: goModule.folder, env })).stdout.trim();
    };
    const cilium = "github.com/cilium/cilium";
    await go("mod", "download", cilium);
    const dataPath = join(await go("list", "-m", "-f", "{{.Dir}}", cilium), "bpf");
    return { ...programs, clang: compilers.map(pathOf).find(Boolean)!, dataPath };
}

function pathOf(program: string): string | undefined {
    try {
        return execFileSync("sh", ["-c", `command -v ${program}`], { encoding: "utf8" }).trim();
    } catch {
        return undefined;
    }
}

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Programs that a region is made with, and the Debian package that each comes in. */
const programs: Record<string, string> = {
    nft: "nftables",
    ip: "iproute2",
    runc: "runc",
    dnsmasq: "dnsmasq-base",
    conntrack: "conntrack",
    unshare: "util-linux",
    nsenter: "util-linux",
    curl: "curl",
    openssl: "openssl",
    python3: "python3",
};

/** Why a region cannot be made here; `undefined` where it can. */
export function reasonNotHere(): string | undefined {
    if (process.platform !== "linux") return "network namespaces, containerd and the kubelet are Linux";
    if (process.getuid?.() !== 0) return "network namespaces and containers need root";
    if (!existsSync("/sys/fs/cgroup/memory"))
        return "the nodes' control groups are made in version 1, and this kernel has mounted version 2";
    const missing = Object.keys(programs).filter((program) => !isThere(program));
    if (!existsSync("/usr/lib/cni/bridge")) missing.push("CNI plugins");
    if (missing.length === 0) return undefined;
    const packages = [...new Set(missing.map((program) => programs[program] ?? "containernetworking-plugins"))];
    return `${missing.join(", ")} missing: apt-get install ${packages.join(" ")}`;
}

function isThere(program: string): boolean {
    try {
        execFileSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" });
        return true;
    } catch {
        return false;
    }
}

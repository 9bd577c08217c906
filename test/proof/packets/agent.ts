import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdirSync, openSync, readFileSync, symlinkSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { command } from "../region/fabric/command";
import type { Enforcer } from "./enforcer";

const SOCKET = "/run/cilium/cilium.sock";

export interface AgentArgs {
    folder: string;
    enforcer: Enforcer;
    kubeconfig: string;
    /** Of the Node object that the namespace is. */
    node: string;
    device: string;
    podCidr: string;
}

/** Cilium's agent on the node that this network namespace is. */
export class Agent {
    private constructor(
        private readonly args: AgentArgs,
        private readonly process: ChildProcess,
        private readonly log: string,
    ) {}

    /** Runs it until it is ready to take pods. */
    static async started(args: AgentArgs): Promise<Agent> {
        const { folder, enforcer } = args;
        const library = join(folder, "library");
        // It compiles in there, and modules' folders cannot be written to.
        cpSync(enforcer.dataPath, join(library, "bpf"), { recursive: true });
        await command("chmod", ["-R", "u+w", library]);
        const programs = join(folder, "programs");
        mkdirSync(programs);
        symlinkSync(enforcer.clang, join(programs, "clang"));
        await mountAll(folder);

        const log = join(folder, "agent.log");
        const child = spawn(enforcer.agent, flags(args, library), {
            env: { ...process.env, PATH: `${programs}:${process.env.PATH}`, K8S_NODE_NAME: args.node },
            stdio: ["ignore", openSync(log, "w"), openSync(log, "a")],
        });
        const agent = new Agent(args, child, log);
        await agent.ready();
        return agent;
    }

    /** Wires a network namespace as a pod's, through Cilium's CNI plugin. */
    async addPod(namespace: string, name: string, networkNamespace: string): Promise<{ address: string }> {
        const result = await command(
            "env",
            [
                "CNI_COMMAND=ADD",
                `CNI_CONTAINERID=${networkNamespace}`,
                `CNI_NETNS=/run/netns/${networkNamespace}`,
                "CNI_IFNAME=eth0",
                "CNI_PATH=/nowhere",
                `CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAMESPACE=${namespace};K8S_POD_NAME=${name}`,
                this.args.enforcer.cni,
            ],
            JSON.stringify({ cniVersion: "0.3.1", name: "cilium", type: "cilium-cni" }),
        ).catch((error: Error) => {
            throw new Error(`${error.message}\n${this.endOfLog()}`);
        });
        return { address: JSON.parse(result).ips[0].address.split("/")[0] };
    }

    private async ready(): Promise<void> {
        const overdue = Date.now() + 300_000;
        while ((await health()) !== 200) {
            if (this.process.exitCode !== null) throw new Error(`Cilium's agent ended\n${this.endOfLog()}`);
            if (Date.now() > overdue) throw new Error(`Cilium's agent was not ready in time\n${this.endOfLog()}`);
            await sleep(250);
        }
    }

    private endOfLog(): string {
        return readFileSync(this.log, "utf8").trim().split("\n").slice(-15).join("\n");
    }
}

/** As the chart sets it on a self-managed cluster, less what needs a second node, Envoy or Hubble. */
function flags({ folder, kubeconfig, device, podCidr }: AgentArgs, library: string): string[] {
    const set: Record<string, string | boolean> = {
        "k8s-kubeconfig-path": kubeconfig,
        "lib-dir": library,
        "state-dir": "/run/cilium",
        "bpf-root": "/sys/fs/bpf",
        "cgroup-root": join(folder, "cgroups"),
        "cluster-name": "default",
        "identity-allocation-mode": "crd",
        ipam: "kubernetes",
        "enable-ipv6": false,
        "routing-mode": "native",
        "ipv4-native-routing-cidr": podCidr,
        "enable-ipv4-masquerade": false,
        devices: device,
        "kube-proxy-replacement": false,
        "enable-l7-proxy": true,
        "dnsproxy-enable-transparent-mode": false,
        // Envoy is for HTTP, which no policy of ours looks into; the proxy of DNS is the agent's own.
        "external-envoy-proxy": true,
        "enable-hubble": false,
        "enable-health-checking": false,
        "enable-endpoint-health-checking": false,
        "preallocate-bpf-maps": false,
    };
    return Object.entries(set).map(([name, value]) => `--${name}=${value}`);
}

/** What the agent mounts or writes outside of its folder, as mounts that go with these namespaces. */
async function mountAll(folder: string): Promise<void> {
    const groups = join(folder, "cgroups");
    mkdirSync(groups);
    await command("mount", ["-t", "cgroup2", "none", groups]);
    await command("mount", ["-t", "bpf", "bpffs", "/sys/fs/bpf"]);
    // It sets two of the kernel's, for the whole machine, and goes on where it may not.
    await command("mount", ["--bind", "/proc/sys/kernel", "/proc/sys/kernel"]);
    await command("mount", ["-o", "remount,bind,ro", "/proc/sys/kernel"]);
}

function health(): Promise<number | undefined> {
    return new Promise((resolve) => {
        request({ socketPath: SOCKET, path: "/v1/healthz" }, (response) => {
            response.resume();
            resolve(response.statusCode);
        })
            .on("error", () => resolve(undefined))
            .end();
    });
}

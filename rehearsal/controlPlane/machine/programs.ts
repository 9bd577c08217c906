import { join } from "node:path";
import { commandLine, kwokFlags } from "../flags";
import type { Ports } from "../folder";
import { stages, type Program, type ProgramName } from "../plan";
import { BootError } from "./bootError";
import {
    commandOf,
    environmentOf,
    flagIn,
    mountVolumes,
    probesOf,
    type MachineFiles,
    type StaticPod,
} from "./manifest";

const loopback = "127.0.0.1";

/** What is asked of a program that runs, as the kubelet would: an answer that is no success ends the boot. */
export interface RunningProbe {
    program: string;
    kind: string;
    url: string;
}

export interface MachinePrograms {
    programs: Program[];
    probes: RunningProbe[];
}

export interface MachineFacts {
    /** As kubeadm wrote them. */
    pods: StaticPod[];
    files: MachineFiles;
    ports: Ports;
    /** For kwok, which plays the kubelets of all nodes. */
    kwok: { kubeconfig: string; podAddressRange: string };
    paths: Record<ProgramName, string>;
}

/** The command lines of a machine's static pods here: their own, but for ports, addresses and the place of files. */
export function machinePrograms({ pods, files, ports, kwok, paths }: MachineFacts): MachinePrograms {
    const pod = (name: ProgramName): StaticPod => {
        const found = pods.find(({ metadata }) => metadata.name === name);
        if (!found) throw new BootError("kubeadm", `it wrote no static pod ${name}`, "look at the configuration");
        return found;
    };
    const [etcd, apiServer] = [pod("etcd"), pod("kube-apiserver")];
    requireOwnEtcd(apiServer, etcd);

    const peer = `https://${loopback}:${ports.etcdPeer}`;
    const client = `https://${loopback}:${ports.etcdClient}`;
    const alone = { "bind-address": loopback, "leader-elect": "false" };
    const dictated: [StaticPod, ProgramName, number, boolean, Record<string, string | undefined>][] = [
        [
            etcd,
            "etcd",
            ports.etcdMetrics,
            false,
            {
                "listen-client-urls": client,
                "advertise-client-urls": client,
                "listen-peer-urls": peer,
                "initial-advertise-peer-urls": peer,
                "initial-cluster": `${flagIn(etcd, "name")}=${peer}`,
                "initial-cluster-state": "new",
                "listen-metrics-urls": `http://${loopback}:${ports.etcdMetrics}`,
                // It need not survive a power cut; see etcdFlags.
                "unsafe-no-fsync": "true",
                "log-level": "warn",
            },
        ],
        [
            apiServer,
            "kube-apiserver",
            ports.apiServer,
            false,
            {
                "bind-address": loopback,
                "advertise-address": loopback,
                "secure-port": String(ports.apiServer),
                "etcd-servers": client,
                // Loopback cannot be an endpoint; see apiServerFlags.
                "endpoint-reconciler-type": "none",
                // No balancer has to notice first.
                "shutdown-delay-duration": "0s",
            },
        ],
        [
            pod("kube-controller-manager"),
            "kube-controller-manager",
            ports.controllerManager,
            true,
            { ...alone, "secure-port": String(ports.controllerManager) },
        ],
        [
            pod("kube-scheduler"),
            "kube-scheduler",
            ports.scheduler,
            true,
            { ...alone, "secure-port": String(ports.scheduler) },
        ],
    ];

    const programs: Program[] = [];
    const probes: RunningProbe[] = [];
    for (const [of, name, port, afterApiServer, flags] of dictated) {
        mountVolumes(of, files);
        programs.push({
            name,
            path: paths[name],
            args: commandOf(of, files, flags).args,
            env: environmentOf(of),
            afterApiServer,
        });
        for (const { kind, scheme, path } of probesOf(of))
            probes.push({ program: name, kind, url: `${scheme}://${loopback}:${port}${path}` });
    }
    programs.push({
        name: "kwok",
        path: paths.kwok,
        args: commandLine(kwokFlags({ ...kwok, stages })),
        afterApiServer: true,
    });
    return { programs, probes };
}

/** Stacked etcd: the API server has to be told an address at which the machine's own etcd listens. */
function requireOwnEtcd(apiServer: StaticPod, etcd: StaticPod): void {
    const listening = (flagIn(etcd, "listen-client-urls") ?? "").split(",");
    for (const server of (flagIn(apiServer, "etcd-servers") ?? "").split(",")) {
        if (listening.includes(server)) continue;
        throw new BootError(
            "kube-apiserver",
            `--etcd-servers names ${server}, but this machine's etcd listens at ${listening.join(", ")}`,
            "leave etcd-servers to kubeadm",
        );
    }
}

/** Folder of a boot's files, below which they lie as on the machine. */
export function filesOf(bootFolder: string, etcdData: string, etcdDataOnMachine: string): MachineFiles {
    return { root: join(bootFolder, "root"), elsewhere: { [etcdDataOnMachine]: etcdData } };
}

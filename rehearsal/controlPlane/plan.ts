import { join } from "node:path";
import {
    apiServerFlags,
    commandLine,
    controllerManagerFlags,
    etcdFlags,
    kwokFlags,
    schedulerFlags,
    type ApiServerFacts,
    type CertificateFiles,
    type ControllerManagerFacts,
    type Flags,
} from "./flags";
import { readJson, type Layout, type Ports } from "./folder";
import type { RunningProbe } from "./machine/programs";
import { podAddressRange, serviceAddressRange, type Material } from "./material";

export const stages = join(__dirname, "stages.yaml");

export type ProgramName = "etcd" | "kube-apiserver" | "kube-controller-manager" | "kube-scheduler" | "kwok";

export interface Program {
    name: ProgramName;
    path: string;
    args: string[];
    /** Variables beside those that every program gets. */
    env?: Record<string, string>;
    /** Started only when the API server answers. */
    afterApiServer: boolean;
}

/** What runs: the rehearsal's own control plane, or the one of a program's machine. */
export interface Runnable {
    programs: Program[];
    /** Of somebody who may do everything, at loopback. */
    kubeconfig: string;
    /** Asked once all run; see machine/. */
    probes?: RunningProbe[];
}

/** What a machine's boot came to. */
export interface MachinePlan extends Runnable {
    probes: RunningProbe[];
    /** kubeadm's `admin.conf`. */
    administratorKubeconfig: string;
    certificateAuthority: string;
    /** Where its files lie; removed once another one runs. */
    folder: string;
    name: string;
    cluster: string;
}

/** What the supervisor starts and serves; everything in it is a fact, nothing is found out later. */
export interface Plan extends Runnable {
    azureFolder: string;
    /** What the stand-in for Entra serves by. */
    issuer: CertificateFiles;
    /** Where the supervisor listens for other processes of the rehearsal; see door/. */
    door: { port: number; token: string };
    ports: Ports;
    /** Ends by itself when its starter does. */
    endsWithStarter: boolean;
}

/** What runs in a folder: what a machine's boot came to, else the rehearsal's own. Programs are where the newest start found them. */
export function currentPlan(place: Layout): Plan | MachinePlan {
    const plan = readJson<Plan>(place.plan)!;
    const machine = readJson<MachinePlan>(place.machinePlan);
    if (!machine) return plan;
    const pathOf = new Map(plan.programs.map(({ name, path }) => [name, path]));
    return {
        ...machine,
        programs: machine.programs.map((program) => ({ ...program, path: pathOf.get(program.name) ?? program.path })),
    };
}

/** Flags that a caller adds or overrides. */
export interface ExtraFlags {
    apiServer?: Flags;
    controllerManager?: Flags;
    scheduler?: Flags;
}

export function programs(
    place: Layout,
    ports: Ports,
    material: Material,
    paths: Record<ProgramName, string>,
    extra: ExtraFlags,
): Program[] {
    const apiServer: ApiServerFacts = {
        port: ports.apiServer,
        etcdEndpoints: [`https://127.0.0.1:${ports.etcdClient}`],
        etcdClient: material.etcd,
        authority: material.authority.certificate,
        serving: material.apiServer,
        serviceAccounts: material.serviceAccounts,
        authenticationConfiguration: place.authenticationConfiguration,
        serviceAddressRange,
        extra: { "token-auth-file": place.tokens, ...extra.apiServer },
    };
    const controllerManager: ControllerManagerFacts = {
        kubeconfig: material.kubeconfigs.controllerManager,
        authority: material.authority,
        serviceAccountPrivateKey: material.serviceAccounts.privateKey,
        podAddressRange,
        serviceAddressRange,
        extra: extra.controllerManager,
    };
    const flags: [ProgramName, Flags, boolean][] = [
        [
            "etcd",
            etcdFlags({
                name: "rehearsal",
                dataFolder: place.etcdData,
                clientPort: ports.etcdClient,
                peerPort: ports.etcdPeer,
                authority: material.authority.certificate,
                serving: material.etcd,
            }),
            false,
        ],
        ["kube-apiserver", apiServerFlags(apiServer), false],
        ["kube-controller-manager", controllerManagerFlags(controllerManager), true],
        [
            "kube-scheduler",
            schedulerFlags({ kubeconfig: material.kubeconfigs.scheduler, extra: extra.scheduler }),
            true,
        ],
        ["kwok", kwokFlags({ kubeconfig: material.kubeconfigs.kwok, stages, podAddressRange }), true],
    ];
    return flags.map(([name, of, afterApiServer]) => ({
        name,
        path: paths[name],
        args: commandLine(of),
        afterApiServer,
    }));
}

import { join } from "node:path";
import {
    apiServerFlags,
    commandLine,
    controllerManagerFlags,
    etcdFlags,
    kwokFlags,
    schedulerFlags,
    type ApiServerFacts,
    type ControllerManagerFacts,
    type Flags,
} from "./flags";
import type { Layout, Ports } from "./folder";
import { podAddressRange, serviceAddressRange, type Material } from "./material";

const stages = join(__dirname, "stages.yaml");

export type ProgramName = "etcd" | "kube-apiserver" | "kube-controller-manager" | "kube-scheduler" | "kwok";

export interface Program {
    name: ProgramName;
    path: string;
    args: string[];
    /** Started only when the API server answers. */
    afterApiServer: boolean;
}

/** What the supervisor starts and serves; everything in it is a fact, nothing is found out later. */
export interface Plan {
    programs: Program[];
    kubeconfig: string;
    azureFolder: string;
    issuer: { issuer: string; certificate: string; key: string; signInPublicKey: string; keyId: string };
    /** Ends by itself when its starter does. */
    endsWithStarter: boolean;
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

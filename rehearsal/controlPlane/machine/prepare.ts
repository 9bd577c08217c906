import { randomBytes } from "node:crypto";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse, stringify } from "yaml";
import type { Cloud, CloudResource } from "../../azure/state/cloud";
import { writePrivate, type Layout, type Ports } from "../folder";
import type { MachinePlan, ProgramName } from "../plan";
import { BootError } from "./bootError";
import { readBundle, type Bundle } from "./bundle";
import { readInitFile, type InitFile } from "./configuration";
import { fact, pairs, readFacts, type Facts } from "./facts";
import { fingerprintOf } from "./fingerprint";
import { Kubeadm } from "./kubeadm";
import { hostFile, type MachineFiles, type StaticPod } from "./manifest";
import { filesOf, machinePrograms } from "./programs";
import { readSecrets } from "./secrets";

/** A machine that has all that it needs to start, but for its certificates. */
export interface PreparedMachine {
    /** Of the machine, which is its node's too. */
    name: string;
    cluster: string;
    /** Equal for machines whose API servers are the same but for the machine. */
    fingerprint: string;
    /** Port on which the API server listens on the machine. */
    apiPort: number;
    /** Where its files lie. */
    folder: string;
    /** Makes certificates and kubeconfigs by kubeadm, and says what to start. */
    plan(): Promise<MachinePlan>;
    /** The phases of `kubeadm init` that need an API server, once it runs. */
    finish(kubeconfig: string): Promise<void>;
}

export interface Surroundings {
    cloud: Cloud;
    place: Layout;
    ports: Ports;
    kubeadm: string;
    paths: Record<ProgramName, string>;
}

/**
 * What a boot does before anything runs: facts, secrets and files in place, judged and turned into static pods by the real
 * kubeadm.
 *
 * @throws BootError as the machine's own script would fail
 */
export async function prepareMachine(machine: CloudResource, around: Surroundings): Promise<PreparedMachine> {
    const bundle = readBundle(machine.inputs.userData);
    const facts = bundle && readFacts(bundle);
    if (!bundle || !facts)
        throw new BootError("facts", `the user data of ${machine.name} is no bundle with a facts.env`, "write one");
    const [name, cluster] = [fact(facts, "MACHINE"), fact(facts, "CLUSTER")];
    const file = readInitFile(bundle);
    const secretFiles = pairs(fact(facts, "SECRET_FILES"));
    const secrets = readSecrets(
        around.cloud,
        machine,
        fact(facts, "VAULT_URL"),
        secretFiles.map(([secret]) => secret),
    );

    const folder = join(around.place.machine, `${name}-${randomBytes(4).toString("hex")}`);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    try {
        const files = filesOf(
            folder,
            around.place.machineEtcdData,
            file.cluster.etcd?.local?.dataDir ?? "/var/lib/etcd",
        );
        putFiles(files, bundle, secretFiles, secrets);
        const kubeadm = new Kubeadm(around.kubeadm, folder);
        const configuration = bundle.get("kubernetes/kubeadm-init.yaml")!.toString("utf8");
        await kubeadm.validate("kubeadm-init.yaml", configuration);
        await validateJoin(kubeadm, files, bundle);
        const pods = await kubeadm.staticPods(file, files);
        return {
            name,
            cluster,
            fingerprint: fingerprintOf(bundle, facts, file.cluster, secrets),
            apiPort: file.bindPort,
            folder,
            async plan() {
                await kubeadm.certificatesAndKubeconfigs(file, files);
                return planOf({ name, cluster, folder, pods, files, file, around });
            },
            async finish(kubeconfig) {
                await kubeadm.phase(["upload-config", "all"], configuration, kubeconfig);
                await kubeadm.phase(["bootstrap-token"], configuration, kubeconfig);
            },
        };
    } catch (error) {
        rmSync(folder, { recursive: true, force: true });
        throw error;
    }
}

/** Everything where the machine's script puts it. */
function putFiles(
    files: MachineFiles,
    bundle: Bundle,
    secretFiles: [string, string][],
    secrets: Map<string, string>,
): void {
    const put = (path: string, content: string | Buffer, mode: number): void => {
        const here = hostFile(files, path);
        mkdirSync(dirname(here), { recursive: true, mode: 0o700 });
        writeFileSync(here, content, { mode });
        chmodSync(here, mode);
    };
    for (const [path, content] of bundle) {
        put(`/etc/mainstay/${path}`, content, 0o600);
        const [, name] = /^kubernetes\/files\/(.+)$/.exec(path) ?? [];
        if (name) put(`/etc/kubernetes/mainstay/${name}`, content, 0o600);
    }
    for (const [name, path] of secretFiles) put(path, secrets.get(name)!, /\.(crt|pub)$/.test(path) ? 0o644 : 0o600);
}

/** A joining machine makes its discovery file just before; here it is an empty one, since nobody reads it. */
async function validateJoin(kubeadm: Kubeadm, files: MachineFiles, bundle: Bundle): Promise<void> {
    const join = bundle.get("kubernetes/kubeadm-join.yaml");
    if (!join) return;
    const text = join.toString("utf8").replace(/(kubeConfigPath"?:\s*"?)(\/[^\s"',}]+)/, (_all, key, path) => {
        const here = hostFile(files, path);
        mkdirSync(dirname(here), { recursive: true, mode: 0o700 });
        writeFileSync(here, "", { mode: 0o600 });
        return key + here;
    });
    await kubeadm.validate("kubeadm-join.yaml", text);
}

interface PlanFacts {
    name: string;
    cluster: string;
    folder: string;
    pods: StaticPod[];
    files: MachineFiles;
    file: InitFile;
    around: Surroundings;
}

function planOf({ name, cluster, folder, pods, files, file, around }: PlanFacts): MachinePlan {
    const { ports, paths } = around;
    const own = join(folder, "rehearsal.conf");
    copyFileSync(hostFile(files, "/etc/kubernetes/super-admin.conf"), own);
    for (const path of [own, ...["controller-manager", "scheduler"].map((of) => kubeconfigOf(files, of))])
        leadToLoopback(path, ports.apiServer);
    const kwok = { kubeconfig: own, podAddressRange: file.podAddressRange };
    return {
        ...machinePrograms({ pods, files, ports, kwok, paths }),
        kubeconfig: own,
        administratorKubeconfig: kubeconfigOf(files, "admin"),
        certificateAuthority: join(hostFile(files, file.certificatesFolder), "ca.crt"),
        folder,
        name,
        cluster,
    };
}

function kubeconfigOf(files: MachineFiles, of: string): string {
    return hostFile(files, `/etc/kubernetes/${of}.conf`);
}

/** The server stays who it is, and is asked at loopback: its certificate has to have the name that the program gave. */
function leadToLoopback(path: string, port: number): void {
    const kubeconfig = parse(readFileSync(path, "utf8"));
    for (const { cluster } of kubeconfig.clusters) {
        cluster["tls-server-name"] = new URL(cluster.server).hostname;
        cluster.server = `https://127.0.0.1:${port}`;
    }
    writePrivate(path, stringify(kubeconfig));
}

/** What the machine's facts say, for those who only look. */
export function factsOf(machine: CloudResource): Facts | undefined {
    const bundle = readBundle(machine.inputs.userData);
    return bundle && readFacts(bundle);
}

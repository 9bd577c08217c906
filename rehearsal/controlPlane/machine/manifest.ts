/** Static pods, as kubeadm writes them, turned into command lines on this machine: pure but for the folder that mounts are looked up in. */
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { BootError } from "./bootError";

export interface StaticPod {
    metadata: { name: string };
    spec: { containers: Container[]; volumes?: Volume[] };
}

interface Container {
    name: string;
    command: string[];
    args?: string[];
    env?: { name: string; value?: string }[];
    ports?: { name?: string; containerPort: number }[];
    volumeMounts?: { name: string; mountPath: string; subPath?: string; readOnly?: boolean }[];
    startupProbe?: Probe;
    livenessProbe?: Probe;
    readinessProbe?: Probe;
}

interface Probe {
    httpGet?: { path: string; port: string | number; scheme?: string };
}

interface Volume {
    name: string;
    hostPath?: { path: string; type?: string };
}

/** A file system that stands for a machine's: its `/` is a folder here, but for what lies elsewhere. */
export interface MachineFiles {
    root: string;
    /** Folders of the machine that lie somewhere else here, such as etcd's data. */
    elsewhere: Record<string, string>;
}

/** The place here of a path of the machine. */
export function hostFile({ root, elsewhere }: MachineFiles, path: string): string {
    for (const [folder, here] of Object.entries(elsewhere))
        if (path === folder || path.startsWith(`${folder}/`)) return here + path.slice(folder.length);
    return join(root, path);
}

/** The places of a kubelet's mounts, made or refused by the kubelet's own rules of `hostPath.type`. */
export function mountVolumes(pod: StaticPod, files: MachineFiles): void {
    for (const { name, hostPath } of pod.spec.volumes ?? []) {
        if (!hostPath) continue;
        const here = hostFile(files, hostPath.path);
        const refuse = (what: string) =>
            new BootError(
                pod.metadata.name,
                `volume ${name}: hostPath type check failed: ${hostPath.path} is not a ${what}`,
                "put it there, or change the volume's pathType",
            );
        switch (hostPath.type ?? "") {
            case "":
                break;
            case "DirectoryOrCreate":
                mkdirSync(here, { recursive: true, mode: 0o700 });
                break;
            case "FileOrCreate":
                mkdirSync(dirname(here), { recursive: true, mode: 0o700 });
                if (!existsSync(here)) writeFileSync(here, "", { mode: 0o600 });
                break;
            case "Directory":
                if (!existsSync(here) || !statSync(here).isDirectory()) throw refuse("directory");
                break;
            case "File":
                if (!existsSync(here) || !statSync(here).isFile()) throw refuse("file");
                break;
            default:
                throw new BootError(
                    pod.metadata.name,
                    `volume ${name}: a rehearsal has no hostPath of type ${hostPath.type}`,
                    "use a file or a directory",
                );
        }
    }
}

/** Flags whose values begin with a slash and are no files. */
const notFiles = ["authorization-always-allow-paths", "etcd-prefix"];
/** Flags of what is written. */
const written = ["audit-log-path", "data-dir", "wal-dir", "log-file", "trace-output"];

/**
 * A pod's command as this machine can run it: files by the pod's own mounts, then what only this machine dictates.
 *
 * @param dictated - flags put in place of the pod's; `undefined` takes one away
 * @throws BootError for a file that the pod does not mount, which its program would not see in production either
 */
export function commandOf(
    pod: StaticPod,
    files: MachineFiles,
    dictated: Record<string, string | undefined>,
): { program: string; args: string[] } {
    const [program, ...rest] = [...pod.spec.containers[0].command, ...(pod.spec.containers[0].args ?? [])];
    const args = rest
        .map((argument) => flagOf(argument))
        .filter(({ name }) => !(name in dictated))
        .map(({ name, value }) =>
            value === undefined ? `--${name}` : `--${name}=${mappedValue(pod, files, name, value)}`,
        );
    for (const [name, value] of Object.entries(dictated)) if (value !== undefined) args.push(`--${name}=${value}`);
    return { program, args };
}

/** Variables that a pod's container is given, `extraEnvs` in kubeadm's words. */
export function environmentOf(pod: StaticPod): Record<string, string> {
    return Object.fromEntries((pod.spec.containers[0].env ?? []).map(({ name, value = "" }) => [name, value]));
}

/** The value of a pod's flag; the last one where it is given twice. */
export function flagIn(pod: StaticPod, wanted: string): string | undefined {
    return pod.spec.containers[0].command
        .slice(1)
        .map(flagOf)
        .filter(({ name }) => name === wanted)
        .at(-1)?.value;
}

function flagOf(argument: string): { name: string; value?: string } {
    const [, name, value] = /^--?([^=]+)(?:=([\s\S]*))?$/.exec(argument) ?? [];
    return name === undefined ? { name: argument } : { name, value };
}

function mappedValue(pod: StaticPod, files: MachineFiles, flag: string, value: string): string {
    if (notFiles.includes(flag)) return value;
    return value
        .split(",")
        .map((part) => (part.startsWith("/") ? mountedFile(pod, files, part, flag) : part))
        .join(",");
}

/** The place here of a path inside the pod. @throws BootError where no mount of the pod's has it */
export function mountedFile(pod: StaticPod, files: MachineFiles, path: string, flag: string): string {
    const { name, volumeMounts = [] } = pod.spec.containers[0];
    const [mount] = volumeMounts
        .filter(({ mountPath }) => path === mountPath || path.startsWith(`${mountPath.replace(/\/$/, "")}/`))
        .sort((a, b) => b.mountPath.length - a.mountPath.length);
    const volume = pod.spec.volumes?.find((volume) => volume.name === mount?.name);
    if (!volume?.hostPath)
        throw new BootError(
            name,
            `--${flag}=${path} is in no volume that the static pod mounts, so ${name} would not see it`,
            "add an extraVolume for it to the ClusterConfiguration",
        );
    if (mount.readOnly && written.includes(flag))
        throw new BootError(
            name,
            `--${flag}=${path} is to be written, and is in a volume that is mounted read-only (${mount.mountPath})`,
            "mount it writable in the ClusterConfiguration",
        );
    const within = path.slice(mount.mountPath.replace(/\/$/, "").length);
    return hostFile(files, join(volume.hostPath.path, mount.subPath ?? "") + within);
}

/** What a kubelet would ask of a pod, unnamed as it asks; without host, since everything is on loopback here. */
export interface PodProbe {
    /** `livenessProbe`, … */
    kind: string;
    scheme: "http" | "https";
    port: number;
    path: string;
}

export function probesOf(pod: StaticPod): PodProbe[] {
    const container = pod.spec.containers[0];
    return (["startupProbe", "livenessProbe", "readinessProbe"] as const).flatMap((kind) => {
        const get = container[kind]?.httpGet;
        if (!get) return [];
        const port =
            typeof get.port === "number"
                ? get.port
                : (container.ports?.find(({ name }) => name === get.port)?.containerPort ?? Number(get.port));
        return [
            { kind, scheme: get.scheme === "HTTPS" ? ("https" as const) : ("http" as const), port, path: get.path },
        ];
    });
}

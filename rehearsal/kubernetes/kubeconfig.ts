import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import { KubernetesClient, type Connection } from "./client";
import { proxyOfRehearsal } from "./rehearsalProxy";

const run = promisify(execFile);

interface Cluster {
    server: string;
    "certificate-authority"?: string;
    "certificate-authority-data"?: string;
    "insecure-skip-tls-verify"?: boolean;
    "tls-server-name"?: string;
    "proxy-url"?: string;
}

interface Exec {
    apiVersion?: string;
    command: string;
    args?: string[] | null;
    env?: { name: string; value: string }[] | null;
}

interface User {
    token?: string;
    tokenFile?: string;
    "client-certificate"?: string;
    "client-certificate-data"?: string;
    "client-key"?: string;
    "client-key-data"?: string;
    username?: string;
    exec?: Exec;
}

/** One cluster, one user, one namespace: what a kubeconfig says once a context is chosen. */
export interface Target {
    cluster: Cluster;
    user: User;
    namespace?: string;
    /** Relative paths in the file are meant from here. */
    folder: string;
}

export interface Choice {
    context?: string;
    cluster?: string;
}

/**
 * Reads a kubeconfig.
 *
 * @param kubeconfig - its content, or the path of it; absent: the first of `$KUBECONFIG`, else `~/.kube/config`
 * @throws when it is no kubeconfig, or lacks what the chosen context names
 */
export function readKubeconfig(kubeconfig: string | undefined, choice: Choice = {}): Target {
    const { text, folder } = textOf(kubeconfig);
    const config = parse(text);
    if (typeof config !== "object" || config === null || !Array.isArray(config.clusters))
        throw new Error("the kubeconfig is neither a kubeconfig's content nor the path of one");

    const contextName = choice.context ?? config["current-context"];
    const context = contextName ? pick(config.contexts, "context", contextName) : {};
    const clusterName = choice.cluster ?? context.cluster;
    if (!clusterName) throw new Error("the kubeconfig has no current-context: set `context` on the provider");
    return {
        cluster: pick(config.clusters, "cluster", clusterName),
        user: context.user ? pick(config.users, "user", context.user) : {},
        namespace: context.namespace,
        folder,
    };
}

/** Certificates read, and a credential asked of the sign-in plugin where the user has one. */
export async function connect(target: Target): Promise<KubernetesClient> {
    const { user } = target;
    const connection = connectionOf(target);
    if (user.exec) Object.assign(connection, await credentialFromPlugin(user.exec, target));
    return new KubernetesClient(connection);
}

/** A client for a kubeconfig file of the rehearsal's own, which needs no plugin. */
export function clientFor(path: string): KubernetesClient {
    return new KubernetesClient(connectionOf(readKubeconfig(path)));
}

function connectionOf({ cluster, user, folder }: Target): Connection {
    const material = (data: string | undefined, path: string | undefined): string | undefined => {
        if (data) return Buffer.from(data, "base64").toString("utf8");
        return path ? readFileSync(isAbsolute(path) ? path : join(folder, path), "utf8") : undefined;
    };
    return {
        server: cluster.server,
        authority: material(cluster["certificate-authority-data"], cluster["certificate-authority"]),
        serverName: cluster["tls-server-name"],
        skipVerification: cluster["insecure-skip-tls-verify"],
        proxy: cluster["proxy-url"] ?? proxyOfRehearsal(cluster.server),
        certificate: material(user["client-certificate-data"], user["client-certificate"]),
        key: material(user["client-key-data"], user["client-key"]),
        token: user.token ?? material(undefined, user.tokenFile)?.trim(),
    };
}

async function credentialFromPlugin(exec: Exec, { folder }: Target): Promise<Partial<Connection>> {
    const apiVersion = exec.apiVersion ?? "client.authentication.k8s.io/v1beta1";
    const environment = Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value]));
    const info = JSON.stringify({ apiVersion, kind: "ExecCredential", spec: { interactive: false } });
    // A bare name is looked for on PATH, a path with a slash is meant from the kubeconfig's folder.
    const relative = exec.command.includes("/") && !isAbsolute(exec.command);
    const command = relative ? join(folder, exec.command) : exec.command;
    let answer: string;
    try {
        answer = (
            await run(command, exec.args ?? [], {
                env: { ...process.env, ...environment, KUBERNETES_EXEC_INFO: info },
                timeout: 60_000,
            })
        ).stdout;
    } catch (error) {
        const failure = error as NodeJS.ErrnoException & { stderr?: string };
        const why =
            failure.code === "ENOENT" ? "it is not installed, or not on PATH" : failure.stderr || failure.message;
        throw new Error(`the kubeconfig's sign-in plugin ${exec.command} gave no credential: ${why.trim()}`);
    }
    const { status } = JSON.parse(answer);
    return {
        token: status?.token,
        ...(status?.clientCertificateData && {
            certificate: status.clientCertificateData,
            key: status.clientKeyData,
        }),
    };
}

function textOf(kubeconfig: string | undefined): { text: string; folder: string } {
    if (kubeconfig === undefined || kubeconfig === "") {
        const first = process.env.KUBECONFIG?.split(":").find((path) => path && existsSync(path));
        return fromFile(first ?? join(homedir(), ".kube", "config"));
    }
    const path = kubeconfig.replace(/^~(?=\/)/, homedir());
    if (/^[./][^\s{]*$/.test(path) && !existsSync(path)) throw new Error(`there is no kubeconfig at ${path}`);
    return !kubeconfig.includes("\n") && existsSync(path)
        ? fromFile(path)
        : { text: kubeconfig, folder: process.cwd() };
}

function fromFile(path: string): { text: string; folder: string } {
    if (!existsSync(path)) throw new Error(`no kubeconfig: the provider was given none, and ${path} does not exist`);
    return { text: readFileSync(path, "utf8"), folder: dirname(path) };
}

function pick(list: unknown, kind: "context" | "cluster" | "user", name: string): any {
    const entries = Array.isArray(list) ? list : [];
    const found = entries.find((entry) => entry?.name === name);
    if (!found) {
        const known = entries.map((entry) => entry?.name).join(", ") || "none";
        throw new Error(`the kubeconfig has no ${kind} ${name}; it has: ${known}`);
    }
    return found[kind] ?? {};
}

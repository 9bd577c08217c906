import { createServer } from "node:net";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Where everything of one control plane lies. Two files need no lock: only the starter and its supervisor write. */
export function layout(folder: string) {
    const inside = (...parts: string[]) => join(folder, ...parts);
    return {
        folder,
        pki: inside("pki"),
        logs: inside("logs"),
        bin: inside("bin"),
        etcdData: inside("etcd"),
        ports: inside("ports.json"),
        /** What the supervisor starts. */
        plan: inside("plan.json"),
        /** Process numbers of the supervisor and of what it started. */
        processes: inside("processes.json"),
        /** How others of the rehearsal reach the API server. */
        apiServer: inside("api-server.json"),
        /** What the simulated sign-in signs with. */
        signIn: inside("sign-in.json"),
        authenticationConfiguration: inside("authentication.json"),
        /** Acts as a member of the administrators' group. */
        kubeconfig: inside("kubeconfig"),
        /** Signs in through the kubelogin stand-in. */
        personKubeconfig: inside("kubeconfig-person"),
        adminToken: inside("admin-token"),
        tokens: inside("tokens.csv"),
    };
}

export type Layout = ReturnType<typeof layout>;

/** Written beside and renamed, so that a reader never sees half of it. Only the owner may read it. */
export function writePrivate(path: string, content: string): void {
    const beside = `${path}.${process.pid}`;
    writeFileSync(beside, content, { mode: 0o600 });
    renameSync(beside, path);
}

export function writeJson(path: string, value: unknown): void {
    writePrivate(path, JSON.stringify(value, undefined, 4) + "\n");
}

/** `undefined` where there is no such file. */
export function readJson<T>(path: string): T | undefined {
    return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as T) : undefined;
}

export function makePrivateFolder(path: string): void {
    mkdirSync(path, { recursive: true, mode: 0o700 });
}

const portNames = ["apiServer", "etcdClient", "etcdPeer", "issuer"] as const;
export type Ports = Record<(typeof portNames)[number], number>;

/** Chosen once and kept, so that a kept rehearsal has the same address after a stop and start. */
export async function keptPorts(path: string): Promise<Ports> {
    const kept = readJson<Ports>(path);
    if (kept) return kept;
    // All are held until the last is found: otherwise the system may hand out one of them twice.
    const servers = await Promise.all(portNames.map(() => listenAnywhere()));
    const ports = Object.fromEntries(portNames.map((name, index) => [name, servers[index].port])) as Ports;
    await Promise.all(servers.map((server) => server.close()));
    writeJson(path, ports);
    return ports;
}

function listenAnywhere(): Promise<{ port: number; close(): Promise<void> }> {
    return new Promise((resolve, reject) => {
        const server = createServer();
        server.on("error", reject);
        server.listen(0, "127.0.0.1", () => {
            const address = server.address();
            const port = typeof address === "object" && address ? address.port : 0;
            resolve({ port, close: () => new Promise((closed) => server.close(() => closed())) });
        });
    });
}

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts, isFree } from "./ports";

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
        /** Where the supervisor listens for what other processes ask of it. */
        door: inside("door.json"),
        /** What came of machines that booted: see machine/. */
        machine: inside("machine"),
        /** Started in place of `plan` once a machine booted. */
        machinePlan: inside("machine", "plan.json"),
        /** Which machines booted, with what. */
        booted: inside("machine", "booted.json"),
        /** etcd's data of the program's own cluster. */
        machineEtcdData: inside("machine", "etcd"),
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

const portNames = [
    "apiServer",
    "etcdClient",
    "etcdPeer",
    "etcdMetrics",
    "controllerManager",
    "scheduler",
    "issuer",
    "door",
] as const;
export type Ports = Record<(typeof portNames)[number], number>;

/**
 * Chosen once and kept, so that a kept rehearsal has the same address after a stop and start.
 *
 * @throws when another program listens at one that was kept
 */
export async function keptPorts(path: string): Promise<Ports> {
    const kept: Partial<Ports> = readJson<Ports>(path) ?? {};
    await refuseTaken(path, kept);
    const missing = portNames.filter((name) => kept[name] === undefined);
    if (missing.length === 0) return kept as Ports;
    const found = await freePorts(missing.length);
    const ports = { ...kept, ...Object.fromEntries(missing.map((name, index) => [name, found[index]])) } as Ports;
    writeJson(path, ports);
    return ports;
}

async function refuseTaken(path: string, kept: Partial<Ports>): Promise<void> {
    const free = await Promise.all(Object.values(kept).map(isSoonFree));
    const taken = Object.entries(kept).filter((_, index) => !free[index]);
    if (taken.length === 0) return;
    const names = taken.map(([name, port]) => `${port} (${name})`).join(", ");
    throw new Error(
        `another program listens on 127.0.0.1 at what ${path} keeps for this control plane: ${names}; ` +
            "end that program (`lsof -i :PORT` names it), or remove the kept rehearsal (`npm start -- STACK --destroy`), " +
            "whose state holds the address",
    );
}

/** Programs of our own that were killed may hold theirs a moment longer than they are seen. */
async function isSoonFree(port: number): Promise<boolean> {
    for (let attempt = 0; attempt < 20; attempt++) {
        if (await isFree(port)) return true;
        await sleep(100);
    }
    return false;
}

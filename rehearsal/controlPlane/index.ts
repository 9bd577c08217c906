/** A real Kubernetes control plane on this machine, in one folder, with fake nodes. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { clientFor } from "../kubernetes/kubeconfig";
import { toolPath } from "../toolchain";
import { bootstrap } from "./bootstrap";
import { keptPorts, layout, makePrivateFolder, readJson, writeJson } from "./folder";
import { writeKubelogin } from "./kubelogin";
import { prepareMaterial } from "./material";
import { currentPlan, programs, type ExtraFlags, type Plan, type ProgramName } from "./plan";
import { endProcesses, ownProcesses } from "./processes";
import { waitUntilReady } from "./ready";

export { adminGroup } from "./material";
export type { ExtraFlags } from "./plan";

export interface ControlPlaneOptions {
    /** It outlives the process that starts it, until {@link stopControlPlane}. @default false */
    keep?: boolean;
    /** Where the simulated Azure keeps its resources; its node pools become nodes. @default `../azure` beside the folder */
    azureFolder?: string;
    /** Flags added to, or put in place of, those that a rehearsal gives. */
    flags?: ExtraFlags;
    /** @default 60 */
    readyWithinSeconds?: number;
}

export interface ControlPlane {
    /** `https://127.0.0.1:port`, the same after a stop and start in the same folder. */
    server: string;
    /** Path of a kubeconfig that acts as a member of the administrators' group. */
    kubeconfig: string;
    /** Path of a kubeconfig that signs in as a person does, through the kubelogin stand-in; works from any shell. */
    personKubeconfig: string;
    /** Folder with the kubelogin stand-in, for PATH. */
    bin: string;
    /** Process numbers, the supervisor's first. */
    processes: number[];
    stop(): Promise<void>;
}

const programNames: ProgramName[] = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"];

/**
 * Starts the control plane of a folder, or takes up the one that already runs there. Data, certificates and address
 * outlive a stop.
 *
 * @param folder - absolute path, by custom `$MAINSTAY_REHEARSAL/cluster`
 * @throws when it is not ready in time, with the end of the logs
 */
export async function startControlPlane(folder: string, options: ControlPlaneOptions = {}): Promise<ControlPlane> {
    const place = layout(folder);
    if (await isRunning(folder)) return controlPlaneOf(folder);
    await endProcesses(folder);

    makePrivateFolder(folder);
    makePrivateFolder(place.logs);
    const azureFolder = options.azureFolder ?? join(folder, "..", "azure");
    const ports = await keptPorts(place.ports);
    const [material, ...paths] = await Promise.all([
        prepareMaterial(place, ports),
        ...programNames.map((name) => toolPath(name)),
    ]);
    await writeKubelogin(place);
    const pathOf = Object.fromEntries(programNames.map((name, index) => [name, paths[index]])) as Record<
        ProgramName,
        string
    >;
    const plan: Plan = {
        programs: programs(place, ports, material, pathOf, options.flags ?? {}),
        kubeconfig: material.kubeconfigs.bootstrap,
        azureFolder,
        issuer: material.issuer,
        door: { port: ports.door, token: randomBytes(32).toString("hex") },
        ports,
        endsWithStarter: !options.keep,
    };
    writeJson(place.plan, plan);

    const supervisor = startSupervisor(folder, options.keep ?? false);
    const overdue = AbortSignal.timeout((options.readyWithinSeconds ?? 60) * 1000);
    const current = currentPlan(place);
    const client = clientFor(current.kubeconfig);
    try {
        await waitUntilReady(client, AbortSignal.any([overdue, supervisor]));
        // The program's own cluster knows nothing of the rehearsal's administrators.
        if (!("administratorKubeconfig" in current)) await bootstrap(client);
        await waitForSettledStart(folder, AbortSignal.any([overdue, supervisor]));
    } catch (error) {
        await endProcesses(folder);
        const why = overdue.aborted || supervisor.aborted ? "" : `: ${(error as Error).message}`;
        throw new Error(`the control plane in ${folder} did not become ready${why}\n${endOfLogs(place.logs)}`);
    } finally {
        client.close();
    }
    return controlPlaneOf(folder);
}

/** Ends the control plane of a folder, also one of an earlier process. Its data stays. */
export async function stopControlPlane(folder: string): Promise<void> {
    await endProcesses(folder);
}

/** Whether the folder's control plane runs and answers. */
export async function isRunning(folder: string): Promise<boolean> {
    const expected = programNames.length + 1;
    if (ownProcesses(folder).length < expected) return false;
    const client = clientFor(currentPlan(layout(folder)).kubeconfig);
    try {
        await client.request("GET", "/readyz", { signal: AbortSignal.timeout(2_000) });
        return true;
    } catch {
        return false;
    } finally {
        client.close();
    }
}

function controlPlaneOf(folder: string): ControlPlane {
    const place = layout(folder);
    return {
        server: readJson<{ server: string }>(place.apiServer)!.server,
        kubeconfig: place.kubeconfig,
        personKubeconfig: place.personKubeconfig,
        bin: place.bin,
        processes: ownProcesses(folder),
        stop: () => stopControlPlane(folder),
    };
}

/** The signal is aborted when the supervisor ends. */
function startSupervisor(folder: string, keep: boolean): AbortSignal {
    const log = openSync(join(layout(folder).logs, "supervisor.log"), "w", 0o600);
    const child = spawn(
        process.execPath,
        ["-r", require.resolve("ts-node/register/transpile-only"), join(__dirname, "supervisor.ts"), folder],
        { cwd: __dirname, detached: true, stdio: [keep ? "ignore" : "pipe", log, log] },
    );
    const ended = new AbortController();
    child.on("error", () => ended.abort());
    child.on("exit", () => ended.abort());
    // Neither the child nor the pipe to it keeps the starter alive; the pipe's end tells the supervisor.
    child.unref();
    (child.stdin as unknown as { unref?(): void } | null)?.unref?.();
    return ended.signal;
}

/** Ready means that the controllers run too, not the API server alone. */
async function waitForSettledStart(folder: string, signal: AbortSignal): Promise<void> {
    while (ownProcesses(folder).length < programNames.length + 1) await sleep(50, undefined, { signal });
}

function endOfLogs(logs: string): string {
    return ["supervisor", ...programNames]
        .map((name) => {
            try {
                const lines = readFileSync(join(logs, `${name}.log`), "utf8")
                    .trim()
                    .split("\n");
                return `${name}: ${lines.slice(-5).join("\n    ")}`;
            } catch {
                return `${name}: not started`;
            }
        })
        .join("\n");
}

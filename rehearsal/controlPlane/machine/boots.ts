import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { basename } from "node:path";
import { parse, stringify } from "yaml";
import type { Cloud, CloudResource } from "../../azure/state/cloud";
import type { KubernetesClient } from "../../kubernetes/client";
import { toolPath } from "../../toolchain";
import { readJson, writeJson, writePrivate, type Layout } from "../folder";
import { currentPlan, type MachinePlan, type Plan, type ProgramName, type Runnable } from "../plan";
import type { Running } from "../running";
import { BootError } from "./bootError";
import { bootedMachine, isLeft, readBooted, standing, writeBooted } from "./booted";
import { signInArguments } from "./people";
import { prepareMachine, type PreparedMachine } from "./prepare";

export interface BootsFacts {
    azure: Cloud;
    place: Layout;
    plan: Plan;
    /** Puts another control plane in place of the one that runs; the former runs again where that fails. */
    replace(wanted: Runnable): Promise<Running>;
}

/** Boots of machines, one after another. */
export class Boots {
    private last: Promise<unknown> = Promise.resolve();

    constructor(private readonly facts: BootsFacts) {}

    /** Answers the boot's last line. @throws with the last line of one that failed */
    boot(vmId: string): Promise<string> {
        const boot = this.last.then(() => this.bootNow(vmId));
        this.last = boot.catch(() => undefined);
        return boot;
    }

    private async bootNow(vmId: string): Promise<string> {
        const { azure, place, plan } = this.facts;
        const began = Date.now();
        const machine = azure.get(vmId);
        if (!machine) throw new BootError("facts", `${vmId} does not exist`, "make the machine first");
        mkdirSync(place.machine, { recursive: true, mode: 0o700 });
        const paths = Object.fromEntries(plan.programs.map(({ name, path }) => [name, path]));
        const prepared = await prepareMachine(machine, {
            cloud: azure,
            place,
            ports: plan.ports,
            kubeadm: await toolPath("kubeadm"),
            paths: paths as Record<ProgramName, string>,
        });
        let started: boolean;
        try {
            started = await this.takeUp(machine, prepared);
        } finally {
            const used = readJson<MachinePlan>(place.machinePlan)?.folder;
            if (used !== prepared.folder) rmSync(prepared.folder, { recursive: true, force: true });
        }
        const seconds = ((Date.now() - began) / 1000).toFixed(1);
        const what = started
            ? "kube-apiserver started and is ready"
            : "nothing to do, kube-apiserver runs with the same";
        console.log(`boot of ${prepared.name}: ${what} (${seconds} s)`);
        return `mainstay: ${prepared.name} is ready: ${what}`;
    }

    /** @returns whether the API server was started for it */
    private async takeUp(machine: CloudResource, prepared: PreparedMachine): Promise<boolean> {
        const { azure, place } = this.facts;
        let before = readBooted(place);
        if (before && !isLeft(azure, before)) {
            // Its machines have gone, and their disks with them.
            before = undefined;
            rmSync(place.booted, { force: true });
        }
        if (before && before.cluster !== prepared.cluster)
            throw new BootError(
                "cluster",
                `this rehearsal's one API server is that of cluster ${before.cluster}, and ${prepared.name} is of ${prepared.cluster}`,
                "rehearse one self-managed cluster at a time",
            );
        const runs = currentPlan(place);
        const same = before?.fingerprint === prepared.fingerprint && "administratorKubeconfig" in runs;
        if (!same) await this.startWith(prepared, before === undefined);
        const others = standing(azure, before).filter(({ id }) => id !== machine.id);
        writeBooted(place, {
            cluster: prepared.cluster,
            fingerprint: prepared.fingerprint,
            apiPort: prepared.apiPort,
            machines: [...others, bootedMachine(azure, machine, prepared.name)],
        });
        return !same;
    }

    private async startWith(prepared: PreparedMachine, isNew: boolean): Promise<void> {
        const { place, replace } = this.facts;
        const former = readJson<MachinePlan>(place.machinePlan);
        const next = await prepared.plan();
        // Behind the old one's back: it does not run any more when this is a new cluster, or never did.
        if (isNew) rmSync(place.machineEtcdData, { recursive: true, force: true });
        mkdirSync(place.machineEtcdData, { recursive: true, mode: 0o700 });
        let running: Running;
        try {
            running = await replace(next);
        } catch (error) {
            throw new BootError(
                "start",
                inMachineWords((error as Error).message, next.folder),
                "mend what the message names; the logs are logs/*.failed.log in the rehearsal's cluster folder",
            );
        }
        writeJson(place.machinePlan, next);
        if (former) rmSync(former.folder, { recursive: true, force: true });
        await bindAdministrators(running.client);
        await prepared.finish(next.kubeconfig);
        this.publish(next);
    }

    /** From here on, others of the rehearsal and its users reach this API server as those of a real one do. */
    private publish({ administratorKubeconfig, certificateAuthority, programs }: MachinePlan): void {
        const { place, plan } = this.facts;
        const proxy = `http://127.0.0.1:${plan.door.port}`;
        const administrator = parse(readFileSync(administratorKubeconfig, "utf8"));
        for (const { cluster } of administrator.clusters) cluster["proxy-url"] = proxy;
        writePrivate(place.kubeconfig, stringify(administrator));

        const person = readJson<any>(place.personKubeconfig);
        const [{ cluster }] = administrator.clusters;
        for (const entry of person.clusters) entry.cluster = cluster;
        const args = signInArguments(programs);
        if (args) for (const { user } of person.users) user.exec.args = args;
        writeJson(place.personKubeconfig, person);

        writeJson(place.apiServer, { ...readJson<object>(place.apiServer), certificateAuthority, proxy });
    }
}

/** What `kubeadm init` does with `super-admin.conf` before it uses `admin.conf`; made by hand here, since it does so for its own paths alone. */
async function bindAdministrators(client: KubernetesClient): Promise<void> {
    const apiGroup = "rbac.authorization.k8s.io";
    const name = "kubeadm:cluster-admins";
    await client.apply(
        `/apis/${apiGroup}/v1/clusterrolebindings/${name}`,
        {
            apiVersion: `${apiGroup}/v1`,
            kind: "ClusterRoleBinding",
            metadata: { name },
            roleRef: { apiGroup, kind: "ClusterRole", name: "cluster-admin" },
            subjects: [{ apiGroup, kind: "Group", name }],
        },
        "kubeadm",
        { force: "true" },
    );
}

/** Paths as they are on the machine. */
function inMachineWords(text: string, folder: string): string {
    return text.replaceAll(`${folder}/root`, "").replaceAll(folder, basename(folder));
}

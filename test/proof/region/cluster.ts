/** What machines say of the cluster that they are: each asked by itself, past the balancer. */
import type { Machine, Outcome } from "./machine";

/** etcdctl on a machine, asking its own member. */
export function etcdctl(machine: Machine, words: string): Promise<Outcome> {
    const pki = "/etc/kubernetes/pki/etcd";
    const files = `--cacert=${pki}/ca.crt --cert=${pki}/healthcheck-client.crt --key=${pki}/healthcheck-client.key`;
    return machine.run(`etcdctl --endpoints=https://127.0.0.1:2379 ${files} --command-timeout=5s ${words}`);
}

/** @throws when none of these leads */
export async function leaderOf(machines: Machine[]): Promise<Machine> {
    for (const machine of machines) {
        const { code, stdout } = await etcdctl(machine, "endpoint status -w json");
        if (code !== 0) continue;
        // Member IDs have more digits than a number here can hold.
        const [{ Status: status }] = JSON.parse(stdout.replace(/:(\d{16,})/g, ':"$1"'));
        if (status.leader === status.header.member_id) return machine;
    }
    throw new Error(`etcd leads on none of ${machines.map(({ name }) => name).join(", ")}`);
}

/** Names of etcd's voting members, as a machine's own one knows them; none where it does not answer. */
export async function votersOf(machine: Machine): Promise<string[]> {
    const { code, stdout } = await etcdctl(machine, "member list");
    if (code !== 0) return [];
    const rows = stdout.trim().split("\n");
    return rows
        .map((line) => line.split(", "))
        .filter(([, state, , , , learner]) => state === "started" && learner === "false")
        .map(([, , name]) => name);
}

/** Whether etcd has each of these as a healthy voting member, and nobody else. */
export async function isWhole(machines: Machine[]): Promise<boolean> {
    const { stdout, stderr } = await etcdctl(machines[0], "endpoint health --cluster");
    return !/unhealthy/.test(stdout + stderr) && (await votersOf(machines[0])).length === machines.length;
}

/** A hash over all revisions up to now, of each machine's own member: the same wherever there is one history. */
export async function historiesOf(machines: Machine[]): Promise<string[]> {
    const revision = fieldOf(await etcdctl(machines[0], "endpoint status -w fields"), "Revision");
    return Promise.all(
        machines.map(async (machine) =>
            fieldOf(await etcdctl(machine, `endpoint hashkv --rev ${revision} -w fields`), "Hash"),
        ),
    );
}

function fieldOf({ stdout, stderr }: Outcome, field: string): string {
    const [, value] = new RegExp(`"${field}" : (\\d+)`).exec(stdout) ?? [];
    if (!value) throw new Error(`etcdctl says no ${field}: ${stdout}${stderr}`);
    return value;
}

/** UID of kube-system, asked of the machine's own API server: which cluster it is. */
export async function clusterOf(machine: Machine): Promise<string> {
    const { code, stdout, stderr } = await machine.run(
        `kubectl --kubeconfig /etc/kubernetes/admin.conf --server https://${machine.address}:6443 get namespace kube-system -o jsonpath='{.metadata.uid}'`,
    );
    if (code !== 0) throw new Error(`${machine.name} does not say which cluster it is: ${stderr}`);
    return stdout;
}

/** The machine that the mark in blob storage says to have initialised the cluster, read by the boot scripts' own library. */
export async function initialiserOf(machines: Machine[]): Promise<Machine> {
    const { stdout, stderr } = await machines[0].run(
        `BUNDLE=/etc/mainstay ROOT=; for one in log facts azure; do source $BUNDLE/lib/$one.sh; done
        STEP=proof; load_facts $BUNDLE/facts.env; blob_get $STATE_URL/initialised /run/mark && cat /run/mark`,
    );
    const [, name] = /^machine=(.*)$/m.exec(stdout) ?? [];
    const found = machines.find((machine) => machine.name === name);
    if (!found) throw new Error(`no machine is the initialiser: ${stdout}${stderr}`);
    return found;
}

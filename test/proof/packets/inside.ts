/*
 * Inside the namespaces of enter.sh: a real API server with the program's policies, Cilium's real agent on the one node that this network
 * namespace is, network namespaces as pods, and connections from everybody to everybody.
 *
 *     enter.sh node -r ts-node/register inside.ts PacketQuestion > PacketAnswer
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startControlPlane } from "../../../rehearsal/controlPlane";
import type { KubernetesClient } from "../../../rehearsal/kubernetes/client";
import { clientFor } from "../../../rehearsal/kubernetes/kubeconfig";
import { exampleRanges } from "../../networkPolicyExample";
import { apply, applyPod, define } from "../connectivity/clusterObjects";
import { type End, Engine } from "../connectivity/engine";
import { programFor } from "../connectivity/program";
import { Table } from "../connectivity/table";
import { Agent } from "./agent";
import type { PacketAnswer, PacketQuestion } from "./question";
import { type Connection, device, Place, wireNode } from "./wires";

const NODE = "node-1";
const POD_CIDR = "10.244.0.0/24";
const DNS_PORT = 53;
const PATIENCE = 3_000;

async function main(): Promise<PacketAnswer> {
    const question = JSON.parse(process.argv[2]) as PacketQuestion;
    const folder = process.env.MAINSTAY_REGION!;
    const table = new Table(question.kind);
    const outside = table.ends.filter((end) => !end.pod && end.node !== "own");
    const own = table.ends.find((end) => end.node === "own")!;
    await wireNode(
        own.address,
        outside.map(({ address }) => address),
        POD_CIDR,
    );

    // Else it would say of itself that the API server is where it listens, and not where the table has it.
    const flags = { apiServer: { "endpoint-reconciler-type": "none" } };
    const plane = await startControlPlane(join(folder, "cluster"), { flags });
    const client = clientFor(plane.kubeconfig);
    await applyProgram(client, question, table, own);
    const agent = await Agent.started({
        folder,
        enforcer: question.enforcer,
        kubeconfig: plane.kubeconfig,
        node: NODE,
        device,
        podCidr: exampleRanges.podCidr,
    });

    const called = new Map<string, { place: Place; address: string }>();
    const calling = new Map<string, Place>();
    for (const { namespace, name } of table.pods) {
        const end = `${namespace}/${name}`;
        called.set(end, await addPod(agent, client, namespace, name));
        calling.set(end, (await addPod(agent, client, namespace, asks(name))).place);
    }
    called.set(own.name, { place: Place.node, address: own.address });
    calling.set(own.name, Place.node);
    for (const { name, address } of outside) {
        called.set(name, { place: Place.world, address });
        calling.set(name, Place.world);
    }

    const names = Object.fromEntries(outside.flatMap((end) => (end.names ?? []).map((name) => [name, end.address])));
    const resolver = called.get(table.resolver)!;
    for (const [name, { place }] of called) {
        const ports = name === table.resolver ? question.ports.filter((port) => port !== DNS_PORT) : question.ports;
        if (place !== Place.world) await place.serve(ports);
    }
    await Place.world.serve(question.ports);
    await resolver.place.serveNames(names);

    const ask = async (from: End) => {
        const lookups = from.pod ? Object.keys(names).map((name) => ({ name, resolver: resolver.address })) : [];
        const targets = table.ends.filter((to) => from.pod || to.pod);
        const tries = targets.flatMap(({ name }) =>
            question.ports.map((port): Connection => ({
                address: called.get(name)!.address,
                port,
                ...(calling.get(from.name) === Place.world && { from: from.address }),
            })),
        );
        const { addresses, opened } = await calling.get(from.name)!.ask(lookups, tries, PATIENCE);
        const count = question.ports.length;
        return {
            pairs: targets.map(({ name }, index) => ({
                from: from.name,
                to: name,
                opened: opened.slice(index * count, (index + 1) * count),
            })),
            lookups: lookups.filter((_, index) => addresses[index]).map(({ name }) => ({ from: from.name, name })),
        };
    };
    // Identities and names reach every pod's policy a moment after they are known.
    let before = "";
    for (let rounds = 1; rounds <= 8; rounds++) {
        const answers = await Promise.all(table.ends.map(ask));
        const answer = {
            pairs: answers.flatMap((each) => each.pairs),
            lookups: answers.flatMap((each) => each.lookups),
        };
        if (JSON.stringify(answer) === before) return { ...answer, rounds };
        before = JSON.stringify(answer);
    }
    throw new Error("no two rounds of asking said the same");
}

/** The pod of the same labels that calls, where another one is called. */
function asks(name: string): string {
    return `${name}-asks`;
}

async function applyProgram(client: KubernetesClient, question: PacketQuestion, table: Table, own: End): Promise<void> {
    await define(client, await (await Engine.built("cilium")).definitions());
    const program = await programFor(question.kind);
    for (const namespace of program.namespaces) await apply(client, namespace);
    await apply(client, { apiVersion: "v1", kind: "Namespace", metadata: { name: "forgotten" } });
    await applyNode(client, own.address);
    for (const [index, { address }] of table.ends.filter(({ node }) => node === "other").entries())
        await apply(client, {
            apiVersion: "cilium.io/v2",
            kind: "CiliumNode",
            metadata: { name: `other-${index}` },
            spec: { addresses: [{ type: "InternalIP", ip: address }] },
        });
    await applyApiServers(
        client,
        table.ends.filter(({ apiServer }) => apiServer).map(({ address }) => address),
    );
    for (const { namespace, name, labels } of table.pods)
        for (const each of [name, asks(name)]) await applyPod(client, namespace, each, labels, NODE);
    for (const policy of program.policies) await apply(client, policy);
}

async function applyNode(client: KubernetesClient, address: string): Promise<void> {
    const node = { apiVersion: "v1", kind: "Node", metadata: { name: NODE } };
    await apply(client, { ...node, spec: { podCIDR: POD_CIDR, podCIDRs: [POD_CIDR] } });
    const addresses = [
        { type: "InternalIP", address },
        { type: "Hostname", address: NODE },
    ];
    await client.apply(`/api/v1/nodes/${NODE}/status`, { ...node, status: { addresses } }, "packets");
}

/** Where the Service `kubernetes` leads, by which Cilium knows API servers. */
async function applyApiServers(client: KubernetesClient, addresses: string[]): Promise<void> {
    await apply(client, {
        apiVersion: "discovery.k8s.io/v1",
        kind: "EndpointSlice",
        metadata: { name: "kubernetes", namespace: "default", labels: { "kubernetes.io/service-name": "kubernetes" } },
        addressType: "IPv4",
        endpoints: [{ addresses, conditions: { ready: true } }],
        ports: [{ name: "https", port: 6443, protocol: "TCP" }],
    });
}

async function addPod(
    agent: Agent,
    client: KubernetesClient,
    namespace: string,
    name: string,
): Promise<{ place: Place; address: string }> {
    const networkNamespace = `${namespace}-${name}`;
    const place = await Place.forPod(networkNamespace);
    const { address } = await agent.addPod(namespace, name, networkNamespace);
    const endpoint = `/apis/cilium.io/v2/namespaces/${namespace}/ciliumendpoints/${name}`;
    for (let tries = 0; (await client.find(endpoint))?.status?.state !== "ready"; tries++) {
        if (tries > 300) throw new Error(`${namespace}/${name} did not become ready`);
        await sleep(100);
    }
    return { place, address };
}

// The first process of its namespaces ends by no signal that it does not ask for; the others end with it.
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, () => process.exit(1));
main().then(
    (answer) => process.stdout.write(JSON.stringify(answer), () => process.exit(0)),
    (error: Error) => {
        console.error(error.stack);
        process.exit(1);
    },
);

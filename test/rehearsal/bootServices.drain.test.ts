import "reflect-metadata";
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createPrivateKey, webcrypto } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as x509 from "@peculiar/x509";
import { type ControlPlane, startControlPlane, stopControlPlane } from "../../rehearsal/controlPlane";
import type { ApiError, KubernetesClient } from "../../rehearsal/kubernetes/client";
import { clientFor } from "../../rehearsal/kubernetes/kubeconfig";
import { type BootCloud, startBootCloud } from "./bootCloud";
import { failures, Machine } from "./bootMachine";

const node = "worker-a";
const other = "worker-b";

describe("boot services: drain, with kubelet's own rights", function () {
    this.timeout(120_000);
    let folder: string;
    let plane: ControlPlane;
    let client: KubernetesClient;
    let kubelet: KubernetesClient;
    let cloud: BootCloud;
    let machine: Machine;

    before(async () => {
        folder = await mkdtemp(join(tmpdir(), "mainstay-drain-test-"));
        [plane, cloud, machine] = await Promise.all([
            startControlPlane(join(folder, "cluster")),
            startBootCloud(),
            Machine.create(["kubectl"]),
        ]);
        client = clientFor(plane.kubeconfig);
        const kubeconfig = await kubeletConfig(plane, join(folder, "cluster/pki"), node);
        await machine.write("etc/kubernetes/kubelet.conf", kubeconfig);
        kubelet = clientFor(machine.at("etc/kubernetes/kubelet.conf"));
        await machine.facts({
            ROLE: "worker",
            CLUSTER: "mainstay-test",
            POOL: "apps",
            KUBERNETES_VERSION: "v1.35.8",
            API_NAME: "api.mainstay-test.internal",
            API_PORT: "6443",
            IMDS_URL: cloud.url,
            JOIN_VAULT_URL: cloud.vault("join"),
            JOIN_SECRET: "discovery",
        });
        await machine.command("hostname", `echo ${node}`);
        cloud.metadata.name = "pool-1_3";
        for (const name of [node, other]) await createNode(name);
        // Pods are refused until a controller has made it.
        const account = "/api/v1/namespaces/default/serviceaccounts/default";
        for (let i = 0; i < 100 && !(await client.get(account).catch(() => undefined)); i++) await sleep(100);
    });
    after(async () => {
        client?.close();
        kubelet?.close();
        await cloud?.close();
        await machine?.remove();
        await stopControlPlane(join(folder, "cluster"));
        await rm(folder, { recursive: true, force: true });
    });
    beforeEach(() => {
        cloud.events = [];
        cloud.started = [];
    });

    const createNode = (name: string) =>
        client.request("POST", "/api/v1/nodes", {
            body: {
                apiVersion: "v1",
                kind: "Node",
                metadata: {
                    name,
                    annotations: { "kwok.x-k8s.io/node": "fake" },
                    labels: { drained: String(name === node) },
                },
                status: { allocatable: { pods: "110" }, capacity: { pods: "110" } },
            },
        });
    const createPod = (name: string, nodeName: string) =>
        client.request("POST", "/api/v1/namespaces/default/pods", {
            body: {
                apiVersion: "v1",
                kind: "Pod",
                metadata: { name, labels: { app: name } },
                spec: {
                    nodeName,
                    tolerations: [{ operator: "Exists" }],
                    automountServiceAccountToken: false,
                    containers: [{ name: "main", image: "example.test/app:1" }],
                },
            },
        });
    const budget = (name: string, minAvailable: number) =>
        client.apply(
            `/apis/policy/v1/namespaces/default/poddisruptionbudgets/${name}`,
            {
                apiVersion: "policy/v1",
                kind: "PodDisruptionBudget",
                metadata: { name, namespace: "default" },
                spec: { minAvailable, selector: { matchLabels: { app: name } } },
            },
            "test",
        );
    const pods = async (): Promise<string[]> =>
        (await client.get("/api/v1/namespaces/default/pods")).items.map(({ metadata }: any) => metadata.name).sort();
    const about = async (name = node) => {
        const { metadata, spec } = await client.get(`/api/v1/nodes/${name}`);
        return { closed: spec.unschedulable === true, mark: metadata.annotations?.["mainstay.dev/drained-for"] };
    };
    const event = (EventId: string, EventType: string, seconds: number, more: object = {}) => ({
        EventId,
        EventType,
        EventStatus: "Scheduled",
        ResourceType: "VirtualMachine",
        Resources: ["pool-1_3"],
        NotBefore: new Date(Date.now() + seconds * 1000).toUTCString(),
        DurationInSeconds: -1,
        ...more,
    });
    const turn = () => machine.run("drain", ["once"], { DRAIN_PAUSE: "0.2" });
    const running = async (name: string) => {
        for (let i = 0; i < 100; i++) {
            const pod = await client.get(`/api/v1/namespaces/default/pods/${name}`);
            if (pod.status.conditions?.some((each: any) => each.type === "Ready" && each.status === "True")) return;
            await sleep(100);
        }
        assert.fail(`${name} is not ready`);
    };

    it("has exactly a node's rights: itself, and the eviction of what runs on it", async () => {
        await createPod("elsewhere", other);
        const denied = (asked: Promise<unknown>) => assert.rejects(asked, (error: ApiError) => error.code === 403);
        await denied(kubelet.get("/api/v1/pods"));
        await denied(kubelet.get("/apis/policy/v1/poddisruptionbudgets"));
        await denied(
            kubelet.request("PATCH", `/api/v1/nodes/${other}`, {
                body: { spec: { unschedulable: true } },
                contentType: "application/merge-patch+json",
            }),
        );
        await denied(
            kubelet.request("POST", "/api/v1/namespaces/default/pods/elsewhere/eviction", {
                body: {
                    apiVersion: "policy/v1",
                    kind: "Eviction",
                    metadata: { name: "elsewhere", namespace: "default" },
                },
            }),
        );
    });

    it("leaves the node alone while nothing is due, or only others or a short freeze are", async () => {
        await createPod("calm", node);
        cloud.events = [
            event("1", "Reboot", 600, { Resources: ["pool-1_4"] }),
            event("2", "Freeze", 600, { DurationInSeconds: 9 }),
            event("3", "Freeze", 600),
        ];
        const outcome = await turn();
        assert.equal(outcome.code, 0, outcome.stderr);
        assert.deepEqual(await about(), { closed: false, mark: undefined });
        assert.deepEqual(cloud.started, []);
        assert.ok((await pods()).includes("calm"));
    });

    it("closes the node, evicts what can move, leaves what belongs to it, and lets the event start", async () => {
        const labels = { app: "agent" };
        await client.request("POST", "/apis/apps/v1/namespaces/default/daemonsets", {
            body: {
                apiVersion: "apps/v1",
                kind: "DaemonSet",
                metadata: { name: "agent" },
                spec: {
                    selector: { matchLabels: labels },
                    template: {
                        metadata: { labels },
                        spec: {
                            nodeSelector: { drained: "true" },
                            containers: [{ name: "main", image: "example.test/agent:1" }],
                        },
                    },
                },
            },
        });
        let agent: string | undefined;
        for (let i = 0; i < 100 && !agent; i++, await sleep(100))
            agent = (await pods()).find((name) => name.startsWith("agent-"));
        await running(agent!);
        await kubelet.request("POST", "/api/v1/namespaces/default/pods", {
            body: {
                apiVersion: "v1",
                kind: "Pod",
                metadata: {
                    name: `static-${node}`,
                    annotations: { "kubernetes.io/config.mirror": "1" },
                    ownerReferences: [
                        {
                            apiVersion: "v1",
                            kind: "Node",
                            name: node,
                            uid: (await client.get(`/api/v1/nodes/${node}`)).metadata.uid,
                            controller: true,
                        },
                    ],
                },
                spec: { nodeName: node, containers: [{ name: "main", image: "example.test/app:1" }] },
            },
        });
        cloud.events = [event("reboot-1", "Reboot", 900)];
        const outcome = await turn();
        assert.equal(outcome.code, 0, outcome.stderr);
        assert.deepEqual(await about(), { closed: true, mark: "reboot-1" });
        assert.deepEqual(await about(other), { closed: false, mark: undefined });
        assert.deepEqual(await pods(), [agent, "elsewhere", `static-${node}`]);
        assert.deepEqual(cloud.started, ["reboot-1"]);
    });

    it("keeps the node closed while the event goes on, and opens it when that is over", async () => {
        cloud.events = [event("reboot-1", "Reboot", -5, { EventStatus: "Started", NotBefore: "" })];
        assert.equal((await turn()).code, 0);
        assert.deepEqual(await about(), { closed: true, mark: "reboot-1" });
        assert.deepEqual(cloud.started, [], "what has started needs no leave");
        cloud.events = [];
        const outcome = await turn();
        assert.match(outcome.stderr, /reboot-1 is over, worker-a is open again/);
        assert.deepEqual(await about(), { closed: false, mark: undefined });
    });

    it("does not open a node that somebody else closed", async () => {
        const close = (unschedulable: boolean | null) =>
            client.request("PATCH", `/api/v1/nodes/${node}`, {
                body: { spec: { unschedulable } },
                contentType: "application/merge-patch+json",
            });
        await close(true);
        cloud.events = [event("redeploy-1", "Redeploy", 600)];
        assert.equal((await turn()).code, 0);
        assert.deepEqual(cloud.started, ["redeploy-1"]);
        cloud.events = [];
        assert.equal((await turn()).code, 0);
        assert.deepEqual(await about(), { closed: true, mark: undefined });
        await close(null);
    });

    it("waits for a budget, and evicts as soon as that allows it", async () => {
        await createPod("guarded", node);
        await budget("guarded", 1);
        await running("guarded");
        cloud.events = [event("terminate-1", "Terminate", 300)];
        const drained = turn();
        await sleep(2500);
        assert.ok((await pods()).includes("guarded"), "one must stay available");
        assert.deepEqual(cloud.started, []);
        await budget("guarded", 0);
        const outcome = await drained;
        assert.equal(outcome.code, 0, outcome.stderr);
        assert.ok(!(await pods()).includes("guarded"));
        assert.deepEqual(cloud.started, ["terminate-1"]);
        assert.doesNotMatch(outcome.stderr, /against its budget/);
    });

    it("ends what a budget still holds when the time is up, and says so", async () => {
        cloud.events = [];
        await turn();
        await createPod("stubborn", node);
        await budget("stubborn", 1);
        await running("stubborn");
        cloud.events = [event("preempt-1", "Preempt", 5)];
        const outcome = await turn();
        assert.equal(outcome.code, 0, outcome.stderr);
        assert.match(outcome.stderr, /default\/stubborn is ended against its budget/);
        for (let i = 0; i < 50 && (await pods()).includes("stubborn"); i++) await sleep(100);
        assert.ok(!(await pods()).includes("stubborn"));
        assert.deepEqual(cloud.started, ["preempt-1"]);
    });

    it("fails in one line when the metadata service does not answer", async () => {
        cloud.fault = () => ({ code: 404 });
        const outcome = await turn().finally(() => (cloud.fault = undefined));
        assert.equal(failures(outcome).length, 1, outcome.stderr);
    });
});

/** What a kubelet has after its bootstrap: a client certificate that the cluster's authority signed for its node. */
async function kubeletConfig(plane: ControlPlane, pki: string, name: string): Promise<string> {
    const authority = await readFile(join(pki, "authority.crt"), "utf8");
    const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
    const signer = createPrivateKey(await readFile(join(pki, "authority.key"), "utf8"));
    const signingKey = await webcrypto.subtle.importKey(
        "pkcs8",
        signer.export({ type: "pkcs8", format: "der" }),
        algorithm,
        false,
        ["sign"],
    );
    const keys = (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as CryptoKeyPair;
    const certificate = await x509.X509CertificateGenerator.create({
        subject: [{ O: ["system:nodes"] }, { CN: [`system:node:${name}`] }],
        issuer: new x509.X509Certificate(authority).subject,
        publicKey: keys.publicKey,
        signingKey: signingKey as CryptoKey,
        signingAlgorithm: algorithm,
        notBefore: new Date(Date.now() - 60_000),
        notAfter: new Date(Date.now() + 3_600_000),
        extensions: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])],
    });
    const key = x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    return JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        clusters: [{ name: "c", cluster: { server: plane.server, "certificate-authority-data": base64(authority) } }],
        users: [
            {
                name: "u",
                user: {
                    "client-certificate-data": base64(certificate.toString("pem")),
                    "client-key-data": base64(key),
                },
            },
        ],
        contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
        "current-context": "x",
    });
}

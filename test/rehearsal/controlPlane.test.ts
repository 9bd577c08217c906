import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, stat, unlink, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { isRunning, startControlPlane, stopControlPlane, type ControlPlane } from "../../rehearsal/controlPlane";
import { freePorts } from "../../rehearsal/controlPlane/ports";
import type { ApiError } from "../../rehearsal/kubernetes/client";
import { KubernetesClient } from "../../rehearsal/kubernetes/client";
import { clientFor, connect, readKubeconfig } from "../../rehearsal/kubernetes/kubeconfig";

const run = promisify(execFile);

/** Gone, or only waiting to be collected by whoever started it. */
const isAlive = async (pid: number) => {
    const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    return status !== "" && !/\) Z /.test(status);
};

const until = async (what: string, condition: () => Promise<boolean>) => {
    for (let i = 0; i < 300; i++) {
        if (await condition()) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.fail(`it never came that ${what}`);
};

const allGone = (pids: number[]) =>
    until(`processes ${pids.join(", ")} are gone`, async () => !(await Promise.all(pids.map(isAlive))).some(Boolean));

describe("a control plane", function () {
    this.timeout(120_000);
    let runFolder: string;
    let folder: string;
    let plane: ControlPlane;
    let client: KubernetesClient;

    before(async () => {
        runFolder = await mkdtemp(join(tmpdir(), "mainstay-control-plane-test-"));
        folder = join(runFolder, "cluster");
        plane = await startControlPlane(folder);
        client = clientFor(plane.kubeconfig);
    });
    after(async () => {
        client?.close();
        await stopControlPlane(folder);
        await rm(runFolder, { recursive: true, force: true });
    });

    const whoAmI = async (asker: KubernetesClient) => {
        const body = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
        const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
        return (await asker.request("POST", path, { body })).body.status.userInfo;
    };

    it("says where it is, in a file that only the owner's secrets are behind", async () => {
        const facts = JSON.parse(await readFile(join(folder, "api-server.json"), "utf8"));
        assert.equal(facts.server, plane.server);
        for (const path of [facts.adminToken, facts.kubeconfig, join(folder, "pki", "authority.key")])
            assert.equal((await stat(path)).mode & 0o777, 0o600, path);
        assert.match(await readFile(facts.certificateAuthority, "utf8"), /BEGIN CERTIFICATE/);
        const token = await readFile(facts.adminToken, "utf8");
        const authority = await readFile(facts.certificateAuthority, "utf8");
        const admin = new KubernetesClient({ server: facts.server, authority, token });
        const { username, groups } = await whoAmI(admin);
        admin.close();
        assert.equal(username, "rehearsal-admin");
        assert.ok(!groups.includes("system:masters"), "RBAC decides, and nothing passes it by");
    });

    it("answers nobody unnamed, but for its health", async () => {
        const ask = (path: string) =>
            new Promise<number>((resolve, reject) => {
                const asked = request(plane.server + path, { rejectUnauthorized: false }, (answer) => {
                    answer.resume();
                    resolve(answer.statusCode ?? 0);
                });
                asked.on("error", reject).end();
            });
        assert.equal(await ask("/readyz"), 200);
        assert.equal(await ask("/api/v1/namespaces"), 401);
    });

    it("takes a person's simulated sign-in for a member of the administrators' group, by a real token", async () => {
        // As from a plain shell: nothing on PATH, no variable of the rehearsal.
        const { stdout } = await run(join(plane.bin, "kubelogin"), ["get-token", "--login", "azurecli"], { env: {} });
        const credential = JSON.parse(stdout);
        assert.equal(credential.apiVersion, "client.authentication.k8s.io/v1beta1");
        assert.ok(Date.parse(credential.status.expirationTimestamp) > Date.now());

        const person = await connect(readKubeconfig(plane.personKubeconfig));
        const { username, groups } = await whoAmI(person);
        assert.equal(username, "person@rehearsal.example");
        assert.deepEqual(groups, ["rehearsal-cluster-admins", "system:authenticated"]);
        assert.ok((await person.get("/api/v1/nodes")).items);
        person.close();
    });

    it("refuses a token that was altered", async () => {
        const { stdout } = await run(join(plane.bin, "kubelogin"), ["get-token"]);
        const [head, claims, signature] = JSON.parse(stdout).status.token.split(".");
        const altered = JSON.parse(Buffer.from(claims, "base64url").toString());
        altered.groups = ["system:masters"];
        const token = [head, Buffer.from(JSON.stringify(altered)).toString("base64url"), signature].join(".");
        const forged = clientFor(plane.kubeconfig);
        forged.connection.token = token;
        await assert.rejects(forged.get("/api/v1/nodes"), (error: ApiError) => error.code === 401);
        forged.close();
    });

    it("has the sign-in refuse what it is not, rather than answer something", async () => {
        const kubelogin = join(plane.bin, "kubelogin");
        await assert.rejects(run(kubelogin, ["convert-kubeconfig"]), /simulated sign-in.*knows only "get-token"/);
        await assert.rejects(
            run(kubelogin, ["get-token", "--server-id", "other"]),
            /--server-id takes a GUID, was given "other"/,
        );
    });

    describe("with a simulated Azure beside it", () => {
        const id = "/subscriptions/1/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/c";
        const write = (name: string, resource: object) =>
            writeFile(
                join(runFolder, "azure", "resources", `microsoft.containerservice.managedclusters${name}`),
                JSON.stringify(resource),
            );
        const nodeNames = async () =>
            (await client.get("/api/v1/nodes")).items
                .map(({ metadata }: any) => metadata.labels.agentpool as string)
                .sort();
        const untilNodesAre = (pools: string[]) =>
            until(`the nodes are ${pools.join(", ")}`, async () => (await nodeNames()).join() === pools.join());

        before(async () => {
            await mkdir(join(runFolder, "azure", "resources"), { recursive: true });
            await write("~c~1.json", {
                id,
                inputs: {
                    location: "westeurope",
                    aadProfile: { adminGroupObjectIDs: ["00000000-0000-0000-0000-00000000000a"] },
                    agentPoolProfiles: [
                        {
                            name: "system",
                            count: 2,
                            mode: "System",
                            availabilityZones: ["1", "2"],
                            nodeTaints: ["CriticalAddonsOnly=true:NoSchedule"],
                        },
                    ],
                },
            });
            await write(".agentpools~user~2.json", {
                id: `${id}/agentPools/user`,
                inputs: { count: 1, availabilityZones: ["3"] },
            });
        });

        it("has the nodes of its pools, ready, in their zones, and loses them with the pool", async () => {
            await untilNodesAre(["system", "system", "user"]);
            await until("all are ready", async () =>
                (await client.get("/api/v1/nodes")).items.every(({ status }: any) =>
                    status.conditions?.some(({ type, status }: any) => type === "Ready" && status === "True"),
                ),
            );
            const zones = (await client.get("/api/v1/nodes")).items.map(
                ({ metadata }: any) => metadata.labels["topology.kubernetes.io/zone"],
            );
            assert.deepEqual(zones.sort(), ["westeurope-1", "westeurope-2", "westeurope-3"]);

            await write(".agentpools~more~3.json", { id: `${id}/agentPools/more`, inputs: { count: 2 } });
            await untilNodesAre(["more", "more", "system", "system", "user"]);
            await write(".agentpools~more~3.json", { id: `${id}/agentPools/more`, inputs: { count: 1 } });
            await untilNodesAre(["more", "system", "system", "user"]);
            await unlink(
                join(
                    runFolder,
                    "azure",
                    "resources",
                    "microsoft.containerservice.managedclusters.agentpools~more~3.json",
                ),
            );
            await untilNodesAre(["system", "system", "user"]);
        });

        it("binds the cluster's admin group, and the person who signs in is in it", async () => {
            await until("the group is bound", async () =>
                Boolean(
                    await client.find(
                        "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/aks-cluster-admin-binding-aad",
                    ),
                ),
            );
            const person = await connect(readKubeconfig(plane.personKubeconfig));
            assert.ok((await whoAmI(person)).groups.includes("00000000-0000-0000-0000-00000000000a"));
            person.close();
        });

        it("gives a load balancer its address, and a claim its volume in the zone of the pod", async () => {
            const post = (path: string, body: object) =>
                client.request("POST", `/api/v1/namespaces/default/${path}`, { body });
            await post("services", {
                metadata: {
                    name: "balanced",
                    annotations: { "service.beta.kubernetes.io/azure-load-balancer-internal": "true" },
                },
                spec: { type: "LoadBalancer", ports: [{ port: 80 }] },
            });
            await client.request("POST", "/apis/storage.k8s.io/v1/storageclasses", {
                body: {
                    metadata: { name: "zonal" },
                    provisioner: "disk.csi.azure.com",
                    parameters: { skuname: "Premium_LRS" },
                    volumeBindingMode: "WaitForFirstConsumer",
                },
            });
            await post("persistentvolumeclaims", {
                metadata: { name: "data" },
                spec: {
                    storageClassName: "zonal",
                    accessModes: ["ReadWriteOnce"],
                    resources: { requests: { storage: "1Gi" } },
                },
            });
            await until("the service account is there", async () =>
                Boolean(await client.find("/api/v1/namespaces/default/serviceaccounts/default")),
            );
            await post("pods", {
                metadata: { name: "user" },
                spec: {
                    containers: [{ name: "c", image: "c", volumeMounts: [{ name: "data", mountPath: "/data" }] }],
                    volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }],
                },
            });
            const get = (path: string) => client.get(`/api/v1/namespaces/default/${path}`);
            await until("the balancer has an address", async () =>
                /^10\.239\./.test((await get("services/balanced")).status.loadBalancer.ingress?.[0].ip ?? ""),
            );
            await until("the pod runs", async () => (await get("pods/user")).status.phase === "Running");
            const { spec } = await client.get(
                `/api/v1/persistentvolumes/${(await get("persistentvolumeclaims/data")).spec.volumeName}`,
            );
            const [expression] = spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions;
            assert.deepEqual(expression.values, ["westeurope-3"], "the only pool without a taint is in zone 3");
        });
    });

    it("keeps address, certificates and data over a stop and start", async () => {
        await client.request("POST", "/api/v1/namespaces/default/configmaps", {
            body: { metadata: { name: "kept" }, data: { a: "1" } },
        });
        const { processes, server } = plane;
        assert.equal(processes.length, 6);
        await plane.stop();
        await allGone(processes);
        assert.equal(await isRunning(folder), false);

        plane = await startControlPlane(folder);
        assert.equal(plane.server, server);
        assert.equal((await client.get("/api/v1/namespaces/default/configmaps/kept")).data.a, "1");
    });

    it("is taken up where it runs already", async () => {
        const again = await startControlPlane(folder);
        assert.deepEqual(again.processes, plane.processes);
    });
});

describe("the processes of a control plane", function () {
    this.timeout(120_000);
    let sandbox: string;
    let folder: string;

    beforeEach(async () => {
        sandbox = await mkdtemp(join(tmpdir(), "mainstay-control-plane-test-"));
        folder = join(sandbox, "cluster");
    });
    afterEach(async () => {
        await stopControlPlane(folder);
        await rm(sandbox, { recursive: true, force: true });
    });

    /** Another process that starts one, says its numbers, and stays. */
    const starter = async (keep: boolean) => {
        const door = join(__dirname, "../../rehearsal/controlPlane");
        const code = `
            const { startControlPlane } = require(${JSON.stringify(door)});
            startControlPlane(${JSON.stringify(folder)}, { keep: ${keep} }).then(
                ({ processes }) => { console.log(JSON.stringify(processes)); setInterval(() => {}, 1000); },
                (error) => { console.error(error); process.exit(1); },
            );`;
        const child = spawn(process.execPath, ["-r", "ts-node/register", "-e", code], {
            stdio: ["ignore", "pipe", "inherit"],
        });
        const line = await new Promise<string>((resolve, reject) => {
            child.stdout.once("data", (chunk) => resolve(String(chunk)));
            child.once("exit", () => reject(new Error("the starter ended")));
        });
        const exited = new Promise((resolve) => child.once("exit", resolve));
        return { child, exited, processes: JSON.parse(line) as number[] };
    };

    it("end with a starter that is killed", async () => {
        const { child, exited, processes } = await starter(false);
        assert.equal((await Promise.all(processes.map(isAlive))).filter(Boolean).length, 6);
        child.kill("SIGKILL");
        await exited;
        await allGone(processes);
    });

    it("outlive their starter when kept, until they are stopped", async () => {
        const { child, exited, processes } = await starter(true);
        child.kill("SIGKILL");
        await exited;
        assert.equal(await isRunning(folder), true);
        await stopControlPlane(folder);
        await allGone(processes);
        assert.equal(await isRunning(folder), false);
    });

    it("are cleared away where the supervisor was killed, before new ones start", async () => {
        const first = await startControlPlane(folder);
        process.kill(first.processes[0], "SIGKILL");
        await until("the supervisor is gone", async () => !(await isAlive(first.processes[0])));
        assert.equal(await isRunning(folder), false);
        const second = await startControlPlane(folder);
        await allGone(first.processes);
        assert.equal(second.server, first.server);
    });

    it("are ours or left alone: a number that was used again is not signalled", async () => {
        const other = spawn("sleep", ["60"]);
        try {
            await mkdir(folder, { recursive: true });
            await writeFile(
                join(folder, "processes.json"),
                JSON.stringify({ supervisor: other.pid, children: { etcd: other.pid } }),
            );
            await stopControlPlane(folder);
            assert.equal(await isAlive(other.pid!), true);
        } finally {
            other.kill();
        }
    });

    it("do not start where a stranger listens at a kept port, which is named with its file and the mend", async () => {
        const stranger = createServer();
        try {
            const [port] = await freePorts(1);
            await new Promise<void>((listening) => stranger.listen(port, "127.0.0.1", listening));
            await mkdir(folder, { recursive: true });
            const file = join(folder, "ports.json");
            const kept = JSON.stringify({ etcdPeer: port });
            await writeFile(file, kept);
            await assert.rejects(startControlPlane(folder), (error: Error) => {
                assert.ok(error.message.includes(`${file} keeps for this control plane: ${port} (etcdPeer)`));
                assert.match(error.message, /end that program .*or remove the kept rehearsal/);
                return true;
            });
            assert.equal(await readFile(file, "utf8"), kept, "its address stays");
            assert.equal(await isRunning(folder), false);
        } finally {
            await new Promise((closed) => stranger.close(closed));
        }
    });

    it("that cannot start leave nothing, and say why", async () => {
        const flags = { apiServer: { "no-such-flag": true } };
        await assert.rejects(
            startControlPlane(folder, { flags }),
            /did not become ready[\s\S]*unknown flag: --no-such-flag/,
        );
        const recorded = JSON.parse(await readFile(join(folder, "processes.json"), "utf8"));
        await allGone([recorded.supervisor, ...Object.values<number>(recorded.children)]);
    });
});

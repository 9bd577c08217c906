import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse, parseAllDocuments, stringify } from "yaml";
import {
    controlPlaneFiles,
    encryptionConfiguration,
    workerFiles,
    type WorkerPool,
} from "../../components/controlPlane/configuration";
import { startControlPlane, stopControlPlane, type ControlPlane } from "../../rehearsal/controlPlane";
import { keptPorts, layout, makePrivateFolder } from "../../rehearsal/controlPlane/folder";
import { prepareMaterial, type Material } from "../../rehearsal/controlPlane/material";
import type { KubernetesClient } from "../../rehearsal/kubernetes/client";
import { clientFor } from "../../rehearsal/kubernetes/kubeconfig";
import { toolPath } from "../../rehearsal/toolchain";
import { samplePlan } from "../unit/controlPlane.plan";

/** What a program left behind: exit code, and all that it said. */
interface Ended {
    code: number;
    stdout: string;
    stderr: string;
}

const plan = samplePlan();
const pool: WorkerPool = {
    name: "general",
    labels: { tier: "web" },
    taints: ["gpu=true:NoSchedule"],
    maxPods: 42,
    registry: "mainstay.azurecr.io",
};
const versions = ["v1.34.0", "v1.34.9", "v1.35.4", "v1.35.8"];

let folder: string;
before(() => (folder = mkdtempSync(join(tmpdir(), "mainstay-configuration-test-"))));
after(() => rm(folder, { recursive: true, force: true }));

async function kubeadm(args: string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    const program = await toolPath("kubeadm");
    return new Promise((resolve) =>
        execFile(program, args, { env: { PATH: process.env.PATH, HOME: folder, ...env } }, (error, stdout, stderr) =>
            resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr }),
        ),
    );
}

function write(name: string, text: string): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
}

/** kubeadm looks for the file that a join finds its authority in, which boot writes. */
function discoverable(text: string): string {
    return text.replaceAll("/run/mainstay/discovery.conf", write("discovery.conf", ""));
}

describe("the real kubeadm reads the configuration", function () {
    this.timeout(120_000);

    const validate = (text: string) => kubeadm(["config", "validate", "--config", write("validated.yaml", text)]);
    const init = (version = plan.kubernetesVersion, machines: 3 | 5 = 3) => {
        const of = samplePlan({ kubernetesVersion: version }, machines);
        return controlPlaneFiles(of, of.machines[0])["kubernetes/kubeadm-init.yaml"];
    };

    for (const version of versions)
        for (const machines of [3, 5] as const)
            it(`takes every file of ${machines} machines of ${version} without a warning`, async () => {
                const publicName = "mainstay-prod.westeurope.cloudapp.azure.com";
                const of = samplePlan({ kubernetesVersion: version, publicName, registry: pool.registry }, machines);
                const files = [...of.machines.map((machine) => controlPlaneFiles(of, machine)), workerFiles(of, pool)];
                let judged = 0;
                for (const file of files)
                    for (const [path, text] of Object.entries(file)) {
                        if (!/kubeadm-(init|join)\.yaml$/.test(path)) continue;
                        const { code, stdout, stderr } = await validate(discoverable(text));
                        assert.deepEqual(
                            { code, stderr: stderr.trim(), stdout: stdout.trim() },
                            { code: 0, stderr: "", stdout: "ok" },
                            path,
                        );
                        judged++;
                    }
                assert.equal(judged, machines * 2 + 1);
            });

    for (const [what, from, to, refusal] of [
        [
            "a misspelt key of the cluster",
            "controlPlaneEndpoint:",
            "controlPlaneEndpont:",
            /unknown field "controlPlaneEndpont"/,
        ],
        ["a misspelt key of the kubelet", "podPidsLimit:", "podPidLimit:", /unknown field "podPidLimit"/],
        ["another API version", "kubeadm.k8s.io/v1beta4", "kubeadm.k8s.io/v1beta9", /unknown configuration APIs/],
        ["another kind", "kind: ClusterConfiguration", "kind: Cluster", /unknown configuration APIs/],
        ["a value of the wrong type", "seccompDefault: true", "seccompDefault: 7", /seccompDefault of type bool/],
        [
            "a range of services that is none",
            "serviceSubnet: 10.96.0.0/16",
            "serviceSubnet: ten",
            /couldn't parse subnet|invalid CIDR/,
        ],
    ] as const)
        it(`refuses ${what}`, async () => {
            const broken = init().replaceAll(from, to);
            assert.notEqual(broken, init());
            const { code, stderr } = await validate(broken);
            assert.equal(code, 1);
            assert.match(stderr, refusal);
        });

    it("merges what a pool has of its own into its kubelets' configuration", async () => {
        const [name, patch] = Object.entries(workerFiles(plan, pool)).find(([path]) => path.includes("/patches/"))!;
        const patches = join(folder, "patches");
        mkdirSync(patches);
        writeFileSync(join(patches, name.split("/").at(-1)!), patch);
        const [first, ...rest] = parseAllDocuments(init()).map((document) => document.toJS());
        const config = [{ ...first, patches: { directory: patches } }, ...rest]
            .map((part) => stringify(part))
            .join("---\n");
        const written = join(folder, "kubelet");
        mkdirSync(written);
        const ended = await kubeadm(
            ["init", "phase", "kubelet-start", "--dry-run", "--config", write("patched.yaml", config)],
            { KUBEADM_INIT_DRYRUN_DIR: written },
        );
        assert.equal(ended.code, 0, ended.stderr);
        const kubelet = parse(readFileSync(join(written, "config.yaml"), "utf8"));
        assert.equal(kubelet.maxPods, 42);
        assert.deepEqual(kubelet.kubeReserved, { cpu: "140m", memory: "890Mi", "ephemeral-storage": "1Gi" });
        assert.equal(kubelet.serverTLSBootstrap, true);
        assert.equal(kubelet.authentication.anonymous.enabled, false);
        assert.equal(kubelet.authorization.mode, "Webhook");
        assert.match(readFileSync(join(written, "kubeadm-flags.env"), "utf8"), /--cloud-provider=external/);
    });

    describe("and writes static pods", () => {
        const pods: Record<string, any> = {};
        const flags: Record<string, Record<string, string>> = {};

        before(async () => {
            const config = write("init.yaml", init());
            const manifests = join(folder, "manifests");
            mkdirSync(manifests);
            for (const phase of [
                ["control-plane", "all"],
                ["etcd", "local"],
            ]) {
                const ended = await kubeadm(["init", "phase", ...phase, "--dry-run", "--config", config], {
                    KUBEADM_INIT_DRYRUN_DIR: manifests,
                });
                assert.equal(ended.code, 0, ended.stderr);
                assert.equal(ended.stderr, "");
            }
            for (const file of readdirSync(manifests)) {
                const pod = parse(readFileSync(join(manifests, file), "utf8"));
                pods[pod.metadata.name] = pod;
                flags[pod.metadata.name] = Object.fromEntries(
                    pod.spec.containers[0].command.slice(1).map((flag: string) => {
                        const [, name, value] = /^--([^=]+)=(.*)$/s.exec(flag) ?? [];
                        return [name, value];
                    }),
                );
            }
        });

        it("of the four programs, of the version that was asked for", () => {
            assert.deepEqual(Object.keys(pods).sort(), [
                "etcd",
                "kube-apiserver",
                "kube-controller-manager",
                "kube-scheduler",
            ]);
            for (const name of ["kube-apiserver", "kube-controller-manager", "kube-scheduler"])
                assert.match(pods[name].spec.containers[0].image, /:v1\.35\.8$/);
        });

        it("whose flags are those of the benchmark", () => {
            const apiServer = flags["kube-apiserver"];
            assert.equal(apiServer["anonymous-auth"], undefined, "the file says it, and both may not");
            assert.equal(apiServer["authorization-mode"], "Node,RBAC");
            assert.equal(apiServer["enable-admission-plugins"], "NodeRestriction,DenyServiceExternalIPs");
            assert.equal(apiServer["service-account-issuer"], plan.issuerUrl);
            assert.equal(apiServer["token-auth-file"], undefined);
            assert.equal(apiServer["kubelet-certificate-authority"], "/etc/kubernetes/pki/ca.crt");
            assert.ok(Number(apiServer["audit-log-maxage"]) >= 30);
            assert.ok(Number(apiServer["audit-log-maxbackup"]) >= 10);
            assert.ok(Number(apiServer["audit-log-maxsize"]) >= 100);
            for (const name of ["kube-apiserver", "kube-controller-manager", "kube-scheduler"])
                assert.equal(flags[name].profiling, "false", name);
            assert.equal(flags["kube-controller-manager"]["use-service-account-credentials"], "true");
            assert.equal(flags["kube-controller-manager"]["cluster-cidr"], plan.podCidr);
            assert.equal(flags.etcd["client-cert-auth"], "true");
            assert.equal(flags.etcd["peer-client-cert-auth"], "true");
            assert.equal(flags.etcd["listen-metrics-urls"], "http://0.0.0.0:2381");
        });

        it("that mount every file which a flag names", () => {
            let named = 0;
            for (const [name, pod] of Object.entries(pods)) {
                const mounts: string[] = pod.spec.containers[0].volumeMounts.map((mount: any) => mount.mountPath);
                for (const [flag, value] of Object.entries(flags[name])) {
                    if (!value?.startsWith("/") || flag === "authorization-always-allow-paths") continue;
                    named++;
                    const mounted = mounts.some((mount) => value === mount || value.startsWith(`${mount}/`));
                    assert.ok(mounted, `${name} does not mount ${value} of --${flag}`);
                }
            }
            assert.ok(named > 25, `${named} files were looked at`);
        });

        it("that write nothing but their logs and their data", () => {
            const { containers } = pods["kube-apiserver"].spec;
            const writable = containers[0].volumeMounts.filter((mount: any) => !mount.readOnly);
            assert.deepEqual(
                writable.map((mount: any) => mount.mountPath),
                ["/var/log/kubernetes/audit"],
            );
        });
    });
});

describe("a real API server with the configuration", function () {
    this.timeout(120_000);

    const value = `not-to-be-found-${randomBytes(8).toString("hex")}`;
    let cluster: string;
    let plane: ControlPlane;
    let client: KubernetesClient;
    let material: Material;
    const unnamed = (path: string) =>
        new Promise<number>((resolve, reject) => {
            const asked = request(plane.server + path, { rejectUnauthorized: false }, (answer) => {
                answer.resume();
                resolve(answer.statusCode ?? 0);
            });
            asked.on("error", reject).end();
        });

    before(async () => {
        cluster = join(folder, "cluster");
        const place = layout(cluster);
        makePrivateFolder(cluster);
        const ports = await keptPorts(place.ports);
        material = await prepareMaterial(place, ports);

        const machine = join(folder, "machine");
        mkdirSync(machine, { mode: 0o700 });
        const files = controlPlaneFiles(plan, plan.machines[0]);
        for (const name of ["audit-policy", "authentication", "admission"])
            writeFileSync(join(machine, `${name}.yaml`), files[`kubernetes/files/${name}.yaml`]);
        const key = { name: "key-1", secret: randomBytes(32).toString("base64") };
        writeFileSync(join(machine, "encryption.yaml"), encryptionConfiguration([key]), { mode: 0o600 });

        // The program's own flags, but for those that are about this machine's certificates.
        const documents = parseAllDocuments(files["kubernetes/kubeadm-init.yaml"]).map((document) => document.toJS());
        const programs = documents.find(({ kind }) => kind === "ClusterConfiguration");
        const flagsOf = (program: string) =>
            Object.fromEntries(
                (programs[program].extraArgs as { name: string; value: string }[]).map(({ name, value }) => [
                    name,
                    value
                        .replace("/etc/kubernetes/mainstay", machine)
                        .replace("/var/log/kubernetes/audit", machine)
                        .replace(/^\/etc\/kubernetes\/pki\/ca(-signing)?\.crt$/, material.authority.certificate),
                ]),
            );
        // The tests end it at once, and listen on no port but the API server's.
        const apiServer = { ...flagsOf("apiServer"), "shutdown-delay-duration": "0s" };
        const loopback = { "bind-address": "127.0.0.1" };
        const controllerManager = { ...flagsOf("controllerManager"), ...loopback };
        const scheduler = { ...flagsOf("scheduler"), ...loopback };
        plane = await startControlPlane(cluster, { flags: { apiServer, controllerManager, scheduler } });
        client = clientFor(plane.kubeconfig);
    });
    after(async () => {
        client?.close();
        if (cluster) await stopControlPlane(cluster);
    });

    it("answers the unnamed on the health paths, and nowhere else", async () => {
        for (const path of ["/readyz", "/livez", "/healthz"]) assert.equal(await unnamed(path), 200, path);
        for (const path of ["/api", "/version", "/api/v1/namespaces/kube-public/configmaps/cluster-info", "/metrics"])
            assert.equal(await unnamed(path), 401, path);
    });

    const privileged = {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "privileged" },
        spec: { containers: [{ name: "c", image: "example.com/i", securityContext: { privileged: true } }] },
    };
    const create = async (namespace: string, pod: object) => {
        // Its service account comes a moment after the namespace.
        for (let tries = 0; ; tries++) {
            try {
                const path = `/api/v1/namespaces/${namespace}/pods`;
                return await client.request("POST", path, { body: pod, query: { dryRun: "All" } });
            } catch (error) {
                if (!/serviceaccount/.test(String(error)) || tries === 100) throw error;
                await sleep(100);
            }
        }
    };

    it("refuses a pod that takes over its node, in any namespace but the platform's", async () => {
        await assert.rejects(create("default", privileged), /violates PodSecurity "baseline:latest": privileged/);
        await create("kube-system", privileged);
        const plain = { ...privileged, spec: { containers: [{ name: "c", image: "example.com/i" }] } };
        await create("default", plain);
    });

    it("lets a namespace ask for less by its label, as a monitoring agent's has to", async () => {
        const labels = { "pod-security.kubernetes.io/enforce": "privileged" };
        const body = { apiVersion: "v1", kind: "Namespace", metadata: { name: "agents", labels } };
        await client.request("POST", "/api/v1/namespaces", { body });
        await create("agents", privileged);
    });

    it("refuses a Service that catches somebody else's address", async () => {
        const spec = { ports: [{ port: 80 }], externalIPs: ["192.0.2.1"] };
        const body = { apiVersion: "v1", kind: "Service", metadata: { name: "catcher" }, spec };
        await assert.rejects(
            client.request("POST", "/api/v1/namespaces/default/services", { body }),
            /external IPs is denied/,
        );
    });

    it("keeps a Secret's value out of etcd and of the audit log, and a line of who wrote it", async () => {
        const write = (kind: string, path: string, name: string, data: object) =>
            client.request("POST", `/api/v1/namespaces/default/${path}`, {
                body: { apiVersion: "v1", kind, metadata: { name }, ...data },
            });
        await write("Secret", "secrets", "password", { stringData: { password: value } });
        const read = await client.get("/api/v1/namespaces/default/secrets/password");
        assert.equal(Buffer.from(read.data.password, "base64").toString(), value);
        // What is not encrypted is found, so that not finding the other says something.
        const open = `to-be-found-${randomBytes(8).toString("hex")}`;
        await write("ConfigMap", "configmaps", "plain", { data: { open } });

        const stored = filesUnder(layout(cluster).etcdData).map((file) => readFileSync(file));
        assert.ok(
            stored.some((bytes) => bytes.includes(open)),
            "etcd's files were read",
        );
        assert.ok(stored.some((bytes) => bytes.includes("k8s:enc:secretbox:v1:key-1:")));
        for (const secret of [value, Buffer.from(value).toString("base64")])
            assert.ok(!stored.some((bytes) => bytes.includes(secret)), "the Secret lies in etcd in the clear");

        const log = readFileSync(join(folder, "machine", "audit.log"), "utf8");
        const lines = log
            .trim()
            .split("\n")
            .map((line) => JSON.parse(line));
        const line = lines.find(({ objectRef, verb }) => objectRef?.name === "password" && verb === "create");
        assert.equal(line.user.username, "rehearsal-admin");
        assert.equal(line.level, "Metadata");
        for (const secret of [value, Buffer.from(value).toString("base64"), open])
            assert.ok(!log.includes(secret), "the audit log holds a body");
    });

    it("logs what was written to a role, and no token that it gave", async () => {
        const body = {
            apiVersion: "rbac.authorization.k8s.io/v1",
            kind: "ClusterRole",
            metadata: { name: "audited" },
            rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
        };
        await client.request("POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles", { body });
        const given = await client.request("POST", "/api/v1/namespaces/kube-system/serviceaccounts/default/token", {
            body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} },
        });
        const log = readFileSync(join(folder, "machine", "audit.log"), "utf8");
        const lines = log
            .trim()
            .split("\n")
            .map((line) => JSON.parse(line));
        const line = lines.find(({ objectRef }) => objectRef?.name === "audited");
        assert.deepEqual(line.requestObject.rules, body.rules);
        assert.ok(!log.includes(given.body.status.token));
        const claims = JSON.parse(Buffer.from(given.body.status.token.split(".")[1], "base64url").toString());
        assert.equal(claims.iss, plan.issuerUrl);
    });
});

function filesUnder(path: string): string[] {
    return readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name));
}

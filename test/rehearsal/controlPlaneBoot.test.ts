import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { stringify } from "yaml";
import { bootMachine } from "../../rehearsal/azure/boot";
import { startControlPlane, stopControlPlane, type ControlPlane } from "../../rehearsal/controlPlane";
import { connect, readKubeconfig } from "../../rehearsal/kubernetes/kubeconfig";
import type { KubernetesClient } from "../../rehearsal/kubernetes/client";
import { toolPath } from "../../rehearsal/toolchain";
import { endpoint, frontendAddress, machineFiles, MachineCloud, makeKeys, type Keys } from "./machineCloud";

const run = promisify(execFile);
const configMaps = "/api/v1/namespaces/default/configmaps";

describe("a control-plane machine that boots", function () {
    this.timeout(180_000);
    let runFolder: string;
    let plane: ControlPlane;
    let keys: Keys;
    let cloud: MachineCloud;
    const clients: KubernetesClient[] = [];
    const before_ = process.env.MAINSTAY_REHEARSAL;

    before(async () => {
        runFolder = await mkdtemp(join(tmpdir(), "mainstay-boot-test-"));
        process.env.MAINSTAY_REHEARSAL = runFolder;
        cloud = new MachineCloud(runFolder);
        [plane, keys] = await Promise.all([startControlPlane(join(runFolder, "cluster")), makeKeys()]);
        await cloud.common(keys.secrets);
    });
    afterEach(() => clients.splice(0).forEach((client) => client.close()));
    after(async () => {
        if (before_ === undefined) delete process.env.MAINSTAY_REHEARSAL;
        else process.env.MAINSTAY_REHEARSAL = before_;
        await stopControlPlane(join(runFolder, "cluster"));
        await rm(runFolder, { recursive: true, force: true });
    });

    const boot = async (number = 1): Promise<string> => {
        const id = cloud.machineId(number);
        const extensionId = `${id}/extensions/boot`;
        return (await bootMachine({ vmId: id, extensionId, inputs: {}, cloudFolder: cloud.folder })).lastLine;
    };
    /** Someone whose kubeconfig the program made, by the certificate authority that it has. */
    const client = async (
        server = `https://${endpoint}:6443`,
        authority = keys.authority,
    ): Promise<KubernetesClient> => {
        const user = await authority.sign({ commonName: "deployer", organizations: ["kubeadm:cluster-admins"] });
        const base64 = (text: string) => Buffer.from(text).toString("base64");
        const made = await connect(
            readKubeconfig(
                stringify({
                    clusters: [
                        {
                            name: "c",
                            cluster: { server, "certificate-authority-data": base64(authority.certificate) },
                        },
                    ],
                    users: [
                        {
                            name: "u",
                            user: {
                                "client-certificate-data": base64(user.certificate),
                                "client-key-data": base64(user.key),
                            },
                        },
                    ],
                    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
                    "current-context": "x",
                }),
            ),
        );
        clients.push(made);
        return made;
    };
    const until = async (what: string, condition: () => Promise<boolean>) => {
        for (let waited = 0; waited < 20_000; waited += 100) {
            if (await condition()) return;
            await sleep(100);
        }
        assert.fail(`never: ${what}`);
    };

    describe("that lacks something", () => {
        beforeEach(() => void cloud.machine(1, machineFiles(1, {})));
        afterEach(() => {
            cloud.secrets(keys.secrets);
            cloud.grant();
        });
        const refused = async (words: RegExp) => {
            await assert.rejects(boot(), (error: Error) => {
                assert.match(error.message, /^mainstay: FAILED [^\n]*$/, "one line, as the machine's script leaves it");
                assert.match(error.message, words);
                return true;
            });
            const left = await readdir(join(runFolder, "cluster", "machine"));
            assert.deepEqual(
                left.filter((name) => name.startsWith("small-cp")),
                [],
                "no key is left behind",
            );
        };

        it("a secret, names the secret and the vault", async () => {
            cloud.remove(`${cloud.vaultId}/secrets/etcd-key`);
            await refused(/FAILED secrets: .*SecretNotFound.*etcd-key.*smallvault/);
        });

        it("the right to read secrets, is refused as Azure refuses", async () => {
            const reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
            cloud.grant(reader);
            await refused(/403 Forbidden.*does not have secrets get permission.*Key Vault Secrets User/);
        });

        it("a field of kubeadm's that exists, is told so by the real kubeadm", async () => {
            const files = machineFiles(1, {});
            const path = "kubernetes/kubeadm-init.yaml";
            cloud.machine(1, { ...files, [path]: files[path].replace("certSANs", "certSans") });
            await refused(/FAILED kubeadm: kubeadm-init\.yaml: .*unknown field "apiServer.certSans"/);
        });

        it("the volume of a file that a flag names, fails as its pod would", async () => {
            cloud.machine(
                1,
                machineFiles(1, { apiServerArgs: [{ name: "tracing-config-file", value: "/etc/x.yaml" }] }),
            );
            await refused(/FAILED kube-apiserver: --tracing-config-file=\/etc\/x\.yaml is in no volume/);
        });

        it("a flag that exists, has the API server say so, and the rehearsal's own runs again", async () => {
            cloud.machine(1, machineFiles(1, { apiServerArgs: [{ name: "no-such-flag", value: "1" }] }));
            await refused(/FAILED start: kube-apiserver: .*unknown flag: --no-such-flag/);
            const own = await connect(readKubeconfig(plane.kubeconfig));
            assert.ok((await own.get("/api/v1/namespaces")).items);
            own.close();
        });

        it("a file that the API server can read, is told what is wrong in it", async () => {
            cloud.machine(1, machineFiles(1, { auditPolicy: "kind: Policy\nrules: [{ level: Everything }]" }));
            await refused(/FAILED start: kube-apiserver: .*audit/);
        });
    });

    describe("that has all that it needs", () => {
        it("is out of reach before it boots, and says so", async () => {
            const asking = await client();
            await assert.rejects(asking.get("/version"), /no control-plane machine has booted yet behind rule api/);
        });

        it("brings up an API server with the program's keys, flags and files, reached through the balancer's name and address", async () => {
            cloud.machine(1, machineFiles(1, {}));
            assert.match(await boot(), /^mainstay: small-cp-1 is ready/);
            const asking = await client();
            assert.match((await asking.get("/version")).gitVersion, /^v1\./);
            const review = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
            const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
            const { username, groups } = (await asking.request("POST", path, { body: review })).body.status.userInfo;
            assert.deepEqual([username, groups[0]], ["deployer", "kubeadm:cluster-admins"]);
            await asking.request("POST", configMaps, { body: { metadata: { name: "kept" }, data: { a: "1" } } });
            assert.ok(
                await asking.find("/api/v1/namespaces/kube-system/configmaps/kubeadm-config"),
                "kubeadm's own phases ran",
            );

            const [machine] = (await readdir(join(runFolder, "cluster", "machine"))).filter((name) =>
                name.startsWith("small-cp-1"),
            );
            const audit = join(runFolder, "cluster", "machine", machine, "root/var/log/audit/audit.log");
            assert.match(await readFile(audit, "utf8"), /"username":"deployer"/, "by the program's own audit policy");
        });

        it("has a certificate for the names that its configuration says, and for no other", async () => {
            const asking = await client(`https://${frontendAddress}:6443`);
            await assert.rejects(
                asking.get("/version"),
                /does not match certificate's altnames|IP: 10.1.0.4 is not in/,
            );
        });

        it("does not leave this machine, for no issuer but Entra's, which has a stand-in", async () => {
            const log = (name: string) => readFile(join(runFolder, "cluster", "logs", `${name}.log`), "utf8");
            await until("the API server asked for the other's keys", async () =>
                (await log("supervisor")).includes("sts.example.com:443: sts.example.com is the name of nothing"),
            );
            const said = await log("kube-apiserver");
            assert.match(said, /sts\.example\.com\/\.well-known\/openid-configuration.*is the name of nothing/);
            assert.doesNotMatch(said, /login\.microsoftonline\.com\/.*openid-configuration/);
        });

        it("leaves the rehearsal a kubeconfig that kubectl works with", async () => {
            const kubectl = await toolPath("kubectl");
            const env = { PATH: process.env.PATH, HOME: runFolder };
            const { stdout } = await run(kubectl, ["--kubeconfig", plane.kubeconfig, "get", "cm", "kept", "-oname"], {
                env,
            });
            assert.equal(stdout.trim(), "configmap/kept");
        });

        it("becomes a node as kubeadm and Azure make it, and so does what a scale set has", async () => {
            cloud.scaleSet(2);
            const asking = await client();
            const nodes = async () => (await asking.get("/api/v1/nodes")).items as any[];
            await until("three nodes are ready", async () => {
                const found = await nodes();
                const ready = ({ type, status }: any) => type === "Ready" && status === "True";
                return found.length === 3 && found.every(({ status }) => status.conditions?.some(ready));
            });
            const byName = new Map((await nodes()).map((node) => [node.metadata.name, node]));
            const machine = byName.get("small-cp-1");
            assert.equal(machine.metadata.labels["node-role.kubernetes.io/control-plane"], "");
            assert.equal(machine.metadata.labels.small, "yes");
            // Kubernetes' own come and go with the node's health.
            const givenTo = (node: any) =>
                node.spec.taints.filter(({ key }: any) => !key.startsWith("node.kubernetes.io/"));
            assert.deepEqual(givenTo(machine), [
                { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" },
            ]);
            assert.match(
                machine.spec.providerID,
                /^azure:\/\/\/subscriptions\/.*\/resourceGroups\/small\/.*\/small-cp-1$/,
            );
            const worker = byName.get("apps-1-000001");
            assert.equal(worker.metadata.labels["topology.kubernetes.io/zone"], "westeurope-1");
            assert.equal(worker.metadata.labels.agentpool, "apps");
            assert.deepEqual(givenTo(worker), [{ key: "only", value: "apps", effect: "NoSchedule" }]);
            assert.match(worker.spec.providerID, /\/virtualMachineScaleSets\/apps-1\/virtualMachines\/1$/);
        });

        it("has no node of a scale set that may not read what its machines join by", async () => {
            const asking = await client();
            const workers = async () =>
                (await asking.get("/api/v1/nodes", { labelSelector: "agentpool=apps" })).items.length as number;
            cloud.scaleSet(2, []);
            await until("its nodes are gone", async () => (await workers()) === 0);
            const log = await readFile(join(runFolder, "cluster", "logs", "supervisor.log"), "utf8");
            assert.match(log, /apps-1: its machines do not join: .*does not have secrets get permission/);
            cloud.scaleSet(1);
            await until("one is back", async () => (await workers()) === 1);
        });

        it("with a balancer that would not lead to it, is refused with the reason", async () => {
            const refusals: [Parameters<MachineCloud["balancer"]>[0], RegExp][] = [
                [{ probe: { requestPath: "/ready" } }, /probe asks \/ready and is answered 401/],
                [{ probe: { protocol: "Http" } }, /asks by Http, the API server answers by HTTPS alone/],
                [{ probe: { port: 443 } }, /asks port 443, the API server listens at 6443/],
                [{ rule: { backendPort: 443 } }, /asks port 6443, the API server listens at 443/],
                [{ rule: { frontendPort: 443 } }, /has no TCP rule for port 6443/],
                [{ rule: { probe: null } }, /has no probe/],
                [{ rule: { backendAddressPool: { id: "/other" } } }, /no machine that booted is in the backend pool/],
            ];
            for (const [change, words] of refusals) {
                cloud.balancer(change);
                await assert.rejects((await client()).get("/version"), words);
            }
            cloud.balancer();
            await (await client()).get("/version");
            await assert.rejects(
                (await client("https://other.small.internal:6443")).get("/version"),
                /name of nothing/,
            );
        });

        it("second of its kind, changes nothing", async () => {
            const processes = await processNumbers();
            cloud.machine(2, machineFiles(2, {}));
            assert.match(await boot(2), /small-cp-2 is ready: nothing to do/);
            assert.deepEqual(await processNumbers(), processes);
        });

        it("with other files, starts the API server anew with them, and keeps what is in etcd", async () => {
            const processes = await processNumbers();
            cloud.machine(2, machineFiles(2, { certSANs: [frontendAddress] }));
            assert.match(await boot(2), /kube-apiserver started/);
            assert.notDeepEqual(await processNumbers(), processes);
            const asking = await client(`https://${frontendAddress}:6443`);
            assert.equal((await asking.get(`${configMaps}/kept`)).data.a, "1");
        });

        it("with what does not start, fails, and the former goes on", async () => {
            cloud.machine(1, machineFiles(1, { apiServerArgs: [{ name: "feature-gates", value: "Nothing=true" }] }));
            await assert.rejects(boot(1), /FAILED start: kube-apiserver: .*unrecognized feature gate: Nothing/);
            const asking = await client(`https://${frontendAddress}:6443`);
            assert.equal((await asking.get(`${configMaps}/kept`)).data.a, "1");
        });

        it("with rotated keys, is known by the new authority alone", async () => {
            const former = keys;
            keys = await makeKeys();
            cloud.secrets({ ...former.secrets, "ca-crt": keys.secrets["ca-crt"], "ca-key": keys.secrets["ca-key"] });
            cloud.machine(1, machineFiles(1, {}));
            await boot(1);
            assert.equal((await (await client()).get(`${configMaps}/kept`)).data.a, "1");
            const late = await client(undefined, former.authority);
            await assert.rejects(late.get("/version"), /certificate|self-signed/);
        });

        it("comes up again, as it was, in a rehearsal that was kept", async () => {
            await plane.stop();
            plane = await startControlPlane(join(runFolder, "cluster"));
            assert.equal((await (await client()).get(`${configMaps}/kept`)).data.a, "1");
        });

        it("of a cluster whose machines have all gone, begins with empty data", async () => {
            for (const number of [1, 2]) cloud.remove(cloud.machineId(number));
            await sleep(5); // another time of creation
            cloud.machine(1, machineFiles(1, {}));
            await boot(1);
            assert.equal(await (await client()).find(`${configMaps}/kept`), undefined);
        });
    });

    const processNumbers = async () =>
        JSON.parse(await readFile(join(runFolder, "cluster", "processes.json"), "utf8")).children;
});

import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { copyFile, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { type ControlPlane, startControlPlane, stopControlPlane } from "../../rehearsal/controlPlane";
import { KubernetesClient } from "../../rehearsal/kubernetes/client";
import { clientFor } from "../../rehearsal/kubernetes/kubeconfig";
import { type BootCloud, startBootCloud } from "./bootCloud";
import { failures, Machine } from "./bootMachine";

const pki = "etc/kubernetes/pki";

describe("boot services: what the cluster needs kept", function () {
    this.timeout(120_000);
    let folder: string;
    let plane: ControlPlane;
    let client: KubernetesClient;
    let cloud: BootCloud;
    let machine: Machine;

    before(async () => {
        folder = await mkdtemp(join(tmpdir(), "mainstay-services-test-"));
        [plane, cloud, machine] = await Promise.all([
            startControlPlane(join(folder, "cluster"), {
                flags: { apiServer: { "enable-bootstrap-token-auth": true } },
            }),
            startBootCloud(),
            Machine.create(["kubectl", "kubeadm"]),
        ]);
        client = clientFor(plane.kubeconfig);
        await place(plane.kubeconfig, "etc/kubernetes/admin.conf");
        await place(join(folder, "cluster/pki/authority.crt"), `${pki}/ca.crt`);
        await machine.facts({
            ROLE: "control-plane",
            CLUSTER: "mainstay-test",
            MACHINE: "cp-1",
            KUBERNETES_VERSION: "v1.35.8",
            NODE_ADDRESS: "127.0.0.1",
            API_NAME: "127.0.0.1",
            API_PORT: new URL(plane.server).port,
            API_ADDRESS: "10.64.0.4",
            PEERS: "cp-1=127.0.0.1",
            IMDS_URL: cloud.url,
            VAULT_URL: cloud.vault("secrets"),
            SECRET_FILES: "a=b",
            JOIN_VAULT_URL: cloud.vault("join"),
            JOIN_SECRET: "discovery",
            STATE_URL: cloud.container("cluster"),
            ISSUER_BLOB_URL: `${cloud.url}/blob`,
        });
        await machine.write("etc/mainstay/issuer/jwks", '{"keys":[]}');
        await machine.write("etc/mainstay/issuer/openid-configuration", '{"issuer":"https://issuer.example"}');
    });
    after(async () => {
        client?.close();
        await cloud?.close();
        await machine?.remove();
        await stopControlPlane(join(folder, "cluster"));
        await rm(folder, { recursive: true, force: true });
    });

    async function place(from: string, to: string) {
        await mkdir(dirname(machine.at(to)), { recursive: true });
        await copyFile(from, machine.at(to));
    }

    describe("join credentials", () => {
        const discovery = () => cloud.secrets.get("join/discovery")!;
        const tokens = async () =>
            (await client.get("/api/v1/namespaces/kube-system/secrets")).items.filter(
                ({ type }: any) => type === "bootstrap.kubernetes.io/token",
            );
        const renew = async () => {
            const outcome = await machine.run("join-credentials");
            assert.equal(outcome.code, 0, outcome.stderr);
            return outcome;
        };

        it("are a kubeconfig in the vault, by which a machine signs in as one that may join", async () => {
            const outcome = await renew();
            const config = parse(discovery());
            const { cluster } = config.clusters[0];
            const authority = Buffer.from(cluster["certificate-authority-data"], "base64").toString();
            const asked = new KubernetesClient({
                server: cluster.server,
                authority,
                token: config.users[0].user.token,
            });
            const body = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
            const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
            const { userInfo } = (await asked.request("POST", path, { body })).body.status;
            asked.close();
            assert.match(userInfo.username, /^system:bootstrap:/);
            assert.ok(userInfo.groups.includes("system:bootstrappers:kubeadm:default-node-token"));
            const secret = config.users[0].user.token.split(".")[1];
            assert.ok(!`${outcome.stdout}${outcome.stderr}`.includes(secret), "no log has the token's secret");
        });

        it("last a day, and sign the discovery too", async () => {
            const [{ data }] = await tokens();
            const plain = (name: string) => Buffer.from(data[name], "base64").toString();
            const hours = (Date.parse(plain("expiration")) - Date.now()) / 3_600_000;
            assert.ok(hours > 23.5 && hours <= 24, `${hours} h`);
            assert.equal(plain("usage-bootstrap-signing"), "true");
            assert.equal(plain("usage-bootstrap-authentication"), "true");
        });

        it("stay when another machine renewed them lately", async () => {
            const before = discovery();
            await renew();
            assert.equal(discovery(), before);
            assert.equal((await tokens()).length, 1);
        });

        it("are renewed when a quarter of their day is over, and the old token goes on until its end", async () => {
            const before = discovery();
            const [{ metadata }] = await tokens();
            const soon = new Date(Date.now() + 17 * 3_600_000).toISOString();
            await client.request("PATCH", `/api/v1/namespaces/kube-system/secrets/${metadata.name}`, {
                body: { stringData: { expiration: soon } },
                contentType: "application/merge-patch+json",
            });
            await renew();
            assert.notEqual(discovery(), before);
            assert.equal((await tokens()).length, 2);
        });

        it("are renewed when the trusted authorities change", async () => {
            const before = discovery();
            const bundle = await machine.read(`${pki}/ca.crt`);
            await machine.write(`${pki}/ca.crt`, bundle + bundle);
            await renew();
            assert.notEqual(discovery(), before);
            await machine.write(`${pki}/ca.crt`, bundle);
        });

        it("fail in one line when no token can be made", async () => {
            const kept = discovery();
            cloud.secrets.delete("join/discovery");
            await machine.command("kubeadm", "exit 1");
            const outcome = await machine.run("join-credentials");
            await rm(machine.at("bin/kubeadm"));
            assert.equal(failures(outcome).length, 1, outcome.stderr);
            assert.match(failures(outcome)[0], /^mainstay: FAILED join-credentials: .*; see /);
            cloud.secrets.set("join/discovery", kept);
        });
    });

    describe("the issuer's documents", () => {
        const publish = async () => {
            const from = cloud.requests.length;
            const outcome = await machine.run("issuer");
            assert.equal(outcome.code, 0, outcome.stderr);
            return cloud.requests.slice(from).filter((request) => request.startsWith("PUT "));
        };

        it("are published, keys first, as what they are", async () => {
            assert.deepEqual(await publish(), [
                "PUT /blob/$web/openid/v1/jwks",
                "PUT /blob/$web/.well-known/openid-configuration",
            ]);
            const { content, headers } = cloud.blobs.get("$web/.well-known/openid-configuration")!;
            assert.equal(content.toString(), '{"issuer":"https://issuer.example"}');
            assert.equal(headers["x-ms-blob-content-type"], "application/json");
            assert.match(headers["x-ms-blob-cache-control"], /max-age=300/);
        });

        it("are written again only where they differ", async () => {
            assert.deepEqual(await publish(), []);
            await machine.write("etc/mainstay/issuer/jwks", '{"keys":["new"]}');
            assert.deepEqual(await publish(), ["PUT /blob/$web/openid/v1/jwks"]);
        });

        it("fail in one line when the website is not on", async () => {
            cloud.fault = (method, path) =>
                path.includes("$web") ? { code: method === "PUT" ? 400 : 404, body: "" } : undefined;
            const outcome = await machine.run("issuer").finally(() => (cloud.fault = undefined));
            assert.equal(failures(outcome).length, 1, outcome.stderr);
        });
    });

    describe("the control plane's certificates", () => {
        const days = async () =>
            Number(
                /^mainstay_certificates_expiry_days (-?\d+)$/m.exec(
                    await machine.read("var/lib/node_exporter/textfile/mainstay_certificates.prom"),
                )![1],
            );

        before(async () => {
            await place(join(folder, "cluster/pki/api-server.crt"), `${pki}/apiserver.crt`);
            await place(join(folder, "cluster/pki/etcd.crt"), `${pki}/etcd/server.crt`);
            await place(join(folder, "cluster/pki/authority.crt"), `${pki}/etcd/ca.crt`);
            await machine.write(
                "etc/kubernetes/admin.conf",
                certificateConfig(await machine.read(`${pki}/apiserver.crt`)),
            );
            // A cluster of one: nobody else's etcd is to be asked.
            for (const name of ["etcdctl", "kubeadm"]) await machine.command(name);
            await machine.command("crictl", runtime);
            await machine.command("sleep", "exec /bin/sleep 0.05");
        });
        beforeEach(async () => {
            for (const left of ["containers", mark, away]) await rm(machine.at(left), { recursive: true, force: true });
            for (const name of ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"])
                await machine.write(`etc/kubernetes/manifests/${name}.yaml`, "kind: Pod\n");
            await machine.write("calls", "");
        });

        const manifest = "etc/kubernetes/manifests/kube-apiserver.yaml";
        const [away, mark] = ["var/lib/mainstay/away-kube-apiserver.yaml", "var/lib/mainstay/renewing"];
        // A static pod runs for as long as its manifest is there, in a new container after each stop. What holds at a stop is noted.
        const runtime = `
            cd "$MAINSTAY_ROOT"
            mkdir -p containers
            if [ "$1" = stop ]; then
                exec >>calls
                [ ! -e ${manifest} ] || echo "beside the API server"
                ! flock --nonblock run/mainstay-boot.lock true || echo "the boot lock is free"
                for child in $(cat /proc/$PPID/task/$PPID/children); do
                    [ $child = $$ ] || [ ! -e /proc/$child/fd/9 ] || echo "the lease's keeper has the boot lock"
                done
                pod=\${4%-*}
                [ -e "stays-down $pod" ] || echo >>"containers/$pod"
                [ ! -e "cut-off $pod" ] || kill -TERM $PPID
                exit 0
            fi
            [ ! -e no-answer ] || exit 1
            pod=$(echo "$6" | tr -d '^$')
            [ ! -e "etc/kubernetes/manifests/$pod.yaml" ] || echo "$pod-$(cat "containers/$pod" 2>/dev/null | wc -l)"`;
        const done = async () =>
            (await machine.read("calls"))
                .split("\n")
                .filter((call) => call !== "" && !/^(etcdctl|sleep|crictl --)/.test(call));
        const renewal = [
            "kubeadm certs renew all",
            "crictl stop --timeout 30 etcd-0",
            ...["kube-controller-manager", "kube-scheduler"].flatMap((name) => [
                `crictl stop --timeout 30 ${name}-0`,
                "beside the API server",
            ]),
        ];
        const renew = (environment: Record<string, string> = {}) =>
            machine.run("certificates", [], { CERTIFICATE_RENEWAL_DAYS: "4000", PATIENCE: "2", ...environment });
        const apiServerIsBack = async () => {
            assert.equal(await machine.read(manifest), "kind: Pod\n");
            assert.deepEqual(
                (await machine.list("var/lib/mainstay")).filter((name) => name.startsWith("away")),
                [],
            );
            assert.equal(cloud.blobs.get("cluster/change")?.lease, undefined, "the lock is free again");
        };

        it("are counted, and left alone while they last, without waiting for a boot", async () => {
            const outcome = await machine.run("certificates");
            assert.equal(outcome.code, 0, outcome.stderr);
            const { validTo } = new X509Certificate(await machine.read(`${pki}/apiserver.crt`));
            assert.equal(await days(), Math.floor((Date.parse(validTo) - Date.now()) / 86_400_000));
            assert.equal(await machine.read("calls"), "");
            assert.ok(!(await machine.list("run")).includes("mainstay-boot.lock"));
        });

        it("are renewed in time, under both locks: the API server is away while etcd restarts, and back when the others do", async () => {
            const outcome = await renew();
            assert.equal(outcome.code, 0, outcome.stderr);
            assert.deepEqual(await done(), renewal);
            await apiServerIsBack();
            assert.ok(cloud.requests.includes("PUT /blob/cluster/change?comp=lease"));
            assert.ok(!(await machine.list("var/lib/mainstay")).includes("renewing"));
        });

        it("are renewed to the end when a run was cut off, however new they are; its API server comes back at once", async () => {
            await machine.write("cut-off etcd", "");
            const outcome = await renew();
            await rm(machine.at("cut-off etcd"));
            assert.notEqual(outcome.code, 0);
            assert.deepEqual(await done(), renewal.slice(0, 2));
            await apiServerIsBack();
            await machine.write("calls", "");
            const next = await renew({ CERTIFICATE_RENEWAL_DAYS: "1" });
            assert.equal(next.code, 0, next.stderr);
            assert.deepEqual(
                await done(),
                renewal.map((call) => call.replace("etcd-0", "etcd-1")),
            );
            assert.ok(!(await machine.list("var/lib/mainstay")).includes("renewing"));
        });

        it("that nobody has to renew leave an API server that a killed run sent away to come back, and no more", async () => {
            await rename(machine.at(manifest), machine.at(away));
            const outcome = await machine.run("certificates");
            assert.equal(outcome.code, 0, outcome.stderr);
            await apiServerIsBack();
            assert.deepEqual(await done(), []);
        });

        it("are not held for renewed before every pod runs in a new container", async () => {
            await machine.write("stays-down kube-scheduler", "");
            const outcome = await renew();
            await rm(machine.at("stays-down kube-scheduler"));
            assert.match(
                failures(outcome).join(),
                /^mainstay: FAILED certificates: kube-scheduler does not start again;/,
            );
            assert.ok((await machine.list("var/lib/mainstay")).includes("renewing"));
            await apiServerIsBack();
        });

        it("stay with a running etcd while nobody can say that the API server is gone", async () => {
            await machine.write("no-answer", "");
            const outcome = await renew();
            await rm(machine.at("no-answer"));
            assert.match(failures(outcome).join(), /^mainstay: FAILED certificates: kube-apiserver does not stop;/);
            assert.deepEqual(await done(), renewal.slice(0, 1));
            await apiServerIsBack();
        });

        it("are not renewed while another member is not healthy, but an API server that was away comes back", async () => {
            const facts = await machine.read("etc/mainstay/facts.env");
            await machine.write(
                "etc/mainstay/facts.env",
                facts.replace("cp-1=127.0.0.1", "cp-1=127.0.0.1 cp-2=127.0.0.2"),
            );
            await machine.command("etcdctl", "exit 1");
            await rename(machine.at(manifest), machine.at(away));
            const outcome = await renew();
            assert.match(
                outcome.stderr,
                /FAILED certificates: another etcd member is not healthy; mend that one first/,
            );
            assert.equal(failures(outcome).length, 1);
            assert.deepEqual(await done(), []);
            await apiServerIsBack();
        });
    });

    /** As kubeadm writes it. */
    const certificateConfig = (certificate: string) =>
        `users:\n- name: a\n  user:\n    client-certificate-data: ${Buffer.from(certificate).toString("base64")}\n`;
});

import assert from "node:assert/strict";
import { type Booted, type Machine, World, secrets, sleep } from "./bootWorld";

const kubeadm = /: kubeadm /;
const short = (line: string) => line.replace(/^test-cp-\d: /, "").replace(/ --config \S+/, "");

describe("Boot of a machine that is a member already", function () {
    this.timeout(120_000);
    let world: World;
    let first: Machine;
    let second: Machine;
    let before: number;
    beforeEach(async () => {
        world = await World.create();
        [first, second] = [world.machine(1, { peers: 2 }), world.machine(2, { peers: 2 })];
        for (const machine of [first, second]) succeeds(await machine.boot());
        before = world.calls().length;
    });
    afterEach(async function () {
        if (this.currentTest?.state === "failed") console.log(world.calls().slice(before).join("\n"));
        await world.close();
    });

    const succeeds = (booted: Booted) => {
        assert.equal(booted.code, 0, booted.output);
        assert.deepEqual(booted.failures, []);
    };
    const fails = (booted: Booted, text: RegExp) => {
        assert.notEqual(booted.code, 0, booted.output);
        assert.equal(booted.failures.length, 1, booted.output);
        assert.match(booted.failures[0], text);
    };
    const until = async (holds: () => boolean) => {
        for (let waited = 0; !holds(); waited += 20) {
            assert.ok(waited < 30_000, "never");
            await sleep(20);
        }
    };
    const since = (matching: RegExp) =>
        world
            .calls()
            .slice(before)
            .filter((line) => matching.test(line));
    const flagChanged = {
        peers: 2,
        files: {
            "kubernetes/kubeadm-init.yaml":
                "kind: ClusterConfiguration\n# a flag\napiServer:\n  certSANs:\n    - api.test.internal\n",
        },
    };
    const apiServer = "etc/kubernetes/manifests/kube-apiserver.yaml";
    const away = "var/lib/mainstay/away-kube-apiserver.yaml";
    const flagOfEtcd = {
        peers: 2,
        files: {
            "kubernetes/kubeadm-init.yaml": `${flagChanged.files["kubernetes/kubeadm-init.yaml"]}etcd:\n  local: {}\n`,
        },
    };

    it("a changed flag rewrites the static pods one after another, uploads the configuration and renews no certificate", async () => {
        first.setUserData(flagChanged);
        succeeds(await first.boot());
        assert.deepEqual(since(kubeadm).map(short), [
            "kubeadm init phase control-plane apiserver",
            "kubeadm init phase control-plane controller-manager",
            "kubeadm init phase control-plane scheduler",
            "kubeadm init phase upload-config all",
            "kubeadm upgrade node phase kubelet-config",
        ]);
        assert.match(first.read("etc/kubernetes/manifests/kube-apiserver.yaml"), /a flag/);
        before = world.calls().length;
        succeeds(await first.boot());
        assert.deepEqual(since(kubeadm), []);
    });

    it("a changed flag of etcd lets the API server leave first, and come back last", async () => {
        first.setUserData(flagOfEtcd);
        const booted = await first.boot();
        succeeds(booted);
        const begun = since(/crictl.*kube-apiserver|kubeadm init phase (etcd|control-plane apiserver)/).map((line) =>
            /crictl/.test(line) ? "asked whether the API server is gone" : short(line),
        );
        const etcd = begun.indexOf("kubeadm init phase etcd local");
        assert.equal(begun[etcd - 1], "asked whether the API server is gone", begun.join("\n"));
        assert.ok(begun.indexOf("kubeadm init phase control-plane apiserver") > etcd);
        assert.ok(first.read("etc/kubernetes/manifests/kube-apiserver.yaml"));
        assert.ok(!first.exists("var/lib/mainstay/away-kube-apiserver.yaml"));
    });

    it("an API server that a power cut left away is brought back before anything is asked of Azure", async () => {
        const manifest = first.read(apiServer);
        first.setUserData(flagOfEtcd);
        await world.bootUpTo(first, "kubeadm init phase etcd");
        await first.kill();
        assert.ok(!first.exists(apiServer), "away while etcd restarts");
        world.fault = (_, path) => (path.includes("/keys/") ? { code: 404, body: "" } : undefined);
        fails(await first.boot(), /FAILED secrets: /);
        assert.equal(first.read(apiServer), manifest);
        assert.ok(!first.exists(away));
        world.fault = undefined;
        world.expireLeases();
        succeeds(await first.boot());
        assert.match(first.read(apiServer), /a flag/);
    });

    for (const certificates of [false, true]) {
        it(`a boot that is stopped brings its API server back${certificates ? ", and etcd with it" : ""}`, async () => {
            const pods = ["etcd", "kube-apiserver"].map((pod) => `etc/kubernetes/manifests/${pod}.yaml`);
            const before = pods.map((path) => first.read(path));
            if (certificates) world.cloud.secrets.set("keys/kubernetes-ca-crt", "another\n");
            else first.setUserData(flagOfEtcd);
            const { ended } = await world.bootUpTo(first, "kubeadm init phase etcd");
            assert.deepEqual(
                pods.map((path) => first.exists(path)),
                [!certificates, false],
            );
            first.stop();
            assert.notEqual((await ended).code, 0);
            assert.deepEqual(
                pods.map((path) => first.read(path)),
                before,
            );
            assert.ok(!first.exists(away));
            world.remove("stopped");
            succeeds(await first.boot());
        });
    }

    it("nothing is touched while another etcd member is ill", async () => {
        first.setUserData(flagChanged);
        // A third member that nobody hears of; the other two are still a majority.
        world.write("members", `${world.read("members")}id-3 test-cp-3 10.0.0.13\n`);
        fails(
            await first.boot(),
            /FAILED converge: another etcd member is not healthy, so this machine changes nothing/,
        );
        assert.deepEqual(since(kubeadm), []);
    });

    it("who finds another member ill leaves the lock to the machine that joins in its place", async () => {
        first.setUserData(flagChanged);
        const members = world.read("members");
        // At the moment in which this machine takes the lock.
        world.fault = (method, path) => {
            if (method === "PUT" && path.endsWith("/cluster/change")) {
                world.fault = undefined;
                world.write("members", `${members}id-3 test-cp-3 10.0.0.13\n`);
            }
            return undefined;
        };
        const lock = () => world.cloud.blobs.get("cluster/change")?.lease;
        const booted = first.boot();
        await until(() => lock() !== undefined);
        await until(() => lock() === undefined);
        assert.deepEqual(since(kubeadm), []);
        world.write("members", members);
        succeeds(await booted);
        assert.match(first.read(apiServer), /a flag/);
    });

    it("nothing is touched while this machine's API server is not ready, unless a change broke it", async () => {
        first.setUserData(flagChanged);
        const answer = world.read("apis/10.0.0.11");
        world.remove("apis/10.0.0.11");
        world.write("members", "id-2 test-cp-2 10.0.0.12\n");
        fails(await first.boot(), /FAILED converge: this machine's API server is not ready, so nothing is changed/);
        assert.deepEqual(since(kubeadm), []);
        first.write("var/lib/mainstay/changing", "");
        fails(
            await first.boot(),
            /FAILED converge: the API server of this machine does not get ready after kube-apiserver changed/,
        );
        world.write("apis/10.0.0.11", answer);
        succeeds(await first.boot());
    });

    it("two members never change at the same time", async () => {
        for (const machine of [first, second]) machine.setUserData(flagChanged);
        (await Promise.all([first.boot(), second.boot()])).forEach(succeeds);
        const order = since(kubeadm).map((line) => line.split(":")[0]);
        assert.equal(
            order.findIndex((name) => name !== order[0]),
            order.lastIndexOf(order[0]) + 1,
            order.join(),
        );
    });

    it("a new name or a new authority renews certificates and restarts every pod of the control plane", async () => {
        world.cloud.secrets.set(
            "keys/kubernetes-ca-crt",
            `${secrets["kubernetes-ca-crt"]}-----BEGIN CERTIFICATE-----\n2\n-----END CERTIFICATE-----\n`,
        );
        succeeds(await first.boot());
        assert.deepEqual(since(kubeadm).map(short), [
            "kubeadm init phase certs all",
            "kubeadm init phase kubeconfig all",
            "kubeadm init phase etcd local",
            "kubeadm init phase control-plane apiserver",
            "kubeadm init phase control-plane controller-manager",
            "kubeadm init phase control-plane scheduler",
            "kubeadm init phase upload-config all",
            "kubeadm upgrade node phase kubelet-config",
        ]);
        const bundle = first.read("etc/kubernetes/pki/ca.crt");
        assert.match(bundle, /\n2\n/);
        // The other machines have not come this far: their API servers are still of the first one.
        for (const kubeconfig of ["admin", "kubelet"]) {
            const [, data] =
                /certificate-authority-data: (\S+)/.exec(first.read(`etc/kubernetes/${kubeconfig}.conf`)) ?? [];
            assert.equal(Buffer.from(data, "base64").toString(), bundle, kubeconfig);
        }
    });

    it("another policy restarts the API server, which reads it only when it starts, and nothing else", async () => {
        first.setUserData(flagChanged);
        succeeds(await first.boot());
        before = world.calls().length;
        first.setUserData({
            peers: 2,
            files: { ...flagChanged.files, "kubernetes/files/audit-policy.yaml": "kind: Policy\n# stricter\n" },
        });
        const booted = await first.boot();
        succeeds(booted);
        assert.deepEqual(booted.output.match(/converge: \S+ starts anew/g), ["converge: kube-apiserver starts anew"]);
        assert.match(first.read("etc/kubernetes/mainstay/audit-policy.yaml"), /stricter/);
    });

    it("the only member so far waits for nobody", async () => {
        world.write("members", "id-1 test-cp-1 10.0.0.11\n");
        world.remove("apis/10.0.0.12");
        first.setUserData(flagChanged);
        succeeds(await first.boot());
    });

    it("a change that was cut off is done by the next run", async () => {
        first.setUserData(flagChanged);
        world.write("fails/test-cp-1 init phase", "");
        const booted = await first.boot();
        fails(booted, /FAILED converge: kubeadm init phase: error: init phase went wrong/);
        world.remove("fails/test-cp-1 init phase");
        succeeds(await first.boot());
        assert.match(first.read("etc/kubernetes/manifests/kube-scheduler.yaml"), /a flag/);
    });

    it("the first machine of an upgrade applies it, the second follows, and the kubelet is exchanged after that", async () => {
        world.write("version", "v1.34.11");
        for (const machine of [first, second]) machine.write("var/lib/mainstay/applied-version", "v1.34.11\n");
        succeeds(await first.boot());
        assert.deepEqual(since(/: kubeadm upgrade (apply|node --)/).map(short), [
            "kubeadm upgrade apply v1.35.8 --yes --skip-phases=addon",
        ]);
        world.write("version", "v1.35.8");
        before = world.calls().length;
        succeeds(await second.boot());
        assert.deepEqual(since(/: kubeadm upgrade (apply|node --)/).map(short), [
            "kubeadm upgrade node --skip-phases=addon",
        ]);
        assert.equal(since(/systemctl restart kubelet/).length, 2);
    });

    for (const [from, to] of [
        ["v1.33.4", "v1.35.8"],
        ["v1.36.0", "v1.35.8"],
    ]) {
        it(`from ${from} to ${to} is refused before anything is changed`, async () => {
            world.write("version", from);
            first.write("var/lib/mainstay/applied-version", `${from}\n`);
            fails(
                await first.boot(),
                /FAILED upgrade: the cluster is at .* go up one minor version at a time and never down/,
            );
            assert.deepEqual(since(kubeadm), []);
        });
    }
});

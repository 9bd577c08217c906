import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type Booted, type Machine, World, secrets } from "./bootWorld";

/** Commands that change a cluster, a disk or a service. */
const changing =
    /: (kubeadm|mkfs|mount |ip (link|address)|systemctl (?!is-active)|etcdctl.*remove|kubectl.*delete|sysctl|modprobe)/;
const initialised = /: kubeadm init --config/;
const joined = /: kubeadm join/;

describe("Boot of control-plane machines", function () {
    this.timeout(120_000);
    let world: World;
    beforeEach(async () => {
        world = await World.create();
    });
    afterEach(async function () {
        if (this.currentTest?.state === "failed") console.log(world.calls().slice(-60).join("\n"));
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
    /** Three machines of one cluster, one after another. */
    const cluster = async (): Promise<Machine[]> => {
        const machines = [1, 2, 3].map((number) => world.machine(number));
        for (const machine of machines) succeeds(await machine.boot());
        return machines;
    };

    it("the first machine initialises: programs, disk, keys, balancer's address before kubeadm init, mark after it", async () => {
        const first = world.machine(1);
        succeeds(await first.boot());
        const order = world.calls(/mkfs|mount|address add|kubeadm init --config|restart mainstay-api-address/);
        assert.deepEqual(
            order.map((line) => line.replace(/^test-cp-1: (\S+ \S+).*/, "$1")),
            ["mkfs.ext4 -q", `mount ${first.root}/var/lib/etcd`, "ip address", "kubeadm init", "systemctl restart"],
        );
        assert.match(world.calls(initialised)[0], /--skip-phases=addon\/coredns,addon\/kube-proxy --skip-token-print$/);
        assert.match(world.mark()!, /^cluster=cluster-of-test-cp-1\nmachine=test-cp-1\nattempt=[0-9a-f-]{36}\n$/);
        assert.equal(world.cloud.blobs.get("cluster/initialise")?.lease, undefined);
        assert.equal(first.read("etc/kubernetes/pki/ca.key"), secrets["kubernetes-ca-key"]);
        assert.equal(first.read("etc/kubernetes/mainstay/encryption.yaml"), secrets.encryption);
        assert.match(first.read("etc/fstab"), /^UUID=1234-of-test-cp-1 \/var\/lib\/etcd ext4 noatime,/m);
    });

    it("a machine that joins before an update has reached any member takes the cluster's configuration, and then its own", async () => {
        const [first] = [world.machine(1)];
        succeeds(await first.boot());
        const second = world.machine(2);
        const config = "kind: ClusterConfiguration\n# a flag\n";
        second.setUserData({ files: { "kubernetes/kubeadm-init.yaml": config } });
        succeeds(await second.boot());
        assert.match(second.read("etc/kubernetes/manifests/kube-apiserver.yaml"), /a flag/);
        const before = world.calls(/: kubeadm /).length;
        succeeds(await second.boot());
        assert.equal(world.calls(/: kubeadm /).length, before);
        // With the cluster's configuration as its own, a third one has nothing to change.
        const third = world.machine(3);
        third.setUserData({ files: { "kubernetes/kubeadm-init.yaml": config } });
        succeeds(await third.boot());
        assert.deepEqual(world.calls(/test-cp-3: kubeadm (init phase control-plane|upgrade)/), []);
    });

    it("keys lie where root alone reads them, certificates where everybody may", async () => {
        const first = world.machine(1);
        succeeds(await first.boot());
        const { statSync } = await import("node:fs");
        const mode = (path: string) => (statSync(join(first.root, path)).mode & 0o777).toString(8);
        assert.equal(mode("etc/kubernetes/pki/ca.key"), "600");
        assert.equal(mode("etc/kubernetes/mainstay/encryption.yaml"), "600");
        assert.equal(mode("etc/kubernetes/pki/ca.crt"), "644");
    });

    it("of three machines that start at once one initialises and two join after its mark", async () => {
        const all = await Promise.all([1, 2, 3].map((number) => world.machine(number).boot()));
        all.forEach(succeeds);
        assert.equal(world.calls(initialised).length, 1);
        assert.equal(world.calls(joined).length, 2);
        const marked = world.cloud.requests.findIndex((line) => line === "PUT /blob/cluster/initialised");
        assert.ok(marked > 0);
        const ids = ["11", "12", "13"].map((last) => world.read(`apis/10.0.0.${last}`));
        assert.equal(new Set(ids).size, 1);
        assert.equal(world.read("members").trim().split("\n").length, 3);
    });

    it("a machine other than the first may initialise", async () => {
        succeeds(await world.machine(2).boot());
        succeeds(await world.machine(1).boot());
        assert.match(world.mark()!, /machine=test-cp-2/);
        assert.match(world.calls(joined).join(), /^test-cp-1/);
    });

    it("a joining machine has the balancer's address only after kubeadm join", async () => {
        succeeds(await world.machine(1).boot());
        succeeds(await world.machine(2).boot());
        const order = world.calls(/^test-cp-2: (kubeadm join|ip address add)/).map((line) => line.split(" ")[1]);
        assert.deepEqual(order, ["kubeadm", "ip"]);
    });

    for (const point of ["mkfs", "kubeadm init", "kubeadm init done", "cluster id"]) {
        it(`killed at ${point} and run again, it starts clean and there is one cluster`, async () => {
            const first = world.machine(1);
            await world.bootUpTo(first, point);
            await first.kill();
            assert.equal(world.mark(), undefined);
            // What it began is dead with it.
            world.remove("apis/10.0.0.11");
            world.expireLeases();
            succeeds(await first.boot());
            assert.match(world.mark()!, /machine=test-cp-1/);
            assert.equal(world.read("members").trim().split("\n").length, 1);
            assert.equal(world.calls(/: mkfs/).length, point === "mkfs" ? 2 : 1);
        });
    }

    it("killed right after its mark, it goes on as the machine that initialised", async () => {
        const first = world.machine(1);
        world.fault = (method, path) => {
            if (method !== "PUT" || path !== "/blob/cluster/initialised") return undefined;
            world.fault = undefined;
            const attempt = first.read("var/lib/mainstay/attempt");
            const content = Buffer.from(`cluster=cluster-of-test-cp-1\nmachine=test-cp-1\nattempt=${attempt}\n`);
            world.cloud.blobs.set("cluster/initialised", { content, headers: {} });
            void first.kill();
            return { code: 500 };
        };
        await first.boot();
        world.expireLeases();
        succeeds(await first.boot());
        assert.equal(world.calls(initialised).length, 1);
        assert.deepEqual(world.calls(joined), []);
        assert.ok(first.exists("var/lib/mainstay/member"));
    });

    it("an answer to the mark that gets lost is not taken for another machine's mark", async () => {
        const first = world.machine(1);
        world.fault = (method, path) => {
            if (method !== "PUT" || path !== "/blob/cluster/initialised") return undefined;
            world.fault = undefined;
            const attempt = first.read("var/lib/mainstay/attempt");
            const content = Buffer.from(`cluster=cluster-of-test-cp-1\nmachine=test-cp-1\nattempt=${attempt}\n`);
            world.cloud.blobs.set("cluster/initialised", { content, headers: {} });
            return { code: 503 };
        };
        succeeds(await first.boot());
        assert.deepEqual(world.calls(/: kubeadm reset/), []);
    });

    it("with the mark there and the API silent nothing is initialised, and the line says so", async () => {
        const [first] = await cluster();
        for (const last of ["11", "12", "13"]) world.remove(`apis/10.0.0.${last}`);
        first.replace();
        const before = world.calls(initialised).length;
        fails(
            await first.boot(),
            /FAILED join: the cluster was initialised, but https:\/\/api\.test\.internal:6443 does not answer; .*not initialised again/,
        );
        assert.equal(world.calls(initialised).length, before);
        assert.ok(first.exists("var/lib/etcd/member"), "its data stays");
    });

    it("storage that does not answer is not an absent mark", async () => {
        world.fault = (_, path) => (path === "/blob/cluster/initialised" ? { code: 503 } : undefined);
        fails(await world.machine(1).boot(), /FAILED mark: GET .*initialised: HTTP 503/);
        assert.deepEqual(world.calls(initialised), []);
    });

    it("without the mark but with a machine whose API answers nothing is initialised", async () => {
        await cluster();
        world.cloud.blobs.delete("cluster/initialised");
        fails(
            await world.machine(4, { peers: 4 }).boot(),
            /FAILED initialise: the mark .* is missing, but the API server on 10\.0\.0\.11 answers/,
        );
        assert.equal(world.calls(initialised).length, 1);
    });

    it("without the mark data that this machine did not begin is never wiped", async () => {
        const [first] = await cluster();
        for (const last of ["11", "12", "13"]) world.remove(`apis/10.0.0.${last}`);
        world.cloud.blobs.delete("cluster/initialised");
        first.replace();
        fails(await first.boot(), /FAILED initialise: the mark .* is missing, but etcd's disk holds a cluster's data/);
        assert.ok(first.exists("var/lib/etcd/member"));
    });

    it("a lock that is lost during kubeadm init ends it, undoes it, and there is no second cluster", async () => {
        const [first, second] = [world.machine(1), world.machine(2)];
        const { ended } = await world.bootUpTo(first, "kubeadm init done");
        // The lease ran out, and the second machine has it now.
        world.expireLeases();
        world.remove("apis/10.0.0.11");
        const other = await second.boot();
        succeeds(other);
        fails(
            await ended,
            /FAILED initialise: the lock was lost during kubeadm init, so this machine's attempt is undone; it joins on the next run/,
        );
        world.goOn();
        assert.ok(!first.exists("var/lib/etcd/member"));
        assert.match(world.mark()!, /machine=test-cp-2/);
        succeeds(await first.boot());
        assert.match(world.calls(joined).join(), /^test-cp-1/);
        assert.equal(world.read("apis/10.0.0.11"), world.read("apis/10.0.0.12"));
    });

    it("a lock that is lost between kubeadm init and the mark undoes it", async () => {
        const first = world.machine(1);
        const { ended } = await world.bootUpTo(first, "cluster id");
        world.cloud.blobs.get("cluster/initialise")!.lease = { id: "another", until: Date.now() + 60_000 };
        world.goOn();
        fails(await ended, /FAILED initialise: the lock was lost after kubeadm init/);
        assert.equal(world.mark(), undefined);
        assert.ok(!first.exists("var/lib/etcd/member"));
    });

    it("a mark that another machine wrote first undoes this one", async () => {
        const first = world.machine(1);
        const { ended } = await world.bootUpTo(first, "cluster id");
        const content = Buffer.from("cluster=another\nmachine=test-cp-2\nattempt=2\n");
        world.cloud.blobs.set("cluster/initialised", { content, headers: {} });
        world.goOn();
        fails(
            await ended,
            /FAILED initialise: another machine has initialised the cluster, so this machine's attempt is undone/,
        );
        assert.ok(!world.exists("apis/10.0.0.11"));
    });

    it("a machine that finds itself in a cluster that the mark does not name leaves it", async () => {
        succeeds(await world.machine(1).boot());
        const content = Buffer.from("cluster=another\nmachine=test-cp-3\nattempt=2\n");
        world.cloud.blobs.set("cluster/initialised", { content, headers: {} });
        const second = world.machine(2);
        fails(await second.boot(), /FAILED join: joined cluster cluster-of-test-cp-1, but the mark names another/);
        assert.ok(!second.exists("var/lib/etcd/member"));
        assert.ok(!second.exists("var/lib/mainstay/member"));
    });

    it("a replaced machine removes its old member and node, then clears its data, then joins", async () => {
        const [, second] = await cluster();
        second.replace();
        const from = world.calls().length;
        succeeds(await second.boot());
        const order = world
            .calls()
            .slice(from)
            .filter((line) => /member remove|kubeadm reset|delete node|kubeadm join/.test(line));
        assert.deepEqual(
            order.map((line) =>
                line.replace(/.*(member remove|kubeadm reset|delete node test-cp-2|kubeadm join).*/, "$1"),
            ),
            ["member remove", "kubeadm reset", "delete node test-cp-2", "kubeadm join"],
        );
        assert.equal(world.calls(/: mkfs/).length, 3, "its disk is not formatted again");
        assert.equal(world.read("members").trim().split("\n").length, 3);
    });

    it("no member is removed when the others are no majority without it", async () => {
        const [, second] = await cluster();
        second.replace();
        // Four members, two of the three others ill: a majority only with the old one.
        world.remove("apis/10.0.0.13");
        const members = world.read("members");
        world.write("apis/10.0.0.12", world.read("apis/10.0.0.11"));
        fails(
            await second.boot(),
            /FAILED join: of the 2 other etcd members 1 are healthy and 2 are needed before this machine's old member may go/,
        );
        assert.equal(world.read("members"), members);
        assert.ok(second.exists("var/lib/etcd/member"));
    });

    it("with no healthy etcd elsewhere nothing is removed or cleared", async () => {
        const [first, second] = await cluster();
        second.replace();
        world.remove("apis/10.0.0.13");
        fails(await second.boot(), /FAILED join: no etcd member on the other machines .* is healthy/);
        assert.ok(second.exists("var/lib/etcd/member"));
        assert.ok(first.exists("var/lib/etcd/member"));
    });

    for (const point of ["member remove", "kubeadm join", "kubeadm join done"]) {
        it(`a replaced machine killed at ${point} and run again is one healthy member`, async () => {
            const [, second] = await cluster();
            second.replace();
            await world.bootUpTo(second, point);
            await second.kill();
            world.expireLeases();
            succeeds(await second.boot());
            const members = world.read("members").trim().split("\n");
            assert.equal(members.length, 3);
            assert.equal(members.filter((line) => line.includes("test-cp-2")).length, 1);
            assert.equal(world.calls(initialised).length, 1);
        });
    }

    it("a machine whose etcd disk was exchanged joins anew", async () => {
        const [, second] = await cluster();
        rmSync(join(second.root, "var/lib/etcd"), { recursive: true });
        rmSync(join(second.root, "mounted"));
        rmSync(join(second.root, "dev/disk/azure/scsi1/lun0.holds"));
        world.remove("apis/10.0.0.12");
        succeeds(await second.boot());
        assert.match(
            world
                .calls(/member remove|: kubeadm join/)
                .slice(-2)
                .join(),
            /remove.*join/,
        );
    });

    it("run again with nothing changed it calls nothing", async () => {
        const [first] = await cluster();
        const before = world.calls(changing).length;
        succeeds(await first.boot());
        assert.deepEqual(world.calls(changing).slice(before), []);
    });

    it("two runs at once go one after the other", async () => {
        const first = world.machine(1);
        const { ended } = await world.bootUpTo(first, "kubeadm init done");
        const again = first.boot();
        world.goOn();
        succeeds(await ended);
        succeeds(await again);
        assert.equal(world.calls(initialised).length, 1);
    });

    it("a disk that holds something else is refused and stays as it is", async () => {
        const first = world.machine(1);
        first.write("dev/disk/azure/scsi1/lun0.holds", "LABEL=data\nTYPE=xfs\nUUID=1\n");
        fails(
            await first.boot(),
            /FAILED etcd disk: .*lun0 holds something else \(LABEL=data TYPE=xfs .*label mainstay-etcd is wanted/,
        );
        assert.deepEqual(world.calls(/: mkfs|: mount /), []);
    });

    it("a disk with partitions but no filesystem is refused, too", async () => {
        const first = world.machine(1);
        first.write("dev/disk/azure/scsi1/lun0.holds", "PTTYPE=gpt\n");
        fails(await first.boot(), /FAILED etcd disk: .*PTTYPE=gpt/);
        assert.deepEqual(world.calls(/: mkfs/), []);
    });

    it("the disk is found under its NVMe name", async () => {
        const first = world.machine(1);
        rmSync(join(first.root, "dev/disk"), { recursive: true });
        first.write("dev/nvme0n2", "\0".repeat(8192));
        first.write("sys/block/nvme0n2/device/model", "MSFT NVMe Accelerator v1.0\n");
        succeeds(await first.boot());
        assert.match(world.calls(/: mkfs/)[0], /dev\/nvme0n2$/);
    });

    it("a download whose checksum differs is refused, named, and not installed", async () => {
        const first = world.machine(1);
        const wrong = world.downloads().replace(/(runc v1 \S+) \S+/g, `$1 ${"0".repeat(64)}`);
        first.setUserData({ files: { "downloads.txt": wrong } });
        fails(
            await first.boot(),
            /FAILED install: runc v1 from file:.* has SHA-256 [0-9a-f]{64}, pinned is 0{64}; do not use it/,
        );
        assert.ok(!first.exists("usr/local/bin/runc"));
        first.setUserData();
        succeeds(await first.boot());
        assert.ok(first.exists("usr/local/bin/runc"));
    });

    it("a secret that the vault lacks is named, and so is what to do", async () => {
        world.cloud.secrets.delete("keys/kubernetes-ca-key");
        fails(
            await world.machine(1).boot(),
            /FAILED secrets: secret kubernetes-ca-key in .*: HTTP 404 .*; it is not there: run pulumi up/,
        );
    });

    it("a grant that does not act yet is waited for", async () => {
        let refusals = 4;
        world.fault = (_, path) => (path.startsWith("/vault/keys") && refusals-- > 0 ? { code: 403 } : undefined);
        succeeds(await world.machine(1).boot());
    });

    it("throttling and broken answers are asked again", async () => {
        let count = 0;
        world.fault = (_, path) =>
            path.startsWith("/blob") && count++ % 3 === 0 ? { code: count % 2 ? 429 : 503 } : undefined;
        succeeds(await world.machine(1).boot());
    });

    it("a kubeadm init that fails says kubeadm's own line, and the next run starts clean", async () => {
        const first = world.machine(1);
        world.write("fails/test-cp-1 kubeadm init", "");
        fails(await first.boot(), /FAILED initialise: kubeadm init: error: could not initialise; see .*kubeadm\.log/);
        assert.equal(world.mark(), undefined);
        world.remove("fails/test-cp-1 kubeadm init");
        succeeds(await first.boot());
    });

    it("a command that nobody expected to fail has its line, too", async () => {
        world.write("fails/test-cp-1 systemctl enable containerd", "");
        fails(await world.machine(1).boot(), /FAILED install: line \d+ of .* ended with 1 \(systemctl\)/);
    });

    it("facts that are missing are named all at once", async () => {
        const first = world.machine(1);
        first.setUserData({ files: {} });
        const { factsFile } = await import("../../components/controlPlane/boot/facts");
        const { packFiles } = await import("../../components/controlPlane/boot/bundle");
        const { readBundle } = await import("../../components/controlPlane/boot");
        first.userData = packFiles("test", {
            ...readBundle(first.userData),
            "facts.env": factsFile({ ROLE: "control-plane", CLUSTER: "test", KUBERNETES_VERSION: "v1.35.8" }),
        });
        fails(await first.boot(), /FAILED facts: missing: API_NAME API_PORT .*STATE_URL; give them in facts\.env/);
    });

    it("no secret and no token is on a command line or in what the boot says", async () => {
        const machines = await cluster();
        machines[1].replace();
        const again = await machines[1].boot();
        succeeds(again);
        const said = [
            again.output,
            world.read("calls"),
            ...machines.map((machine) => machine.read("var/log/mainstay/kubeadm.log")),
        ];
        for (const text of said)
            assert.doesNotMatch(text, /KEY-OF-THE-AUTHORITY|ENCRYPTION|JOIN-TOKEN|token-of-|abcdef\.0123456789abcdef/);
        assert.deepEqual(
            machines.flatMap((machine) => ["run/mainstay/discovery.conf"].filter((path) => machine.exists(path))),
            [],
        );
    });
});

import assert from "node:assert/strict";
import { World } from "./bootWorld";

describe("Boot of workers", function () {
    this.timeout(60_000);
    let world: World;
    beforeEach(async () => {
        world = await World.create();
    });
    afterEach(() => world.close());

    it("joins by the discovery file of the join vault, which is gone afterwards, and asks for nothing else", async () => {
        const worker = world.worker("general-1");
        const booted = await worker.boot();
        assert.equal(booted.code, 0, booted.output);
        assert.equal(world.calls(/: kubeadm join --config/).length, 1);
        assert.ok(!worker.exists("run/mainstay/discovery.conf"));
        assert.doesNotMatch(booted.output + world.read("calls"), /JOIN-TOKEN/);
        const asked = world.cloud.requests.filter((line) => !line.includes("/metadata/"));
        assert.deepEqual([...new Set(asked)], ["GET /vault/join/secrets/discovery?api-version=7.4"]);
    });

    it("run again it calls nothing", async () => {
        const worker = world.worker("general-1");
        await worker.boot();
        const before = world.calls(/: (kubeadm|systemctl (?!is-active)|sysctl|modprobe)/).length;
        assert.equal((await worker.boot()).code, 0);
        assert.equal(world.calls(/: (kubeadm|systemctl (?!is-active)|sysctl|modprobe)/).length, before);
    });

    it("killed during kubeadm join and run again it starts clean", async () => {
        const worker = world.worker("general-1");
        await world.bootUpTo(worker, "kubeadm join");
        await worker.kill();
        const booted = await worker.boot();
        assert.equal(booted.code, 0, booted.output);
        assert.deepEqual(
            world.calls(/: kubeadm/).map((line) => line.split(" ")[2]),
            ["join", "reset", "join"],
        );
    });

    it("a join that fails says kubeadm's own line and what renews the credentials", async () => {
        world.write("fails/general-1 kubeadm join", "");
        const booted = await world.worker("general-1").boot();
        assert.equal(booted.failures.length, 1, booted.output);
        assert.match(
            booted.failures[0],
            /FAILED join: kubeadm join --config: error execution phase kubelet-start: timed out; .*renewed by the control plane/,
        );
    });

    it("has neither etcd's tools nor scripts that need a key", async () => {
        const worker = world.worker("general-1");
        for (const path of [
            "lib/cluster.sh",
            "lib/secrets.sh",
            "services/etcd-restore.sh",
            "services/join-credentials.sh",
        ]) {
            assert.ok(!worker.exists(`etc/mainstay/${path}`), path);
        }
    });
});

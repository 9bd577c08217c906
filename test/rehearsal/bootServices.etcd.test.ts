import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { createAuthority } from "../../rehearsal/controlPlane/certificates";
import { freePorts } from "../../rehearsal/controlPlane/ports";
import { toolPath } from "../../rehearsal/toolchain";
import { type BootCloud, startBootCloud } from "./bootCloud";
import { failures, Machine, start } from "./bootMachine";

const run = promisify(execFile);
const pki = "etc/kubernetes/pki";

describe("boot services: etcd's snapshots", function () {
    this.timeout(120_000);
    let cloud: BootCloud;
    let machine: Machine;
    let etcd: { log: () => string; stop(): Promise<void> } | undefined;
    let port: number;
    let peerPort: number;
    let etcdctl: (...args: string[]) => Promise<any>;

    before(async () => {
        cloud = await startBootCloud();
        machine = await Machine.create(["etcdctl", "etcdutl"]);
        [port, peerPort] = await freePorts(2);
        const authority = await createAuthority("etcd-ca");
        await machine.write(`${pki}/etcd/ca.crt`, authority.certificate);
        const subject = { commonName: "etcd", names: ["localhost"], addresses: ["127.0.0.1"] };
        for (const name of ["server", "healthcheck-client"]) {
            const pair = await authority.sign(subject);
            await machine.write(`${pki}/etcd/${name}.crt`, pair.certificate);
            await machine.write(`${pki}/etcd/${name}.key`, pair.key);
        }
        await machine.write(`${pki}/etcd-snapshot.key`, rsaKey());
        await machine.facts({
            ROLE: "control-plane",
            CLUSTER: "mainstay-test",
            MACHINE: "cp-1",
            KUBERNETES_VERSION: "v1.35.8",
            NODE_ADDRESS: "127.0.0.1",
            API_NAME: "api.mainstay-test.internal",
            API_PORT: "6443",
            API_ADDRESS: "10.64.0.4",
            PEERS: "cp-1=127.0.0.1",
            IMDS_URL: cloud.url,
            VAULT_URL: cloud.vault("secrets"),
            SECRET_FILES: "a=b",
            JOIN_VAULT_URL: cloud.vault("join"),
            JOIN_SECRET: "discovery",
            STATE_URL: cloud.container("cluster"),
            SNAPSHOT_URL: cloud.container("snapshots"),
            SNAPSHOT_RETENTION_DAYS: "30",
            ETCD_PORT: String(port),
            ETCD_PEER_PORT: String(peerPort),
        });
        await machine.command("systemctl");
        await machine.write(
            "etc/mainstay/boot.sh",
            `#!/bin/bash\ncat "$MAINSTAY_ROOT/var/lib/mainstay/restored"\n`,
            0o755,
        );
        const program = await toolPath("etcdctl");
        const [ca, cert, key] = ["ca.crt", "healthcheck-client.crt", "healthcheck-client.key"].map((name) =>
            machine.at(`${pki}/etcd/${name}`),
        );
        etcdctl = async (...args) => {
            const tls = [`--cacert=${ca}`, `--cert=${cert}`, `--key=${key}`];
            const endpoint = `--endpoints=https://127.0.0.1:${port}`;
            return JSON.parse((await run(program, [...tls, endpoint, "-w", "json", ...args])).stdout);
        };
        await startEtcd();
    });
    after(async () => {
        await etcd?.stop();
        await cloud?.close();
        await machine?.remove();
    });

    async function startEtcd() {
        const client = `https://127.0.0.1:${port}`;
        const peer = `https://127.0.0.1:${peerPort}`;
        const [ca, cert, key] = ["ca.crt", "server.crt", "server.key"].map((name) => machine.at(`${pki}/etcd/${name}`));
        etcd = start(await toolPath("etcd"), [
            ...["--name=cp-1", `--data-dir=${machine.at("var/lib/etcd")}`, `--initial-cluster=cp-1=${peer}`],
            ...[`--listen-client-urls=${client}`, `--advertise-client-urls=${client}`],
            ...[`--listen-peer-urls=${peer}`, `--initial-advertise-peer-urls=${peer}`],
            ...["--client-cert-auth=true", `--trusted-ca-file=${ca}`, `--cert-file=${cert}`, `--key-file=${key}`],
            ...["--peer-client-cert-auth=true", `--peer-trusted-ca-file=${ca}`],
            ...[`--peer-cert-file=${cert}`, `--peer-key-file=${key}`, "--unsafe-no-fsync=true"],
        ]);
        for (let i = 0; i < 100; i++) {
            if (await etcdctl("endpoint", "health").catch(() => undefined)) return;
            await sleep(100);
        }
        assert.fail(`etcd is not healthy\n${etcd.log()}`);
    }

    const value = async (key: string) => {
        const { kvs } = await etcdctl("get", key);
        return kvs && Buffer.from(kvs[0].value, "base64").toString();
    };
    const complete = () =>
        [...cloud.blobs.keys()]
            .filter((name) => name.startsWith("snapshots/") && name.endsWith(".complete"))
            .map((name) => name.slice("snapshots/".length, -".complete".length))
            .sort();
    /** Names have seconds in them. */
    const snapshot = async () => {
        await sleep(1100);
        const had = complete();
        const outcome = await machine.run("etcd-snapshot");
        assert.equal(outcome.code, 0, outcome.stderr);
        return complete().find((name) => !had.includes(name))!;
    };

    it("are stored encrypted and whole, their marker last, and say so in metrics", async () => {
        await etcdctl("put", "/registry/secrets/a/b", "the-secret-value");
        const name = await snapshot();
        assert.match(name, /^\d{8}T\d{6}Z-cp-1$/);
        const stored = cloud.blobs.get(`snapshots/${name}.db.enc`)!.content;
        assert.ok(!stored.includes("the-secret-value"), "what leaves the machine is encrypted");
        assert.ok(!stored.includes("/registry"));
        const manifest = JSON.parse(cloud.blobs.get(`snapshots/${name}.complete`)!.content.toString());
        assert.equal(manifest.cluster, "mainstay-test");
        assert.equal(manifest.encryptedBytes, stored.length);
        assert.ok(manifest.revision >= 2 && manifest.bytes > 10_000 && /^\d+\.\d+/.test(manifest.version));

        const puts = cloud.requests.filter((request) => request.startsWith("PUT /blob/snapshots/"));
        assert.ok(puts.at(-1)?.includes(`${name}.complete`), puts.join("\n"));
        const reads = cloud.requests.indexOf(`GET /blob/snapshots/${name}.db.enc`);
        assert.ok(reads >= 0 && reads < cloud.requests.findIndex((request) => request.includes(`${name}.complete`)));

        const metrics = await machine.read("var/lib/node_exporter/textfile/mainstay_etcd_snapshot.prom");
        assert.match(metrics, /^mainstay_etcd_snapshot_last_success_timestamp_seconds \d{10}$/m);
        assert.match(metrics, new RegExp(`^mainstay_etcd_snapshot_bytes ${manifest.bytes}$`, "m"));
        assert.match(metrics, /^mainstay_etcd_snapshot_duration_seconds \d+$/m);
        assert.deepEqual(await machine.list("var/lib/mainstay/etcd-snapshot"), [], "no plain copy stays behind");
    });

    it("stay unpublished when the store gives back something else", async () => {
        await sleep(1100);
        const had = complete();
        cloud.fault = (method, path) =>
            method === "GET" && path.endsWith(".db.enc") ? { code: 200, body: "something else" } : undefined;
        const outcome = await machine.run("etcd-snapshot").finally(() => (cloud.fault = undefined));
        assert.notEqual(outcome.code, 0);
        assert.equal(failures(outcome).length, 1, outcome.stderr);
        assert.match(outcome.stderr, /FAILED etcd-snapshot: .*altered; look into the storage account/);
        assert.deepEqual(complete(), had);
    });

    it("fail in one line when etcd does not answer", async () => {
        const facts = await machine.read("etc/mainstay/facts.env");
        await machine.write("etc/mainstay/facts.env", facts.replace(`ETCD_PORT='${port}'`, "ETCD_PORT='1'"));
        const outcome = await machine.run("etcd-snapshot");
        await machine.write("etc/mainstay/facts.env", facts);
        assert.deepEqual(failures(outcome), [
            "mainstay: FAILED etcd-snapshot: the local etcd member does not answer; see crictl logs of etcd on cp-1",
        ]);
    });

    it("are not taken by a member that does not lead", async () => {
        const status = '[{"Status":{"header":{"member_id":1},"leader":2}}]';
        await machine.command("etcdctl", `echo '${status}'`);
        const before = cloud.requests.length;
        const outcome = await machine.run("etcd-snapshot");
        await rm(machine.at("bin/etcdctl"));
        assert.equal(outcome.code, 0, outcome.stderr);
        assert.equal(cloud.requests.length, before, "it asks Azure for nothing");
    });

    it("of long ago are deleted whole, incomplete ones never", async () => {
        const set = ["db.enc", "sig", "complete"];
        const old = Array.from({ length: 14 }, (_, i) => `202401${String(i + 1).padStart(2, "0")}T000000Z-cp-9`);
        for (const name of old)
            for (const part of set)
                cloud.blobs.set(`snapshots/${name}.${part}`, { content: Buffer.from("x"), headers: {} });
        cloud.blobs.set("snapshots/20230101T000000Z-cp-9.db.enc", { content: Buffer.from("x"), headers: {} });
        const name = await snapshot();
        // Twelve stay: today's two, and the ten newest of the old ones.
        assert.deepEqual(complete(), [...old.slice(-10), ...complete().slice(-2)]);
        assert.ok(complete().includes(name));
        for (const gone of old.slice(0, 4))
            assert.ok(!set.some((part) => cloud.blobs.has(`snapshots/${gone}.${part}`)), gone);
        assert.ok(cloud.blobs.has("snapshots/20230101T000000Z-cp-9.db.enc"));
        for (const each of old) for (const part of set) cloud.blobs.delete(`snapshots/${each}.${part}`);
    });

    describe("and their restore", () => {
        let good: string;

        it("is refused while etcd is healthy, and changes nothing", async () => {
            await etcdctl("put", "kept", "yes");
            good = await snapshot();
            await etcdctl("put", "later", "lost");
            const outcome = await machine.run("etcd-restore");
            assert.equal(failures(outcome).length, 1, outcome.stderr);
            assert.match(outcome.stderr, /etcd on cp-1 is healthy.*--even-if-healthy/);
            assert.equal(await value("later"), "lost");
        });

        it("passes over what is incomplete, forged, truncated or another cluster's, and brings the newest good one back", async () => {
            const { header } = await etcdctl("get", "kept");
            await etcd!.stop();
            await machine.write("etc/kubernetes/manifests/etcd.yaml", "etcd");
            await machine.write("etc/kubernetes/manifests/kube-apiserver.yaml", "api");

            const part = (name: string) => cloud.blobs.get(`snapshots/${name}`)!;
            const copy = (to: string, change: (part: string, content: Buffer) => Buffer | undefined) => {
                for (const suffix of ["db.enc", "sig", "complete"]) {
                    const content = change(suffix, part(`${good}.${suffix}`).content);
                    if (content) cloud.blobs.set(`snapshots/${to}.${suffix}`, { content, headers: {} });
                }
            };
            const renamed = (content: Buffer, to: string) => Buffer.from(content.toString().replace(good, to));
            copy("29990105T000000Z-cp-1", (suffix, content) => (suffix === "complete" ? undefined : content));
            copy("29990104T000000Z-cp-1", (suffix, content) => (suffix === "db.enc" ? undefined : content));
            copy("29990103T000000Z-cp-1", (_, content) => content);
            copy("29990102T000000Z-cp-1", (suffix, content) =>
                suffix === "complete" ? renamed(content, "29990102T000000Z-cp-1") : content,
            );
            // Truncated where it lies.
            await cloneTruncated(good, "29990101T000000Z-cp-1");

            const outcome = await machine.run("etcd-restore");
            assert.equal(outcome.code, 0, outcome.stderr);
            assert.deepEqual(failures(outcome), []);
            assert.doesNotMatch(outcome.stderr, /29990105/, "without its marker it is not even looked at");
            assert.match(outcome.stderr, /29990103T000000Z-cp-1 is passed over: its manifest is another set's/);
            assert.match(outcome.stderr, /29990102T000000Z-cp-1 is passed over: its manifest was not signed/);
            assert.match(outcome.stderr, /29990101T000000Z-cp-1 is passed over: its data is corrupt/);
            assert.match(outcome.stderr, new RegExp(`uses ${good}, revision`));

            // What was there is aside, and boot is told to initialise on it.
            assert.deepEqual(await machine.list("etc/kubernetes/manifests"), []);
            const [aside] = (await machine.list("var/lib/etcd")).filter((name) => name.startsWith("before-restore-"));
            assert.deepEqual(await machine.list(`var/lib/etcd/${aside}`), ["member"]);
            assert.deepEqual(await machine.list(`var/lib/mainstay/${aside}`), ["etcd.yaml", "kube-apiserver.yaml"]);
            assert.match(outcome.stdout, new RegExp(`restored \\S+ from ${good} by cp-1`), "boot.sh finds the file");
            assert.match(cloud.blobs.get("cluster/initialised")!.content.toString(), /^restored /);
            assert.equal(cloud.blobs.get("cluster/initialise")!.lease, undefined, "the lock is free again");
            assert.match(await machine.read("calls"), /systemctl stop kubelet/);

            await startEtcd();
            assert.equal(await value("kept"), "yes");
            assert.equal(await value("/registry/secrets/a/b"), "the-secret-value");
            assert.equal(await value("later"), undefined, "it is as it was when the snapshot was taken");
            const now = await etcdctl("get", "kept");
            assert.ok(now.header.revision >= header.revision + 900_000_000, `revision ${now.header.revision}`);
            const members = await etcdctl("member", "list");
            assert.equal(members.members.length, 1);
            await assert.rejects(etcdctl("get", "kept", `--rev=${header.revision}`), /compacted/);
        });

        it("takes a named one, and fails when that is no good", async () => {
            await etcd!.stop();
            const outcome = await machine.run("etcd-restore", ["--snapshot", "29990104T000000Z-cp-1"]);
            assert.equal(failures(outcome).length, 1, outcome.stderr);
            assert.match(outcome.stderr, /FAILED etcd-restore: no snapshot in .* can be used/);
            assert.ok((await machine.list("var/lib/etcd")).includes("member"), "what is there stays");
        });

        it("does not take a snapshot for its own that another key made", async () => {
            await machine.write("other.key", rsaKey());
            const outcome = await machine.run("etcd-restore", ["--snapshot", good, "--key", machine.at("other.key")]);
            assert.match(outcome.stderr, /was not signed by .*other\.key/);
            assert.equal(failures(outcome).length, 1);
        });

        /** A good set of its own name, signed by the key, whose data lost its end in the store. */
        async function cloneTruncated(from: string, to: string) {
            const { createSign, constants } = await import("node:crypto");
            const manifest = cloud.blobs.get(`snapshots/${from}.complete`)!.content.toString().replace(from, to);
            const key = await machine.read(`${pki}/etcd-snapshot.key`);
            const padding = constants.RSA_PKCS1_PSS_PADDING;
            const sig = createSign("sha256").update(manifest).sign({ key, padding });
            const data = cloud.blobs.get(`snapshots/${from}.db.enc`)!.content;
            cloud.blobs.set(`snapshots/${to}.complete`, { content: Buffer.from(manifest), headers: {} });
            cloud.blobs.set(`snapshots/${to}.sig`, { content: sig, headers: {} });
            cloud.blobs.set(`snapshots/${to}.db.enc`, { content: data.subarray(0, -100), headers: {} });
        }
    });
});

function rsaKey(): string {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 3072 });
    return privateKey.export({ type: "pkcs1", format: "pem" }).toString();
}

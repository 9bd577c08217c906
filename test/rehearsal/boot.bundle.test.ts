import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import {
    type ControlPlaneFacts,
    USER_DATA_LIMIT,
    bootCommand,
    controlPlaneBundle,
    customData,
    readBundle,
    releases,
    workerBundle,
} from "../../components/controlPlane/boot";
import { factsFile } from "../../components/controlPlane/boot/facts";

const machine: ControlPlaneFacts = {
    cluster: "mainstay-test",
    zone: "1",
    kubernetesVersion: releases["1.35"].kubernetes,
    apiName: "api.mainstay-test.internal",
    joinVaultUrl: "https://join.vault.azure.net",
    machine: "mainstay-test-cp-1",
    generation: 1,
    nodeAddress: "10.64.0.132",
    apiAddress: "10.64.0.4",
    peers: [
        { name: "mainstay-test-cp-1", address: "10.64.0.132" },
        { name: "mainstay-test-cp-2", address: "10.64.0.196" },
    ],
    vaultUrl: "https://secrets.vault.azure.net",
    secretFiles: { "kubernetes-ca-crt": "/etc/kubernetes/pki/ca.crt" },
    stateUrl: "https://state.blob.core.windows.net/cluster",
    snapshotUrl: "https://etcd.blob.core.windows.net/snapshots",
    issuerUrl: "https://issuer.z6.web.core.windows.net",
    issuerBlobUrl: "https://issuer.blob.core.windows.net",
};
const worker = { ...machine, pool: "general" };

describe("User data of machines", () => {
    it("bash reads back exactly the facts that were given", () => {
        const value = fc.string({ unit: "binary" }).map((text) => text.replaceAll("\0", ""));
        fc.assert(
            fc.property(fc.array(value, { minLength: 1, maxLength: 20 }), (values) => {
                const facts = Object.fromEntries(values.map((text, at) => [`FACT_${at}`, text]));
                const script = `${factsFile(facts)}printf '%s\\0' ${values.map((_, at) => `"$FACT_${at}"`).join(" ")}`;
                const read = execFileSync("bash", ["--norc"], { input: script, encoding: "utf8" });
                assert.deepEqual(read.split("\0").slice(0, -1), values);
            }),
            { numRuns: 60 },
        );
    });

    it("a fact whose name bash cannot hold is refused", () => {
        assert.throws(() => factsFile({ "A;reboot": "" }), /fact A;reboot: names are upper case letters/);
    });

    it("the same arguments give the same bytes, and a bundle reads back what went in", () => {
        const files = { "kubernetes/kubeadm-init.yaml": "kind: ClusterConfiguration # ü\n" };
        const bundle = controlPlaneBundle(machine, files);
        assert.equal(bundle, controlPlaneBundle(machine, files));
        const read = readBundle(bundle);
        assert.equal(read["kubernetes/kubeadm-init.yaml"], files["kubernetes/kubeadm-init.yaml"]);
        assert.match(read["facts.env"], /^MAINSTAY_FACTS='1'\nROLE='control-plane'\n/);
        assert.match(
            read["facts.env"],
            /^PEERS='mainstay-test-cp-1=10\.64\.0\.132 mainstay-test-cp-2=10\.64\.0\.196'$/m,
        );
        assert.match(read["boot.sh"], /^#!\/usr\/bin\/env bash/);
    });

    it("a file of the program wins over the scripts' own", () => {
        assert.equal(
            readBundle(controlPlaneBundle(machine, { "system/containerd.toml": "mine" }))["system/containerd.toml"],
            "mine",
        );
    });

    it("the scripts leave a quarter of Azure's 64 KiB to configuration", () => {
        assert.ok(controlPlaneBundle(machine, {}).length < 0.75 * USER_DATA_LIMIT);
    });

    it("more than Azure takes is refused with size, limit and the largest files", () => {
        const noise = Array.from({ length: 9000 }, (_, at) => Math.sin(at)).join();
        assert.throws(
            () => controlPlaneBundle(machine, { "kubernetes/noise": noise }),
            /user data of mainstay-test-cp-1: \d+ bytes are more than the 65536 that Azure takes; make the largest files smaller: kubernetes\/noise,/,
        );
    });

    it("workers get no etcd tools and no script that needs a key", () => {
        const paths = Object.keys(readBundle(workerBundle(worker, {})));
        const keyed = paths.filter((path) =>
            /cluster|secrets|converge|restore|etcd|issuer|join-credentials|certificates/.test(path),
        );
        assert.deepEqual(keyed, []);
        assert.ok(paths.includes("lib/join.sh"));
        assert.doesNotMatch(readBundle(workerBundle(worker, {}))["downloads.txt"], /^etcd /m);
        assert.doesNotMatch(readBundle(workerBundle(worker, {}))["facts.env"], /secrets\.vault/);
    });

    it("every kubelet gives up a silent connection with time to find another before its node is called unready", () => {
        const nodeGraceSeconds = 50;
        for (const bundle of [controlPlaneBundle(machine, {}), workerBundle(worker, {})]) {
            const dropIn = readBundle(bundle)["system/kubelet-kubeadm.conf"];
            const [idle, answer] = ["READ_IDLE", "PING"].map((name) =>
                // client-go takes whole seconds only, and its default for everything else.
                Number(new RegExp(`^Environment=.*"HTTP2_${name}_TIMEOUT_SECONDS=(\\d+)"`, "m").exec(dropIn)?.[1]),
            );
            // The probe sends nobody to a dead machine any more after 10 s, and one dial takes 30 s at the most.
            assert.ok(idle > 0 && answer > 0 && idle + answer + 30 < nodeGraceSeconds, dropIn);
        }
    });

    it("a version that is not pinned is refused with those that are", () => {
        assert.throws(
            () => workerBundle({ ...worker, kubernetesVersion: "v1.35.1" }, {}),
            /v1\.35\.1 is not pinned .* v1\.34\.\d+, v1\.35\.\d+/,
        );
    });
});

describe("Custom data of machines", () => {
    it("is one constant text, however the program is set", () => {
        const text = Buffer.from(customData, "base64").toString();
        assert.match(text, /^#cloud-config\n/);
        // Nothing of an environment is in it: what is not here cannot have to change.
        assert.doesNotMatch(text, /vault\.azure|blob\.core|mainstay-(prod|staging)|1\.3[45]/);
        assert.ok(customData.length < 8192);
        assert.match(bootCommand, /\/usr\/local\/sbin\/mainstay-boot$/);
    });
});

describe("Pinned releases", () => {
    it("every download has a checksum for both processors and comes from the project's own place", () => {
        for (const { kubernetes, downloads } of Object.values(releases)) {
            for (const { name, version, url, sha256 } of downloads) {
                assert.match(url, /^https:\/\/(dl\.k8s\.io|github\.com)\//, name);
                assert.ok(url.includes(version.slice(1)), url);
                assert.match(url, /\{architecture\}/);
                for (const sum of [sha256.amd64, sha256.arm64]) assert.match(sum, /^[0-9a-f]{64}$/);
                assert.notEqual(sha256.amd64, sha256.arm64);
                if (name.startsWith("kube")) assert.equal(version, kubernetes);
            }
            const names = downloads.map((each) => each.name).sort();
            assert.deepEqual(names, [
                "cni-plugins",
                "containerd",
                "crictl",
                "etcd",
                "kubeadm",
                "kubectl",
                "kubelet",
                "runc",
            ]);
        }
    });
});

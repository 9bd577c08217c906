import assert from "node:assert/strict";
import * as fc from "fast-check";
import { releases } from "../../components/controlPlane/boot/versions";
import { checksumFor } from "../../rehearsal/toolchain/checksum";
import { nodeToolNames, pins, toolNames } from "../../rehearsal/toolchain/pins";
import { compareVersions, versionIn, whyRefused } from "../../rehearsal/toolchain/version";

describe("toolchain: versions", () => {
    it("are read from what each program answers", () => {
        const answers: Record<string, string> = {
            "v3.246.0\n": "3.246.0",
            "Kubernetes v1.35.4\n": "1.35.4",
            "Client Version: v1.32.4-dispatcher\nKustomize Version: v5.5.0\n": "1.32.4",
            "etcd Version: 3.6.6\nGit SHA: Not provided\nGo Version: go1.26.8\n": "3.6.6",
            "kwok version v0.8.0 go1.26.8 (linux/amd64)\n": "0.8.0",
            "v1.35.4\n": "1.35.4",
        };
        for (const [answer, version] of Object.entries(answers)) assert.equal(versionIn(answer), version);
        assert.equal(versionIn("command not found"), undefined);
    });

    it("are ordered by number, place by place", () => {
        const place = fc.nat(400);
        const version = fc.tuple(place, place, place);
        fc.assert(
            fc.property(version, version, (a, b) => {
                const firstDifference =
                    a.map((number, at) => number - b[at]).find((difference) => difference !== 0) ?? 0;
                assert.equal(Math.sign(compareVersions(a.join("."), b.join("."))), Math.sign(firstDifference));
            }),
        );
    });

    it("on PATH will do when new enough and of the same series", () => {
        assert.equal(whyRefused(pins.kubectl, "1.35.0"), undefined);
        assert.equal(whyRefused(pins.kubectl, "1.35.9"), undefined);
        assert.equal(whyRefused(pins.kubectl, "1.32.4"), "older than 1.35.0");
        assert.equal(whyRefused(pins.kubectl, "1.36.0"), "not of the minor version 1.35");
        assert.equal(whyRefused(pins.pulumi, "3.300.1"), undefined);
        assert.equal(whyRefused(pins.pulumi, "3.100.0"), "older than 3.246.0");
        assert.equal(whyRefused(pins.pulumi, "4.0.0"), "not of the major version 3");
    });

    it("that are pinned would be accepted on PATH themselves", () => {
        for (const name of [...toolNames, ...nodeToolNames])
            assert.equal(whyRefused(pins[name], pins[name].version), undefined, name);
    });

    it("of what only nodes run are not asked for by a rehearsal, and every tool is of the one or the other", () => {
        for (const name of nodeToolNames) assert.ok(!toolNames.includes(name), name);
        assert.equal(toolNames.length + nodeToolNames.length, Object.keys(pins).length);
    });

    it("of etcd's tools and containerd are those that machines of the program install", () => {
        for (const { downloads } of Object.values(releases)) {
            const installed = Object.fromEntries(downloads.map(({ name, version }) => [name, version]));
            assert.equal(`v${pins.etcd.version}`, installed.etcd);
            assert.equal(`v${pins.containerd.version}`, installed.containerd);
        }
    });
});

describe("toolchain: published checksums", () => {
    const sum = "0ac0e4dff4a3d0cbca1db077c70b01ee8aa0b15e22a1e2b44efd6a1e296ae39e";
    const other = "1".repeat(64);

    it("are found in each form that publishers use", () => {
        assert.equal(checksumFor("kubectl", `${sum}\n`), sum);
        assert.equal(checksumFor("etcd.tar.gz", `${other}  etcd.zip\n${sum}  etcd.tar.gz\n`), sum);
        assert.equal(checksumFor("etcd.tar.gz", `${other} *etcd.zip\n${sum.toUpperCase()} *./etcd.tar.gz`), sum);
        const release = { assets: [{ name: "kwok-linux-amd64", digest: `sha256:${sum}` }, { name: "kwok.yaml" }] };
        assert.equal(checksumFor("kwok-linux-amd64", JSON.stringify(release)), sum);
    });

    it("of another file, of another kind or of nothing are not taken", () => {
        assert.equal(checksumFor("etcd.tar.gz", `${other}  etcd.zip`), undefined);
        assert.equal(checksumFor("kubectl", "<html>not found</html>"), undefined);
        assert.equal(
            checksumFor("kwok", JSON.stringify({ assets: [{ name: "kwok", digest: `sha512:${other}` }] })),
            undefined,
        );
        assert.equal(checksumFor("kwok", JSON.stringify({ assets: [{ name: "kwok", digest: null }] })), undefined);
    });
});

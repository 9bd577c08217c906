import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "../../rehearsal/controlPlane/ports";
import { type Image, imageOf } from "../proof/region/artifacts/images";
import { serveRegistry } from "../proof/region/artifacts/registry";
import { writeTarball } from "../proof/region/artifacts/tarball";

const digestOf = (content: Buffer): string => `sha256:${createHash("sha256").update(content).digest("hex")}`;

describe("region: artifacts", () => {
    let sandbox: string;
    let program: string;
    const cacheBefore = process.env.MAINSTAY_CACHE;

    beforeEach(() => {
        sandbox = mkdtempSync(join(tmpdir(), "mainstay-artifacts-"));
        process.env.MAINSTAY_CACHE = join(sandbox, "cache");
        program = join(sandbox, "program");
        writeFileSync(program, "#!/bin/sh\necho one\n", { mode: 0o755 });
    });

    afterEach(() => {
        if (cacheBefore === undefined) delete process.env.MAINSTAY_CACHE;
        else process.env.MAINSTAY_CACHE = cacheBefore;
        rmSync(sandbox, { recursive: true, force: true });
    });

    describe("archives", () => {
        it("are the same bytes whenever they are made, and their checksum is true", async () => {
            const files = { "bin/b": program, "bin/a": program };
            const first = await writeTarball(files, join(sandbox, "first.tgz"), "gzip");
            utimesSync(program, 1, 1);
            const second = await writeTarball(files, join(sandbox, "second.tgz"), "gzip");
            assert.deepEqual(second, first);
            const bytes = readFileSync(join(sandbox, "first.tgz"));
            assert.equal(`sha256:${first.sha256}`, digestOf(bytes));
            assert.equal(first.bytes, bytes.length);
        });

        it("begin with the folder that install.sh strips, and hold executable files of root's", async () => {
            await writeTarball({ "bin/containerd": program }, join(sandbox, "a.tgz"), "gzip");
            const listed = execFileSync("tar", ["-tvzf", join(sandbox, "a.tgz"), "--numeric-owner"], {
                encoding: "utf8",
            });
            const rows = listed.trim().split("\n");
            assert.match(rows[0], /^drwxr-xr-x 0\/0 .* bin\/$/);
            assert.match(rows[1], /^-rwxr-xr-x 0\/0 .* bin\/containerd$/);
            assert.equal(rows.length, 2);
        });

        it("of a file that is not there are refused", async () => {
            await assert.rejects(
                writeTarball({ gone: join(sandbox, "gone") }, join(sandbox, "a.tar"), "tar"),
                /tar ended with 2: .*gone/,
            );
        });
    });

    describe("images", () => {
        const recipe = () => ({ files: { "usr/local/bin/program": program }, entrypoint: ["program"] });

        it("say of their layer what it is, packed and unpacked", async () => {
            const image = await imageOf("sample", recipe());
            const [config, layer] = image.blobs;
            for (const blob of [image.manifest, config, layer]) {
                assert.equal(digestOf(readFileSync(blob.path)), blob.digest);
                assert.equal(readFileSync(blob.path).length, blob.bytes);
            }
            const described = JSON.parse(readFileSync(config.path, "utf8"));
            // A layer that is not compressed is its own content.
            assert.deepEqual(described.rootfs.diff_ids, [layer.digest]);
            // kubeadm's pods name the program without its folder.
            assert.match(described.config.Env[0], /^PATH=.*\/usr\/local\/bin\b/);
            const unpacked = execFileSync("tar", ["-xOf", layer.path, "usr/local/bin/program"]);
            assert.deepEqual(unpacked, readFileSync(program));
        });

        it("are made once, and anew when the program is another", async () => {
            const first = await imageOf("sample", recipe());
            assert.deepEqual(await imageOf("sample", recipe()), first);
            writeFileSync(program, "#!/bin/sh\necho two\n");
            assert.notEqual((await imageOf("sample", recipe())).manifest.digest, first.manifest.digest);
        });
    });

    describe("a registry", () => {
        let url: string;
        let image: Image;
        let close: () => Promise<void>;

        beforeEach(async () => {
            image = await imageOf("sample", { files: { "bin/program": program }, entrypoint: ["/bin/program"] });
            const [port] = await freePorts(1);
            close = await serveRegistry(new Map([["registry.k8s.io/group/sample:v1", image]]), "127.0.0.1", port);
            url = `http://127.0.0.1:${port}/v2`;
        });
        afterEach(() => close());

        it("gives an image by its tag, and every part by the digest that the part before names", async () => {
            const ns = "ns=registry.k8s.io";
            const head = await fetch(`${url}/group/sample/manifests/v1?${ns}`, { method: "HEAD" });
            const digest = head.headers.get("docker-content-digest")!;
            assert.equal(await head.text(), "");
            const answer = await fetch(`${url}/group/sample/manifests/${digest}?${ns}`);
            const text = Buffer.from(await answer.arrayBuffer());
            assert.equal(digestOf(text), digest);
            assert.equal(head.headers.get("content-length"), String(text.length));
            const manifest = JSON.parse(text.toString());
            assert.equal(answer.headers.get("content-type"), manifest.mediaType);
            for (const part of [manifest.config, ...manifest.layers]) {
                const blob = await fetch(`${url}/group/sample/blobs/${part.digest}?${ns}`);
                const content = Buffer.from(await blob.arrayBuffer());
                assert.deepEqual([digestOf(content), content.length], [part.digest, part.size]);
            }
        });

        it("has nothing of another host, tag or name, and says which kind is missing", async () => {
            const absent = [
                ["group/sample/manifests/v1?ns=docker.io", "MANIFEST_UNKNOWN"],
                ["group/sample/manifests/v2?ns=registry.k8s.io", "MANIFEST_UNKNOWN"],
                ["sample/manifests/v1?ns=registry.k8s.io", "MANIFEST_UNKNOWN"],
                [`group/sample/blobs/${image.manifest.digest}?ns=registry.k8s.io`, "BLOB_UNKNOWN"],
            ];
            for (const [path, code] of absent) {
                const answer = await fetch(`${url}/${path}`);
                const { errors } = (await answer.json()) as { errors: { code: string }[] };
                assert.deepEqual([answer.status, errors[0].code], [404, code], path);
            }
        });

        it("takes nothing", async () => {
            const answer = await fetch(`${url}/group/sample/blobs/uploads/`, { method: "POST" });
            assert.equal(answer.status, 405);
        });
    });
});

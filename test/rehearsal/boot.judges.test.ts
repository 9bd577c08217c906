import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { customData } from "../../components/controlPlane/boot";
import { skip } from "../skip";
import { stub, World } from "./bootWorld";

const scripts = join(__dirname, "../../components/controlPlane/boot/scripts");
const has = (program: string) => spawnSync(program, ["--version"]).error === undefined;

describe("What judges the boot", function () {
    this.timeout(60_000);
    let folder: string;
    before(() => {
        folder = mkdtempSync(join(tmpdir(), "mainstay-judges-test-"));
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    it("shellcheck finds nothing in any script, the stub's included", function () {
        if (!has("shellcheck")) skip(this, "shellcheck is not installed");
        writeFileSync(join(folder, "mainstay-boot.sh"), stub("/usr/local/sbin/mainstay-boot"));
        const files = readdirSync(scripts, { recursive: true, encoding: "utf8" }).filter((file) =>
            file.endsWith(".sh"),
        );
        assert.ok(files.length > 15);
        const all = [...files.map((file) => join(scripts, file)), join(folder, "mainstay-boot.sh")];
        const { status, stdout } = spawnSync("shellcheck", ["--external-sources", ...all], { encoding: "utf8" });
        assert.equal(status, 0, stdout);
    });

    it("cloud-init takes the custom data", function () {
        if (!has("cloud-init")) skip(this, "cloud-init is not installed");
        const file = join(folder, "user-data");
        writeFileSync(file, Buffer.from(customData, "base64"));
        const { status, stdout, stderr } = spawnSync("cloud-init", ["schema", "--config-file", file], {
            encoding: "utf8",
        });
        assert.equal(status, 0, stdout + stderr);
    });

    it("tar reads a bundle, and lists root's files without times", async () => {
        const world = await World.create();
        try {
            const file = join(folder, "bundle.tgz");
            writeFileSync(file, Buffer.from(world.machine(1).userData, "base64"));
            const list = execFileSync("tar", ["--full-time", "--utc", "-tvzf", file], { encoding: "utf8" })
                .trim()
                .split("\n");
            for (const line of list)
                assert.match(line, /^-rw(xr-x|-r--)r-[x-] root\/root +\d+ 1970-01-01 00:00:00 |^-rwxr-xr-x root\/root/);
            assert.ok(list.some((line) => /^-rwx.* boot\.sh$/.test(line)));
        } finally {
            await world.close();
        }
    });

    it("the stub says what is wrong when the metadata service has no bundle, and keeps what was there", async () => {
        const world = await World.create();
        try {
            const machine = world.machine(1);
            assert.equal((await machine.boot()).code, 0);
            machine.userData = "";
            const booted = await machine.boot();
            assert.notEqual(booted.code, 0);
            assert.match(booted.failures.join(), /FAILED user data: no bundle/);
            assert.ok(machine.exists("etc/mainstay/boot.sh"));
            assert.equal(readdirSync(join(machine.root, "var/lib/mainstay/bundles")).length, 1);
        } finally {
            await world.close();
        }
    });
});

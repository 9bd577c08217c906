import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { withLock } from "../../rehearsal/toolchain/lock.cjs";

const lockModule = require.resolve("../../rehearsal/toolchain/lock.cjs");

describe("toolchain: a lock", () => {
    let folder: string;
    let file: string;
    const children: ChildProcess[] = [];

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "mainstay-lock-"));
        file = join(folder, "locks", "tool.lock");
    });

    afterEach(async () => {
        for (const child of children.splice(0)) {
            if (child.exitCode !== null || child.signalCode !== null) continue;
            child.kill("SIGKILL");
            await once(child, "exit");
        }
        rmSync(folder, { recursive: true });
    });

    /** Another process that takes the lock, writes `begin` to `journal`, waits and writes `end`. */
    function holder(holdMs: number): ChildProcess {
        const program = `
            const { appendFileSync } = require("node:fs");
            const say = (word) => appendFileSync(${JSON.stringify(join(folder, "journal"))}, word + " " + process.pid + "\\n");
            require(${JSON.stringify(lockModule)}).withLock(${JSON.stringify(file)}, async () => {
                say("begin");
                await new Promise((done) => setTimeout(done, ${holdMs}));
                say("end");
            });`;
        const child = spawn(process.execPath, ["-e", program], { stdio: "inherit" });
        children.push(child);
        return child;
    }

    const journal = (): string[] =>
        existsSync(join(folder, "journal")) ? readFileSync(join(folder, "journal"), "utf8").trim().split("\n") : [];

    async function untilHeld(): Promise<void> {
        while (journal().length === 0) await sleep(20);
    }

    it("is held by one of several processes at a time, and leaves no file", async () => {
        const processes = [holder(60), holder(60), holder(60)];
        await Promise.all(processes.map((child) => once(child, "exit")));
        const lines = journal();
        assert.equal(lines.length, 6);
        for (let at = 0; at < lines.length; at += 2) {
            assert.equal(lines[at].replace("begin", "end"), lines[at + 1], lines.join(", "));
        }
        assert.deepEqual(readdirSync(join(folder, "locks")), []);
    });

    it("tells who holds it, and waits for them", async () => {
        const other = holder(400);
        await untilHeld();
        const owners: number[] = [];
        await withLock(
            file,
            () => appendFileSync(join(folder, "journal"), "ours\n"),
            (pid) => owners.push(pid),
        );
        assert.deepEqual(owners, [other.pid]);
        assert.deepEqual(
            journal().map((line) => line.split(" ")[0]),
            ["begin", "end", "ours"],
        );
    });

    it("is taken over from a process that was killed", async () => {
        const other = holder(60_000);
        await untilHeld();
        other.kill("SIGKILL");
        await once(other, "exit");
        assert.ok(existsSync(file), "the dead process' lock is still there");
        const owners: number[] = [];
        assert.equal(
            await withLock(
                file,
                () => "ours",
                (pid) => owners.push(pid),
            ),
            "ours",
        );
        assert.deepEqual(owners, []);
    });

    it("is taken over by only one when several wait for a dead owner", async () => {
        const dead = holder(60_000);
        await untilHeld();
        dead.kill("SIGKILL");
        await once(dead, "exit");
        rmSync(join(folder, "journal"));
        await Promise.all([holder(50), holder(50), holder(50), holder(50)].map((child) => once(child, "exit")));
        const lines = journal();
        assert.equal(lines.length, 8);
        for (let at = 0; at < lines.length; at += 2) {
            assert.equal(lines[at].replace("begin", "end"), lines[at + 1], lines.join(", "));
        }
    });

    it("is taken over when its process id went to another process since", async function () {
        if (process.platform !== "linux") return this.skip();
        await withLock(file, () => undefined);
        writeFileSync(file, JSON.stringify({ pid: process.pid, started: "1", token: "of an earlier boot" }));
        assert.equal(await withLock(file, () => "ours"), "ours");
    });

    it("is given back when the work fails", async () => {
        await assert.rejects(
            withLock(file, () => Promise.reject(new Error("no network"))),
            /no network/,
        );
        assert.equal(await withLock(file, () => "ours"), "ours");
    });
});

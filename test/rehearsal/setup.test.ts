import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * A tree with one package, and an npm of ours that records its calls: `ci` makes node_modules as npm does, its own
 * record of the installation last.
 */
describe("setup", () => {
    let tree: string;
    const running: ChildProcess[] = [];

    beforeEach(() => {
        tree = mkdtempSync(join(tmpdir(), "mainstay-setup-"));
        for (const file of ["rehearsal/setup.mjs", "rehearsal/toolchain/lock.cjs"]) {
            mkdirSync(dirname(join(tree, file)), { recursive: true });
            cpSync(join(__dirname, "../..", file), join(tree, file));
        }
        write("package.json", JSON.stringify({ engines: { node: ">=20.19" } }));
        lock("10.9.2");
        write(
            "npm.js",
            `const fs = require("node:fs");
             fs.appendFileSync("${tree}/calls", process.argv[2] + "\\n");
             if (process.argv[2] === "run") {
                 if (fs.existsSync("broken")) { console.error("index.ts(3,1): broken"); process.exit(2); }
                 fs.mkdirSync("dist", { recursive: true });
                 fs.writeFileSync("dist/index.js", "");
                 process.exit(0);
             }
             fs.rmSync("node_modules", { recursive: true, force: true });
             fs.mkdirSync("node_modules/ts-node/register", { recursive: true });
             fs.writeFileSync("node_modules/ts-node/package.json", "{}");
             fs.writeFileSync("node_modules/ts-node/register/index.js", "");
             if (fs.existsSync("offline")) { console.error("npm error network"); process.exit(1); }
             const { packages } = JSON.parse(fs.readFileSync("package-lock.json", "utf8"));
             setTimeout(() => fs.writeFileSync("node_modules/.package-lock.json", JSON.stringify({ packages })), 300);`,
        );
        write("entry.js", `console.log("ran", ...process.argv.slice(2)); process.exitCode = 7;`);
    });

    afterEach(async () => {
        for (const child of running.splice(0)) {
            if (child.exitCode !== null || child.signalCode !== null) continue;
            child.kill("SIGKILL");
            await once(child, "exit");
        }
        rmSync(tree, { recursive: true });
    });

    function write(file: string, text: string): void {
        mkdirSync(dirname(join(tree, file)), { recursive: true });
        writeFileSync(join(tree, file), text);
    }

    function lock(version: string): void {
        const packages = {
            "": {},
            "node_modules/ts-node": { version, integrity: `sha512-${version}` },
            "node_modules/elsewhere": { version: "1.0.0", optional: true },
        };
        write("package-lock.json", JSON.stringify({ packages }));
    }

    interface Run {
        code: number | null;
        signal: NodeJS.Signals | null;
        stdout: string;
        stderr: string;
    }

    function start(entry = "entry.js", ...args: string[]): { child: ChildProcess; ended: Promise<Run> } {
        const child = spawn(process.execPath, [join(tree, "rehearsal/setup.mjs"), entry, ...args], {
            cwd: tmpdir(),
            env: { ...process.env, npm_execpath: join(tree, "npm.js"), MAINSTAY_CACHE: join(tree, "cache") },
            stdio: ["ignore", "pipe", "pipe"],
        });
        running.push(child);
        const run: Run = { code: null, signal: null, stdout: "", stderr: "" };
        child.stdout.on("data", (chunk: Buffer) => (run.stdout += chunk.toString()));
        child.stderr.on("data", (chunk: Buffer) => (run.stderr += chunk.toString()));
        const ended = once(child, "close").then(([code, signal]) => ({
            ...run,
            code: code as number | null,
            signal: signal as NodeJS.Signals | null,
        }));
        return { child, ended };
    }

    const run = (...args: string[]): Promise<Run> => start("entry.js", ...args).ended;
    const calls = (): string[] =>
        existsSync(join(tree, "calls")) ? readFileSync(join(tree, "calls"), "utf8").trim().split("\n") : [];

    it("installs packages in a fresh clone, then hands over arguments, output and exit code", async () => {
        const { code, stdout } = await run("prod", "--keep");
        assert.deepEqual({ code, stdout }, { code: 7, stdout: "ran prod --keep\n" });
        assert.deepEqual(calls(), ["ci"]);
    });

    it("reuses everything the second time, and says so in one line", async () => {
        await run();
        const second = await run();
        assert.equal(second.stderr, "✓ npm packages and policy pack: reused\n");
        assert.deepEqual(calls(), ["ci"]);
    });

    it("takes packages that npm itself installed from the same lock", async () => {
        await run();
        rmSync(join(tree, "node_modules/.mainstay-installed"));
        await run();
        assert.deepEqual(calls(), ["ci"]);
    });

    const harms: [string, () => void][] = [
        ["the lock names another version", () => lock("10.9.3")],
        ["a package's folder is gone", () => rmSync(join(tree, "node_modules/ts-node/package.json"))],
        ["an installation was cut off", () => rmSync(join(tree, "node_modules/.package-lock.json"))],
        ["node_modules is gone", () => rmSync(join(tree, "node_modules"), { recursive: true })],
    ];
    for (const [what, harm] of harms) {
        it(`installs again when ${what}`, async () => {
            await run();
            harm();
            assert.equal((await run()).code, 7);
            assert.deepEqual(calls(), ["ci", "ci"]);
        });
    }

    it("installs once when two run at the same time", async () => {
        const runs = await Promise.all([run(), run()]);
        assert.deepEqual(
            runs.map((one) => one.code),
            [7, 7],
        );
        assert.deepEqual(calls(), ["ci"]);
    });

    it("that was killed while installing is made good by the next one", async () => {
        const { child, ended } = start();
        while (!existsSync(join(tree, "node_modules/ts-node/package.json"))) await sleep(10);
        child.kill("SIGKILL");
        await ended;
        assert.equal((await run()).code, 7);
        assert.equal((await run()).stderr, "✓ npm packages and policy pack: reused\n");
    });

    it("shows npm's own words and what to do when packages cannot be installed, and runs nothing", async () => {
        write("offline", "");
        const { code, stdout, stderr } = await run();
        assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
        assert.match(stderr, /npm error network/);
        assert.match(stderr, /run the same command again/);
        rmSync(join(tree, "offline"));
        assert.equal((await run()).code, 7);
    });

    it("refuses a Node that is too old by naming the one that is needed", async () => {
        write("package.json", JSON.stringify({ engines: { node: ">=99.1" } }));
        const { code, stderr } = await run();
        assert.equal(code, 1);
        assert.match(stderr, new RegExp(`needs Node 99\\.1 or newer; this is ${process.versions.node}`));
        assert.deepEqual(calls(), []);
    });

    it("passes SIGTERM on, and ends as its entry ended", async () => {
        write(
            "waits.js",
            `process.on("SIGTERM", () => process.exit(9)); console.log("up"); setInterval(() => {}, 1000);`,
        );
        const polite = start("waits.js");
        await once(polite.child.stdout as NodeJS.ReadableStream, "data");
        polite.child.kill("SIGTERM");
        assert.equal((await polite.ended).code, 9);

        write("dies.js", `console.log("up"); setInterval(() => {}, 1000);`);
        const plain = start("dies.js");
        await once(plain.child.stdout as NodeJS.ReadableStream, "data");
        plain.child.kill("SIGTERM");
        assert.equal((await plain.ended).signal, "SIGTERM");
    });

    describe("with a policy pack", () => {
        beforeEach(() => {
            write("policy/package.json", JSON.stringify({ scripts: { build: "tsc" } }));
            write("policy/tsconfig.json", "{}");
            write("policy/index.ts", "export {};");
        });

        it("compiles it once, and again when its sources changed", async () => {
            await run();
            await run();
            assert.deepEqual(calls(), ["ci", "run"]);
            write("policy/index.ts", "export const changed = 1;");
            await run();
            assert.deepEqual(calls(), ["ci", "run", "run"]);
            rmSync(join(tree, "policy/dist"), { recursive: true });
            await run();
            assert.deepEqual(calls(), ["ci", "run", "run", "run"]);
        });

        it("shows the compiler's own words when it does not compile, and runs nothing", async () => {
            write("policy/broken", "");
            const { code, stdout, stderr } = await run();
            assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
            assert.match(stderr, /index\.ts\(3,1\): broken/);
        });
    });
});

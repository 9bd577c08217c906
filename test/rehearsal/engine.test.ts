import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, readdir, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
    pluginsFolder,
    processTree,
    Rehearsal,
    type RehearsalOptions,
    type StateResource,
} from "../../rehearsal/engine";
import { writeInlineProgram } from "../../rehearsal/engine/project";

const thing = { name: "thing", version: "1.2.3", main: join(__dirname, "thingProvider.ts") };

/** A program of things: `thing("name", { inputs })` makes one. */
const things = (body: string) => ({
    "index.js": `
const pulumi = require("@pulumi/pulumi");
class Thing extends pulumi.CustomResource {
    constructor(name, inputs, options) { super("thing:index:Thing", name, { made: undefined, ...inputs }, options); }
}
const thing = (name, inputs, options) => new Thing(name, inputs, options);
${body}`,
});

const isAlive = (pid: number) => {
    try {
        process.kill(pid, 0);
        return true;
    } catch {
        return false;
    }
};

const until = async (what: string, condition: () => boolean | Promise<boolean>) => {
    for (let i = 0; i < 200; i++) {
        if (await condition()) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.fail(`it never came that ${what}`);
};

describe("a program on the real engine", function () {
    this.timeout(120_000);
    let sandbox: string;
    const rehearsals: Rehearsal[] = [];
    const rehearse = (options: RehearsalOptions) => {
        const rehearsal = new Rehearsal({ providers: [thing], ...options });
        rehearsals.push(rehearsal);
        return rehearsal;
    };

    before(async () => {
        sandbox = await mkdtemp(join(tmpdir(), "mainstay-engine-test-"));
    });
    afterEach(() => Promise.all(rehearsals.splice(0).map((rehearsal) => rehearsal.remove())));
    after(() => rm(sandbox, { recursive: true, force: true }));

    it("is previewed, made, found the same, changed, replaced and destroyed", async () => {
        const rehearsal = rehearse({
            program: things(`
                const a = thing("a", { size: 1, password: pulumi.secret("hunter2") });
                exports.made = thing("b", { from: a.made }).made;
                exports.password = a.password;`),
        });
        const preview = await rehearsal.preview();
        assert.equal(preview.exitCode, 0, preview.stdout + preview.stderr);
        assert.deepEqual(preview.changes, { create: 3 });
        assert.deepEqual(preview.diagnostics, [], "no warning about plugins or anything else");
        assert.equal(preview.stderr, "");

        const up = await rehearsal.up();
        assert.deepEqual(up.changes, { create: 3 });
        assert.equal(up.outputs.made, "b was made");

        const { deployment } = await rehearsal.state();
        const resource = (name: string) =>
            deployment.resources!.find(({ urn }) => urn.endsWith(`::${name}`)) as StateResource;
        assert.equal(resource("a").id, "id-of-a");
        assert.equal(resource("b").outputs!.from, "a was made");
        assert.ok(
            !JSON.stringify(deployment).includes("hunter2"),
            "a secret is a secret in the state, input and output",
        );

        assert.deepEqual((await rehearsal.up()).changes, { same: 3 });

        await rehearsal.change(
            things(`
                const a = thing("a", { size: 2, password: pulumi.secret("hunter2") });
                exports.made = thing("b", { from: a.made, name: "b" }).made;`),
        );
        const change = await rehearsal.preview();
        assert.deepEqual(change.changes, { same: 1, update: 1, replace: 1 });
        const step = (op: string) => change.steps.find((step) => step.op === op);
        assert.deepEqual(step("update")?.detailedDiff, { size: { diffKind: "update", inputDiff: true } });
        assert.deepEqual(step("replace")?.detailedDiff, {
            from: { diffKind: "update", inputDiff: true },
            name: { diffKind: "add-replace", inputDiff: true },
        });
        assert.deepEqual(step("replace")?.keys, ["name"]);

        assert.deepEqual((await rehearsal.destroy()).changes, { delete: 3 });
    });

    it("is refused with the property's name where a check fails", async () => {
        const up = await rehearse({ program: things(`thing("a", { refuse: "this" });`) }).up();
        assert.notEqual(up.exitCode, 0);
        const [error] = up.diagnostics.filter(({ severity }) => severity === "error");
        assert.match(error.message, /property refuse value \{this\} has a problem: cannot be this/);
        assert.match(error.urn!, /::a$/);
    });

    it("keeps in the state what a partial failure made, and mends it by the next update", async () => {
        const rehearsal = rehearse({ program: things(`thing("a", { half: true });`) });
        const failed = await rehearsal.up();
        assert.notEqual(failed.exitCode, 0);
        assert.ok(failed.diagnostics.some(({ message }) => message.includes("only half of it was made")));
        const made = (await rehearsal.state()).deployment.resources!.find(({ urn }) => urn.endsWith("::a"));
        assert.equal(made?.id, "id-of-a");

        await rehearsal.change(things(`thing("a", {});`));
        assert.deepEqual((await rehearsal.up()).changes, { same: 1, update: 1 });
    });

    it("shows a provider's warning beside its resource", async () => {
        const up = await rehearse({ program: things(`thing("a", { warn: "mind the gap" });`) }).up();
        const [warning] = up.diagnostics;
        assert.equal(warning.severity, "warning");
        assert.equal(warning.message, "mind the gap");
        assert.match(warning.urn!, /::a$/);
    });

    it("is imported and read", async () => {
        const rehearsal = rehearse({
            program: things(`
                exports.made = new Thing("a", { read: "id-1" }, { import: "id-1" }).made;
                exports.got = new Thing("b", {}, { id: "id-2" }).made;`),
        });
        const up = await rehearsal.up();
        assert.equal(up.exitCode, 0, up.stdout);
        assert.deepEqual(up.outputs, { made: "id-1 was read", got: "id-2 was read" });
    });

    it("calls functions, and is told why one refuses", async () => {
        const rehearsal = rehearse({
            program: things(`exports.answer = pulumi.output(pulumi.runtime.invoke("thing:index:ask", { a: 1 }));`),
        });
        const { outputs } = await rehearsal.up();
        assert.deepEqual(outputs.answer, { token: "thing:index:ask", args: { a: 1 }, preview: false });
        await rehearsal.change(things(`pulumi.runtime.invoke("thing:index:ask", { refuse: true });`));
        assert.match((await rehearsal.preview()).stdout, /not this/);
    });

    it("fails with file and line where the program throws, and says it once", async () => {
        const { exitCode, stdout } = await rehearse({
            program: { "index.ts": `const answer: number = 42;\nthrow new Error("no more than " + answer);\n` },
        }).preview();
        assert.notEqual(exitCode, 0);
        assert.match(stdout, /no more than 42/);
        assert.match(stdout, /index\.ts:2:7/);
        assert.doesNotMatch(stdout, /non-zero exit code/);
    });

    it("is read from its folder through a link, its settings overridden in a copy, and nothing is written there", async () => {
        const program = join(sandbox, "elsewhere");
        await writeInlineProgram(program, {
            "index.ts": `
                import * as pulumi from "@pulumi/pulumi";
                import { answer } from "./answer";
                export const cwd = process.cwd();
                export const size = new pulumi.Config("test").requireNumber("size");
                export const kept = new pulumi.Config("test").require("kept");
                export const options = process.execArgv.concat(String(answer));`,
            "answer.ts": "export const answer = 42;",
            "Pulumi.yaml": "name: test\nruntime:\n  name: nodejs\n  options:\n    nodeargs: --stack-trace-limit=7\n",
            "Pulumi.test.yaml": "config:\n  test:size: 1\n  test:kept: as it was\n",
        });
        const before = await readdir(program);
        const { outputs, stdout } = await rehearse({ program, config: { "test:size": 2 } }).up();
        assert.deepEqual(
            outputs,
            { cwd: program, size: 2, kept: "as it was", options: ["--stack-trace-limit=7", "42"] },
            stdout,
        );
        assert.deepEqual(await readdir(program), before);
        assert.equal(
            await readFile(join(program, "Pulumi.test.yaml"), "utf8"),
            "config:\n  test:size: 1\n  test:kept: as it was\n",
        );
    });

    it("refuses to rehearse values that only the real key can read", async () => {
        const rehearsal = rehearse({
            program: { "index.js": "", "Pulumi.test.yaml": "config:\n  test:token:\n    secure: v1:abc:def\n" },
        });
        await assert.rejects(rehearsal.preview(), /test:token: encrypted values cannot be rehearsed/);
    });

    it("is judged by a pack: violations, evaluations, and what could not be decided", async () => {
        const pack = join(sandbox, "pack");
        await writeInlineProgram(pack, {
            "PulumiPolicy.yaml": "runtime: nodejs\nversion: 1.0.0\n",
            "index.js": `
                const { PolicyPack } = require("@pulumi/policy");
                new PolicyPack("sizes", { policies: [
                    { name: "small", description: "Things are small.", enforcementLevel: "mandatory",
                      validateResource(args, report) {
                          if (args.type !== "thing:index:Thing") args.notApplicable();
                          if (args.props.size > 10) report("Too large: " + args.props.size);
                      } },
                    { name: "known", description: "Things know whence they come.", enforcementLevel: "mandatory",
                      validateResource(args, report) {
                          if (args.type !== "thing:index:Thing") args.notApplicable();
                          if (args.props.from === "nowhere") report("From nowhere");
                      } },
                ] });`,
        });
        const program = things(`
            const a = thing("a", { size: 1 });
            thing("b", { size: 11, from: a.made });`);
        const rehearsal = rehearse({ program, policyPacks: [pack] });
        const preview = await rehearsal.preview();
        assert.notEqual(preview.exitCode, 0);
        assert.deepEqual(
            preview.violations.map(({ rule, pack, level, urn }) => [rule, pack, level, urn?.split("::").at(-1)]),
            [["small", "sizes", "mandatory", "b"]],
        );
        assert.match(preview.violations[0].message, /Too large: 11/);
        assert.deepEqual(
            preview.undecided.map(({ rule, urn }) => [rule, urn?.split("::").at(-1)]),
            [["known", "b"]],
        );
        const evaluated = preview.evaluations.map(
            ({ rule, urn, passed }) => `${rule} ${urn?.split("::").at(-1)} ${passed}`,
        );
        assert.deepEqual(evaluated.sort(), ["known a true", "small a true", "small b false"]);
    });

    it("stops when told, and leaves no process behind", async () => {
        const rehearsal = rehearse({ program: things(`thing("a", { slow: 60000 });`) });
        await rehearsal.preview();
        const stop = new AbortController();
        let tree: number[] = [];
        const up = await rehearsal.up({
            signal: stop.signal,
            onStart: (pid) =>
                void until("a is being made", async () => (tree = await processTree(pid)).length >= 4).then(
                    async () => {
                        await new Promise((resolve) => setTimeout(resolve, 1000));
                        tree = await processTree(pid);
                        stop.abort();
                    },
                ),
        });
        assert.notEqual(up.exitCode, 0);
        assert.ok(tree.length >= 4, "the CLI, the language host, the program and the provider were there");
        await until("every process has gone", () => !tree.some(isAlive));
    });

    it("takes providers and program along when the engine is killed", async () => {
        const rehearsal = rehearse({ program: things(`thing("a", { slow: 60000 });`), checkpoints: true });
        await rehearsal.preview();
        let tree: number[] = [];
        const up = await rehearsal.up({
            onStart: (pid) =>
                void until("a is being made", async () => (tree = await processTree(pid)).length >= 4).then(
                    async () => {
                        await new Promise((resolve) => setTimeout(resolve, 1000));
                        tree = await processTree(pid);
                        process.kill(pid, "SIGKILL");
                    },
                ),
        });
        assert.equal(up.exitCode, 137);
        await until("every process has gone", () => !tree.some(isAlive));
    });
});

describe("the engine's home", function () {
    this.timeout(60_000);
    let cache: string;
    let given: string | undefined;

    beforeEach(async () => {
        given = process.env.MAINSTAY_CACHE;
        process.env.MAINSTAY_CACHE = cache = await mkdtemp(join(tmpdir(), "mainstay-home-test-"));
    });
    afterEach(async () => {
        if (given === undefined) delete process.env.MAINSTAY_CACHE;
        else process.env.MAINSTAY_CACHE = given;
        await rm(cache, { recursive: true, force: true });
    });

    const provider = (folder: string) => join(folder, "resource-thing-v1.2.3", "pulumi-resource-thing");

    it("is made once, also when two want it at once", async () => {
        const [one, other] = await Promise.all([
            pluginsFolder([{ ...thing, kind: "resource" }]),
            pluginsFolder([{ ...thing, kind: "resource" }]),
        ]);
        assert.equal(one, other);
        assert.ok(existsSync(provider(one)));
        assert.equal((await readdir(join(cache, "engine"))).length, 1, "no draft is left");
    });

    it("is made again when a file of it is broken", async () => {
        const folder = await pluginsFolder([{ ...thing, kind: "resource" }]);
        const whole = await readFile(provider(folder));
        await writeFile(provider(folder), whole.subarray(0, 1000));
        assert.equal(await pluginsFolder([{ ...thing, kind: "resource" }]), folder);
        assert.deepEqual(await readFile(provider(folder)), whole);
    });

    it("is removed when no run has used it for a week, and not before", async () => {
        const homes = join(cache, "engine");
        const days = (count: number) => new Date(Date.now() - count * 24 * 3600 * 1000);
        for (const [name, age] of [
            ["old", 8],
            ["young", 6],
        ] as const) {
            await mkdir(join(homes, name), { recursive: true });
            await utimes(join(homes, name), days(age), days(age));
        }
        await pluginsFolder();
        const left = await readdir(homes);
        assert.ok(!left.includes("old"));
        assert.ok(left.includes("young"));
    });

    it("is another when the sources change", async () => {
        const sources = join(cache, "sources");
        await cp(join(__dirname, "thingProvider.ts"), join(sources, "main.ts"), { recursive: true });
        await writeFile(
            join(sources, "main.ts"),
            (await readFile(join(sources, "main.ts"), "utf8")).replace(
                "../../rehearsal/",
                join(__dirname, "../../rehearsal/"),
            ),
        );
        await symlink(join(__dirname, "../../node_modules"), join(sources, "node_modules"));
        const plugin = { kind: "resource" as const, name: "thing", version: "1.2.3", main: join(sources, "main.ts") };
        const before = await pluginsFolder([plugin]);
        await writeFile(plugin.main, (await readFile(plugin.main, "utf8")).replace("made again", "made anew"));
        assert.notEqual(await pluginsFolder([plugin]), before);
    });
});

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { parseConfigFileTextToJson } from "typescript";
import { parse } from "yaml";

const root = path.join(__dirname, "../..");

describe("lean: the runner's settings file", () => {
    it("is the one that Pulumi.yaml names, and differs from tsconfig.json in nothing but the transpiler", async () => {
        const project = parse(await readFile(path.join(root, "Pulumi.yaml"), "utf8"));
        const file = path.join(root, project.runtime.options.tsconfig);
        const read = async (name: string) => parseConfigFileTextToJson(name, await readFile(name, "utf8")).config;
        const [ours, whole] = [await read(file), await read(path.join(root, "tsconfig.json"))];
        assert.ok(existsSync(path.resolve(path.dirname(file), ours["ts-node"].transpiler)));
        for (const [name, value] of Object.entries(ours.compilerOptions)) {
            assert.deepEqual(value, whole.compilerOptions[name], `compilerOptions.${name}`);
        }
        // Without these the runner has defaults of its own.
        for (const name of ["target", "module", "moduleResolution", "sourceMap", "noCheck"]) {
            assert.ok(name in ours.compilerOptions, `compilerOptions.${name} is not repeated`);
        }
    });
});

describe("lean: what TypeScript files became is remembered", () => {
    let folder: string;
    before(async () => {
        folder = await mkdtemp(path.join(tmpdir(), "mainstay-lean-"));
        await symlink(path.join(root, "node_modules"), path.join(folder, "node_modules"));
        const transpiler = path.join(root, "lean/transpiler.cjs");
        await writeFile(
            path.join(folder, "tsconfig.json"),
            JSON.stringify({
                compilerOptions: { target: "es2022", module: "commonjs", sourceMap: true },
                "ts-node": { transpileOnly: true, transpiler },
            }),
        );
    });
    after(() => rm(folder, { recursive: true, force: true }));

    const cached = () => readdir(path.join(folder, "cache/transpiled"));

    /** Runs a file of the folder; its output and errors together. */
    function run(file: string, environment: NodeJS.ProcessEnv = {}): Promise<string> {
        const env = {
            ...process.env,
            MAINSTAY_LEAN: undefined,
            TS_NODE_PROJECT: undefined, // npm scripts name the tree's
            MAINSTAY_CACHE: path.join(folder, "cache"),
            ...environment,
        };
        return new Promise((resolve) =>
            execFile(
                process.execPath,
                ["-r", "ts-node/register", file],
                { cwd: folder, env },
                (_error, stdout, stderr) => resolve(stdout + stderr),
            ),
        );
    }

    it("and an error has the same file and line from memory as from the compiler", async () => {
        const text = `interface Gone {\n    a: string;\n}\n\nexport const gone: Gone = { a: "" };\nthrow new Error("the message");\n`;
        await writeFile(path.join(folder, "broken.ts"), text);
        const plain = await run("broken.ts", { MAINSTAY_LEAN: "off" });
        assert.match(plain, /broken\.ts:6:7/);
        const [first, second] = [await run("broken.ts"), await run("broken.ts")];
        assert.equal(first, plain);
        assert.equal(second, plain);
        assert.equal((await cached()).length, 1);
    });

    it("but not across a change of the text", async () => {
        await writeFile(path.join(folder, "changing.ts"), `console.log("before");`);
        assert.equal(await run("changing.ts"), "before\n");
        await writeFile(path.join(folder, "changing.ts"), `console.log("after");`);
        assert.equal(await run("changing.ts"), "after\n");
    });

    it("and what was cut off or meddled with is transpiled again", async () => {
        await writeFile(path.join(folder, "whole.ts"), `console.log("whole" as string);`);
        const before = new Set(await cached());
        await run("whole.ts");
        const [entry] = (await cached()).filter((name) => !before.has(name));
        const file = path.join(folder, "cache/transpiled", entry);
        const whole = await readFile(file, "utf8");
        for (const broken of ["", whole.slice(0, -20), whole.replace("whole", "other")]) {
            await writeFile(file, broken);
            assert.equal(await run("whole.ts"), "whole\n");
            assert.equal(await readFile(file, "utf8"), whole);
        }
    });

    it("while what cannot be parsed is told each time", async () => {
        await writeFile(path.join(folder, "unparsable.ts"), "\nconst a: = 3;\n");
        for (const _ of [1, 2]) assert.match(await run("unparsable.ts"), /unparsable\.ts\(2,10\): error TS1110/);
    });

    it("and a cache that cannot be written does no harm", async () => {
        await writeFile(path.join(folder, "plain.ts"), `console.log("plain" as string);`);
        await writeFile(path.join(folder, "a-file"), "");
        assert.equal(await run("plain.ts", { MAINSTAY_CACHE: path.join(folder, "a-file") }), "plain\n");
    });
}).timeout(120_000);

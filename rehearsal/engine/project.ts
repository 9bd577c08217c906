import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { transform } from "esbuild";
import { parse, stringify } from "yaml";
import { root } from "./root";

/** A program given by its files' contents, for tests: `{ "index.js": "…" }`. */
export type InlineProgram = Record<string, string>;

/** Settings by full name, such as `{ "mainstay:cluster": { kind: "aks" } }`. They override what the stack file says. */
export type Config = Record<string, unknown>;

/** Makes a folder with a small program that finds the project's packages. Without a `Pulumi.yaml` of its own it gets one. */
export async function writeInlineProgram(folder: string, files: InlineProgram): Promise<void> {
    const main = "index.ts" in files ? "index.ts" : "index.js";
    // As quick to start as the project: without the compiler where nothing is to be compiled, and what is seldom used later.
    const options = { typescript: main === "index.ts", nodeargs: "--require=./lean.cjs" };
    const all: InlineProgram = {
        "lean.cjs": await deferringModules(),
        "Pulumi.yaml": stringify({ name: "test", runtime: { name: "nodejs", options } }),
        "package.json": JSON.stringify({ name: "test", version: "0.0.1", main }),
        // As in the project: transpiled, not type-checked.
        "tsconfig.json": JSON.stringify({
            compilerOptions: {
                target: "es2022",
                module: "commonjs",
                moduleResolution: "node",
                esModuleInterop: true,
                sourceMap: true,
                noCheck: true,
            },
        }),
        ...files,
    };
    for (const [name, text] of Object.entries(all)) {
        await mkdir(dirname(join(folder, name)), { recursive: true });
        await writeFile(join(folder, name), text);
    }
    if (!existsSync(join(folder, "node_modules")))
        await symlink(join(root, "node_modules"), join(folder, "node_modules"));
}

/** lean/deferredModules.ts, for a program that is JavaScript. */
async function deferringModules(): Promise<string> {
    const source = await readFile(join(root, "lean", "deferredModules.ts"), "utf8");
    const { code } = await transform(source, { loader: "ts", format: "cjs", target: "node20" });
    return `${code}\nmodule.exports.deferSeldomUsedModules();\n`;
}

/**
 * Lays out a project in the run folder, so that the tree is never written to: `Pulumi.yaml` and the stack's file are
 * copies, and `program` links to the program's folder (the engine refuses a `main` outside the project; a link passes).
 */
export async function layOutProject(
    runFolder: string,
    program: string,
    stack: string,
    config: Config,
): Promise<string> {
    const project = join(runFolder, "project");
    await mkdir(project, { recursive: true });

    const description = parse(await readFile(join(program, "Pulumi.yaml"), "utf8")) as { main?: string };
    description.main = join("program", description.main ?? "");
    await writeWhole(join(project, "Pulumi.yaml"), stringify(description));

    const stackFile = join(program, `Pulumi.${stack}.yaml`);
    const settings = existsSync(stackFile)
        ? ((parse(await readFile(stackFile, "utf8")) ?? {}) as StackFile)
        : ({} as StackFile);
    const copy = join(project, `Pulumi.${stack}.yaml`);
    const kept = existsSync(copy) ? (parse(await readFile(copy, "utf8")) as StackFile) : {};
    await writeWhole(copy, stringify({ ...forRehearsal(settings, config, stackFile), ...keyOf(kept) }));

    const link = join(project, "program");
    await rm(link, { force: true });
    await symlink(resolve(program), link);
    return project;
}

/** Settings of a stack as its file says. */
export async function readStackConfig(program: string, stack: string): Promise<Config> {
    const file = join(program, `Pulumi.${stack}.yaml`);
    return ((parse(await readFile(file, "utf8")) ?? {}) as StackFile).config ?? {};
}

interface StackFile {
    config?: Config;
    secretsprovider?: string;
    encryptedkey?: string;
    encryptionsalt?: string;
}

/** A rehearsal encrypts with a key of its own; values that were encrypted with the real one cannot be read here. */
function forRehearsal(settings: StackFile, config: Config, file: string): StackFile {
    const merged: Config = { ...settings.config, ...config };
    const encrypted = Object.entries(merged).filter(([, value]) => isEncrypted(value));
    if (encrypted.length > 0) {
        const names = encrypted.map(([name]) => name).join(", ");
        throw new Error(
            `${file}: ${names}: encrypted values cannot be rehearsed, their key is not here; give the rehearsal values of its own`,
        );
    }
    const { secretsprovider: _provider, encryptedkey: _key, encryptionsalt: _salt, ...rest } = settings;
    return { ...rest, config: merged };
}

/** The engine writes the key of a kept stack's secrets into its file. */
function keyOf({ encryptionsalt }: StackFile): StackFile {
    return encryptionsalt ? { encryptionsalt } : {};
}

function isEncrypted(value: unknown): boolean {
    if (typeof value !== "object" || value === null) return false;
    return Array.isArray(value) ? value.some(isEncrypted) : "secure" in value || Object.values(value).some(isEncrypted);
}

/** Never half a file, also when another process reads meanwhile. */
async function writeWhole(file: string, text: string): Promise<void> {
    await writeFile(`${file}.draft`, text);
    await rename(`${file}.draft`, file);
}

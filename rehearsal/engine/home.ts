import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { build } from "esbuild";
import { cacheFolder } from "../toolchain";
import { root } from "./root";

/** A plugin of the engine that is bundled from TypeScript. */
export interface Plugin {
    kind: "resource" | "language";
    /** Package that it serves, such as `azure-native`. */
    name: string;
    version: string;
    /** Its main file, absolute. */
    main: string;
}

/** Homes that no run has used for so long are removed. */
const KEEP_DAYS = 7;

const PROVIDERS: Record<string, string> = {
    "azure-native": "azure",
    kubernetes: "kubernetes",
    random: "random",
    tls: "tls",
};

/**
 * The rehearsal's plugins, laid out as the engine looks for them: `plugins/resource-azure-native-v3.28.0/pulumi-resource-azure-native`,
 * each one executable file. The folder is named by the hash of everything that goes into it, so a second run finds it made.
 *
 * @param extra providers of tests, beside the rehearsal's own
 * @returns the folder `plugins`, which is to be linked into a PULUMI_HOME
 */
export async function pluginsFolder(extra: Plugin[] = []): Promise<string> {
    const plugins = [...(await ownPlugins()), ...extra];
    const homes = join(cacheFolder(), "engine");
    const home = join(homes, await hashOfSources(plugins));
    if (await isWhole(home)) {
        const now = new Date();
        await utimes(home, now, now);
    } else {
        await make(home, plugins);
        await prune(homes, home);
    }
    return join(home, "plugins");
}

async function ownPlugins(): Promise<Plugin[]> {
    const plugins: Plugin[] = [
        {
            kind: "language",
            name: "nodejs",
            version: await installedVersion("@pulumi/pulumi"),
            main: join(__dirname, "languageHost.ts"),
        },
    ];
    for (const [name, folder] of Object.entries(PROVIDERS)) {
        const main = join(root, "rehearsal", folder, "main.ts");
        if (existsSync(main))
            plugins.push({ kind: "resource", name, version: await installedVersion(`@pulumi/${name}`), main });
    }
    return plugins;
}

/** The SDK's version: it asks the engine for a plugin of just that. */
async function installedVersion(packageName: string): Promise<string> {
    const text = await readFile(join(root, "node_modules", packageName, "package.json"), "utf8");
    return (JSON.parse(text) as { version: string }).version;
}

async function hashOfSources(plugins: Plugin[]): Promise<string> {
    const hash = createHash("sha256");
    hash.update(process.version);
    const folders = new Set([join(root, "rehearsal"), ...plugins.map((plugin) => dirname(plugin.main))]);
    for (const folder of folders) {
        const entries = await readdir(folder, { recursive: true, withFileTypes: true });
        const files = entries
            .filter((entry) => entry.isFile() && /\.(ts|js|json|ya?ml)$/.test(entry.name))
            .map((entry) => join(entry.parentPath, entry.name))
            .sort();
        for (const file of files) hash.update(`\0${relative(folder, file)}\0`).update(await readFile(file));
    }
    for (const plugin of plugins) hash.update(`\0${plugin.kind}-${plugin.name}-${plugin.version}`);
    hash.update(await readFile(join(root, "package-lock.json")));
    return hash.digest("hex").slice(0, 24);
}

/** `plugins.json` in a home: each file's checksum, written last. */
type Checksums = Record<string, string>;

async function isWhole(home: string): Promise<boolean> {
    try {
        const checksums = JSON.parse(await readFile(join(home, "plugins.json"), "utf8")) as Checksums;
        const sums = Object.entries(checksums).map(async ([file, sum]) => (await checksum(join(home, file))) === sum);
        return (await Promise.all(sums)).every(Boolean);
    } catch {
        return false;
    }
}

async function checksum(file: string): Promise<string> {
    return createHash("sha256")
        .update(await readFile(file))
        .digest("hex");
}

/** Made beside its place and moved there whole, so that whoever finds it finds all of it, and two runs do no harm. */
async function make(home: string, plugins: Plugin[]): Promise<void> {
    await mkdir(dirname(home), { recursive: true });
    const draft = await mkdtemp(`${home}.draft-`);
    try {
        const checksums: Checksums = {};
        await Promise.all(
            plugins.map(async (plugin) => {
                const file = join(
                    "plugins",
                    `${plugin.kind}-${plugin.name}-v${plugin.version}`,
                    `pulumi-${plugin.kind}-${plugin.name}`,
                );
                await bundle(plugin.main, join(draft, file));
                checksums[file] = await checksum(join(draft, file));
            }),
        );
        await writeFile(join(draft, "plugins.json"), JSON.stringify(checksums, undefined, 4));
        await moveInto(draft, home);
    } finally {
        await rm(draft, { recursive: true, force: true });
    }
}

async function moveInto(draft: string, home: string): Promise<void> {
    for (let attempt = 0; ; attempt++) {
        try {
            return await rename(draft, home);
        } catch (error) {
            const { code } = error as NodeJS.ErrnoException;
            if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
            // Another run was faster; or what is there is broken, and goes out of the way first.
            if (await isWhole(home)) return;
            if (attempt === 3) throw error;
            const broken = await mkdtemp(`${home}.broken-`);
            await rename(home, join(broken, "home")).catch(() => undefined);
            await rm(broken, { recursive: true, force: true });
        }
    }
}

async function bundle(main: string, file: string): Promise<void> {
    await build({
        entryPoints: [main],
        outfile: file,
        bundle: true,
        platform: "node",
        target: `node${process.versions.node}`,
        format: "cjs",
        banner: { js: "#!/usr/bin/env node" },
        // Providers of tests live outside the tree and use its packages.
        nodePaths: [join(root, "node_modules")],
        keepNames: true,
        sourcemap: false,
        logLevel: "error",
        absWorkingDir: root,
    });
    await chmod(file, 0o755);
}

async function prune(homes: string, keep: string): Promise<void> {
    const oldest = Date.now() - KEEP_DAYS * 24 * 60 * 60 * 1000;
    for (const name of await readdir(homes)) {
        if (name === basename(keep)) continue;
        const folder = join(homes, name);
        // Another run may be removing it too.
        const found = await stat(folder).catch(() => undefined);
        if (found && found.mtimeMs < oldest) await rm(folder, { recursive: true, force: true });
    }
}

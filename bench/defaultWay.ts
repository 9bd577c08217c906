import { cp, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { parseConfigFileTextToJson } from "typescript";

const resolveFrom = createRequire(__filename).resolve;

/** What the platform's program consists of, beside the packages. */
const PROGRAM = ["index.ts", "settings.ts", "settings", "components", "package.json", "Pulumi.yaml"];

/** The package's own name for its root, as its documentation has it. */
const ROOTS: Record<string, string> = { "@pulumi/azure-native": "azure", "@pulumi/kubernetes": "kubernetes" };

const IMPORT = /^import (type )?\{([^}]*)\} from "(@pulumi\/(?:azure-native|kubernetes))\/([^"]+)";$/gm;

/**
 * Copies a program as people usually write and run it: providers imported by their package's root, type-checked by
 * ts-node when it starts, without lean.
 */
export async function copyDefaultWay(program: string, copy: string): Promise<void> {
    for (const part of PROGRAM) await cp(join(program, part), join(copy, part), { recursive: true });
    await symlink(join(program, "node_modules"), join(copy, "node_modules"));

    const tsconfig = parseConfigFileTextToJson("tsconfig.json", await readFile(join(program, "tsconfig.json"), "utf8"));
    const { noCheck: _, ...compilerOptions } = tsconfig.config.compilerOptions;
    await writeFile(join(copy, "tsconfig.json"), JSON.stringify({ compilerOptions }));

    for (const entry of await readdir(copy, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !entry.name.endsWith(".ts")) continue;
        const file = join(entry.parentPath, entry.name);
        const text = await readFile(file, "utf8");
        await writeFile(file, importedByRoot(text.replace(/^import "\.\/lean";\n/, "")));
    }
}

/** `import { Subnet } from "@pulumi/azure-native/network/subnet"` becomes `azure.network.Subnet` of the package's root. */
export function importedByRoot(text: string): string {
    const roots = new Set<string>();
    const aliases: string[] = [];
    const rest = text.replace(IMPORT, (_, type: string | undefined, names: string, name: string, path: string) => {
        roots.add(name);
        for (const imported of names.split(",").map((one) => one.trim())) {
            if (!imported) continue;
            const [, typeOnly, original, local] = /^(type )?(\w+)(?: as (\w+))?$/.exec(imported)!;
            void (type ?? typeOnly); // An alias of a type alone is erased anyway.
            aliases.push(
                `import ${local ?? original} = ${[ROOTS[name], ...namespacesOf(name, path), original].join(".")};`,
            );
        }
        return "";
    });
    if (aliases.length === 0) return text;
    const imports = [...roots].map((name) => `import * as ${ROOTS[name]} from "${name}";`);
    // Aliases follow the imports that they are made of; TypeScript hoists neither, and takes both before the code.
    return [...imports, ...aliases, rest].join("\n");
}

/** A folder is a namespace; a file's exports belong to its folder's, but for the two files of types. */
function namespacesOf(name: string, path: string): string[] {
    const parts = path.split("/");
    const isFolder = basename(resolveFrom(`${name}/${path}`)) === "index.js" && parts.at(-1) !== "index";
    return isFolder || /^types\/(input|output)$/.test(path) ? parts : parts.slice(0, -1);
}

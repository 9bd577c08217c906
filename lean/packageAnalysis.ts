import { Module } from "node:module";

/** What the SDK loads to find which packages a function that it serializes needs: npm's own installer, 700 files. */
const INSTALLER = "@npmcli/arborist";

/**
 * Lets the SDK load npm's installer when it is first used, instead of at every start: a fifth of the time until the
 * program runs. Only functions that are serialized into the cloud and dynamic providers ever use it; they still can.
 *
 * In its place stands something that becomes the real package at the first look at it. Nothing is changed where the
 * package is loaded already or cannot be found.
 */
export function deferPackageAnalysis(): void {
    const file = whereTheSdkFinds(INSTALLER);
    if (!file || require.cache[file]) return;

    const placeholder = new Module(file);
    placeholder.filename = file;
    placeholder.loaded = true;
    placeholder.exports = loadedWhenUsed(() => {
        if (require.cache[file] === placeholder) delete require.cache[file];
        return require(file);
    });
    require.cache[file] = placeholder;
}

function whereTheSdkFinds(name: string): string | undefined {
    try {
        return require.resolve(name, { paths: [require.resolve("@pulumi/pulumi/package.json")] });
    } catch {
        return undefined;
    }
}

/** Stands for a module of TypeScript's or CommonJS' making; loads it when anything but that is asked of it. */
function loadedWhenUsed(load: () => object): object {
    return new Proxy(class {}, {
        // What an importing module asks at once; said yes, it copies nothing out of here yet.
        get: (_, name) => (name === "__esModule" ? true : Reflect.get(load(), name)),
        has: (_, name) => Reflect.has(load(), name),
        construct: (_, args) => Reflect.construct(load() as new () => object, args),
    });
}

import { Module } from "node:module";

/** What is loaded at every start and hardly ever used: who loads it, and by what name. */
const SELDOM_USED: [from: string, name: string][] = [
    // npm's installer, 700 files, and its companions: which packages a function needs that is serialized into the cloud.
    ["@pulumi/pulumi", "@npmcli/arborist"],
    ["@pulumi/pulumi", "normalize-package-data"],
    ["@pulumi/pulumi", "fdir"],
    // Programs that run Pulumi; this one is run by it.
    ["@pulumi/pulumi", "@pulumi/pulumi/automation"],
    // Error messages in fifty languages; English is loaded on its own.
    ["zod", "zod/v4/locales/index.cjs"],
];

/**
 * Lets these modules be loaded when something of them is first used, instead of at every start: a quarter of the time
 * until the program runs. In each one's place stands something that becomes the real module at the first look at it.
 * Nothing is changed where a module is loaded already or cannot be found.
 */
export function deferSeldomUsedModules(): void {
    for (const [from, name] of SELDOM_USED) {
        const file = whereItIsFound(from, name);
        if (file && !require.cache[file]) defer(file);
    }
}

function defer(file: string): void {
    const placeholder = new Module(file);
    placeholder.filename = file;
    placeholder.loaded = true;
    placeholder.exports = loadedWhenUsed(() => {
        if (require.cache[file] === placeholder) delete require.cache[file];
        return require(file);
    });
    require.cache[file] = placeholder;
}

/** The file that the package `from` gets for this name. */
function whereItIsFound(from: string, name: string): string | undefined {
    try {
        return require.resolve(name, { paths: [require.resolve(`${from}/package.json`)] });
    } catch {
        return undefined;
    }
}

type Exports = Record<PropertyKey, unknown>;

/** Stands for a module and loads it when anything is asked of it but whether TypeScript made it. */
function loadedWhenUsed(load: () => Exports): Exports {
    return new Proxy<Exports>(
        {},
        {
            get(_, name) {
                // What an importing module asks at once. Said yes, it copies nothing out of here yet, and looks for a
                // default export later, which for a module of another make is the module.
                if (name === "__esModule") return true;
                const real = load();
                return name === "default" && !real.__esModule ? real : real[name];
            },
            has: (_, name) => Reflect.has(load(), name),
            ownKeys: () => Reflect.ownKeys(load()),
            getOwnPropertyDescriptor(_, name) {
                const property = Reflect.getOwnPropertyDescriptor(load(), name);
                // A proxy may only call fixed what its own target has fixed.
                return property && { ...property, configurable: true };
            },
        },
    );
}

import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { parseShape, type Shape } from "./shape";

/** What the SDK's own files say of a resource class. */
export interface SdkResource {
    token: string;
    /** `containerservice` of `azure-native:containerservice:AgentPool`. */
    module: string;
    className: string;
    /** The REST API version that the class uses; absent where azure-native talks to something else than ARM. */
    apiVersion?: string;
    inputs: ReadonlySet<string>;
    required: ReadonlySet<string>;
    outputs: ReadonlyMap<string, Shape>;
    /**
     * Whether the location is the one of ARM's shared type of tracked resources, which can be set at creation only
     * (`x-ms-mutability`): told by its description, which is that type's own.
     */
    locationIsShared: boolean;
    /** Inputs that are part of the resource's URL, in no order. */
    pathParameters: readonly string[];
}

/** What the SDK's own files say of a function. */
export interface SdkFunction {
    token: string;
    module: string;
    name: string;
    parameters: readonly string[];
}

/**
 * The installed @pulumi/azure-native, read a type at a time.
 *
 * The program's own copy is read, not one of ours: it says which API versions the program speaks.
 */
export class Sdk {
    private readonly resources = new Map<string, SdkResource>();
    private readonly files = new Map<string, Map<string, string>>();
    private readonly responseTypes = new Map<string, ReadonlyMap<string, Shape>>();
    private declarations?: string;

    constructor(private readonly folder: string) {}

    /** The SDK's version, `3.28.0`. */
    get version(): string {
        return (JSON.parse(readFileSync(join(this.folder, "package.json"), "utf8")) as { version: string }).version;
    }

    resource(token: string): SdkResource {
        let resource = this.resources.get(token);
        if (!resource) this.resources.set(token, (resource = this.readResource(token)));
        return resource;
    }

    function(token: string): SdkFunction {
        const { module, name, text } = this.source(token);
        const call = /runtime\.invoke\("[^"]+", \{([\s\S]*?)\}, opts/.exec(text);
        const parameters = [...(call?.[1] ?? "").matchAll(/"(\w+)": args/g)].map((match) => match[1]);
        return { token, module, name, parameters };
    }

    /** The properties of a type that outputs refer to, such as `network.SubnetResponse`. */
    responseType(type: string): ReadonlyMap<string, Shape> {
        let properties = this.responseTypes.get(type);
        if (!properties) this.responseTypes.set(type, (properties = this.readResponseType(type)));
        return properties;
    }

    private readResource(token: string): SdkResource {
        const { module, name, text } = this.source(token);
        const constructor = /constructor\([\s\S]*?\n {8}else \{/.exec(text)?.[0] ?? "";
        const inputs = new Set<string>();
        for (const [, key, value] of constructor.matchAll(/resourceInputs\["(\w+)"\] = (.*)/g)) {
            if (!value.includes("/*out*/")) inputs.add(key);
        }
        const required = [...constructor.matchAll(/Missing required property '(\w+)'/g)].map((match) => match[1]);

        const declaration = readFileSync(
            join(this.folder, module, this.file(module, name)!.replace(/\.js$/, ".d.ts")),
            "utf8",
        );
        const outputs = new Map<string, Shape>();
        for (const [, key, type] of declaration.matchAll(/readonly (\w+): pulumi\.Output<([\s\S]*?)>;/g)) {
            outputs.set(key, parseShape(type));
        }
        return {
            token,
            module,
            className: name,
            apiVersion: /Uses Azure REST API version (\d{4}-\d{2}-\d{2}[\w-]*)/.exec(text)?.[1],
            inputs,
            required: new Set(required),
            outputs,
            locationIsShared: /\* The geo-location where the resource lives\n\s+\*\/\n\s+location\??:/.test(
                declaration,
            ),
            pathParameters: this.pathParameters(module, name, inputs, required),
        };
    }

    /** The SDK does not say which inputs make up the URL; but a resource's getter is asked by exactly those. */
    private pathParameters(
        module: string,
        name: string,
        inputs: ReadonlySet<string>,
        required: readonly string[],
    ): string[] {
        if (this.file(module, `get${name}`)) {
            const getter = this.function(`azure-native:${module}:get${name}`);
            return getter.parameters.filter((parameter) => inputs.has(parameter));
        }
        // No getter: what must be given and looks like a part of the URL, and the resource's own name.
        const own = `${name[0].toLowerCase()}${name.slice(1)}Name`;
        return [...inputs].filter(
            (input) => input === own || (required.includes(input) && /^scope$|Name$/.test(input)),
        );
    }

    private source(token: string): { module: string; name: string; text: string } {
        const [, module, name] = token.split(":");
        const file = module && name ? this.file(module, name) : undefined;
        if (!file) {
            throw new Error(
                `${token} is not in the installed @pulumi/azure-native (${this.folder}): a misspelt type or another version of it.`,
            );
        }
        return { module, name, text: readFileSync(join(this.folder, module, file), "utf8") };
    }

    /** File names follow the class's name, but for the case of abbreviations. */
    private file(module: string, name: string): string | undefined {
        let files = this.files.get(module);
        if (!files) {
            const folder = join(this.folder, module);
            const names = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".js")) : [];
            this.files.set(module, (files = new Map(names.map((file) => [file.slice(0, -3).toLowerCase(), file]))));
        }
        return files.get(name.toLowerCase());
    }

    private readResponseType(type: string): ReadonlyMap<string, Shape> {
        this.declarations ??= readFileSync(join(this.folder, "types", "output.d.ts"), "utf8");
        const text = this.declarations;
        const [module, name] = type.split(".");
        const start = text.indexOf(`export declare namespace ${module} {`);
        const at = start < 0 ? -1 : text.indexOf(`interface ${name} {`, start);
        if (at < 0) return new Map();
        const body = text
            .slice(text.indexOf("{", at) + 1, text.indexOf("\n    }", at))
            .replace(/\/\*\*[\s\S]*?\*\//g, "");
        const properties = new Map<string, Shape>();
        for (const [, key, shape] of body.matchAll(/^ {8}"?([\w-]+)"?\??: (\{[\s\S]*?\n {8}\}|[^;]+)(?:\[\])?;/gm)) {
            properties.set(key, parseShape(shape));
        }
        return properties;
    }
}

/** The SDK of the program that is rehearsed: the first of these folders that has one installed in it or above it. */
export function sdkOfRehearsal(): Sdk {
    const run = process.env.MAINSTAY_REHEARSAL;
    const folders = [run && join(run, "project", "program"), process.env.MAINSTAY_ROOT, process.cwd(), __dirname];
    for (const folder of folders) {
        if (!folder || !existsSync(folder)) continue;
        try {
            const { resolve } = createRequire(join(realpathSync(folder), "index.js"));
            return new Sdk(dirname(resolve("@pulumi/azure-native/package.json")));
        } catch {
            // not installed there: the next folder
        }
    }
    throw new Error(
        `@pulumi/azure-native is installed neither in ${folders.filter(Boolean).join(" nor in ")}: the simulated Azure reads types and API versions from it. Install the program's packages (npm ci).`,
    );
}

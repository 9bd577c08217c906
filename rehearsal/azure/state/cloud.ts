import { createHash, randomBytes } from "node:crypto";
import {
    existsSync,
    linkSync,
    mkdirSync,
    readdirSync,
    readFileSync,
    renameSync,
    statSync,
    unlinkSync,
    writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Properties } from "../../provider/values";
import { parseArmId } from "../arm/id";

/** A resource that exists in the simulated Azure: the content of its file. */
export interface CloudResource {
    id: string;
    /** `Microsoft.Network/virtualNetworks/subnets`. */
    type: string;
    name: string;
    apiVersion?: string;
    token: string;
    urn: string;
    inputs: Properties;
    /** What ARM was sent; the inputs where no schema maps them. */
    body: Properties;
    outputs: Properties;
    createdAt: string;
}

/** An exclusive creation that came second. */
export class AlreadyExists extends Error {}

/**
 * The simulated Azure's state: one file a resource, shared by every process of the rehearsal.
 *
 * Files appear whole: they are written beside and then linked, which fails where the name exists, or renamed. Reading goes
 * through a cache that a file's identity, size and time of change keep honest.
 */
export class Cloud {
    private readonly folder: string;
    private readonly cache = new Map<string, { stamp: string; resource: CloudResource }>();
    private existing?: { stamp: string; ids: Set<string> };

    constructor(private readonly root: string) {
        this.folder = join(root, "resources");
        mkdirSync(this.folder, { recursive: true });
    }

    get(id: string): CloudResource | undefined {
        const parsed = parseArmId(id);
        return parsed && this.read(fileName(parsed.type, parsed.names.at(-1)!, id));
    }

    /** Whether an ID is there, made here or declared to exist beforehand. */
    has(id: string): boolean {
        return this.get(id) !== undefined || this.declared().has(id.toLowerCase());
    }

    /** Every resource of a type, such as `Microsoft.Network/virtualNetworks/subnets`. */
    list(type: string): CloudResource[] {
        const start = `${typePart(type)}~`;
        return this.files()
            .filter((file) => file.startsWith(start))
            .flatMap((file) => this.read(file) ?? []);
    }

    all(): CloudResource[] {
        return this.files().flatMap((file) => this.read(file) ?? []);
    }

    create(resource: CloudResource): void {
        const target = this.path(resource);
        const draft = this.draft(resource);
        try {
            linkSync(draft, target);
        } catch (error) {
            if ((error as NodeJS.ErrnoException).code === "EEXIST") throw new AlreadyExists(resource.id);
            throw error;
        } finally {
            unlinkSync(draft);
        }
    }

    replace(resource: CloudResource): void {
        renameSync(this.draft(resource), this.path(resource));
    }

    remove(resource: CloudResource): void {
        try {
            unlinkSync(this.path(resource));
        } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
        }
    }

    private files(): string[] {
        return readdirSync(this.folder).filter((file) => !file.startsWith(".") && file.endsWith(".json"));
    }

    private path(resource: CloudResource): string {
        return join(this.folder, fileName(resource.type, resource.name, resource.id));
    }

    private draft(resource: CloudResource): string {
        const path = join(this.folder, `.${process.pid}-${randomBytes(6).toString("hex")}`);
        // Secrets' values are in it: machines of the rehearsal read them from here.
        writeFileSync(path, `${JSON.stringify(resource, null, 1)}\n`, { mode: 0o600 });
        return path;
    }

    private read(file: string): CloudResource | undefined {
        const path = join(this.folder, file);
        const stamp = stampOf(path);
        if (!stamp) {
            this.cache.delete(file);
            return undefined;
        }
        const cached = this.cache.get(file);
        if (cached?.stamp === stamp) return cached.resource;
        try {
            const resource = JSON.parse(readFileSync(path, "utf8")) as CloudResource;
            this.cache.set(file, { stamp, resource });
            return resource;
        } catch (error) {
            if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
            throw new Error(`The simulated Azure's state file ${path} cannot be read: ${(error as Error).message}`);
        }
    }

    private declared(): Set<string> {
        const path = join(this.root, "existing.json");
        const stamp = stampOf(path);
        if (!stamp) return new Set();
        if (this.existing?.stamp !== stamp) {
            const ids = JSON.parse(readFileSync(path, "utf8")) as string[];
            this.existing = { stamp, ids: new Set(ids.map((id) => id.toLowerCase())) };
        }
        return this.existing.ids;
    }
}

function stampOf(path: string): string | undefined {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
    return stat && `${stat.ino} ${stat.size} ${stat.mtimeNs}`;
}

function fileName(type: string, name: string, id: string): string {
    const clean = name
        .toLowerCase()
        .replace(/[^a-z0-9-]+/g, "-")
        .slice(0, 60);
    const hash = createHash("sha256").update(id.toLowerCase()).digest("hex").slice(0, 12);
    return `${typePart(type)}~${clean}~${hash}.json`;
}

function typePart(type: string): string {
    return type.toLowerCase().replaceAll("/", ".");
}

/** The folder of a rehearsal's simulated Azure. */
export function cloudFolder(): string {
    const run = process.env.MAINSTAY_REHEARSAL;
    if (!run)
        throw new Error(
            "MAINSTAY_REHEARSAL is not set: the simulated Azure keeps its state in that folder. Start it by `npm start`.",
        );
    if (!existsSync(run)) throw new Error(`MAINSTAY_REHEARSAL names ${run}, which does not exist.`);
    return join(run, "azure");
}

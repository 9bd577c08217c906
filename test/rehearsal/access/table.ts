/**
 * The tables of docs/access.md, as people read them. Each stands under a mark that says where it holds, its first column names
 * resources as kubectl does (or paths), the others say what a group may do with them.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** Where a right holds. */
export const places = ["everywhere", "own namespaces", "platform namespaces"] as const;
export type Place = (typeof places)[number];

const WORDS: Record<string, string[]> = {
    read: ["get", "list", "watch"],
    write: ["create", "update", "patch", "delete"],
    "—": [],
};
const SINGLE = ["get", "list", "watch", "create", "update", "patch", "delete"];

export class AccessTable {
    /** `place/column/resource` → verbs */
    private readonly cells = new Map<string, Set<string>>();
    readonly resources = new Set<string>();
    readonly columns = new Set<string>();

    static async read(): Promise<AccessTable> {
        return new AccessTable(await readFile(join(__dirname, "../../../docs/access.md"), "utf8"));
    }

    constructor(document: string) {
        for (const place of places) {
            const tables = document.split(`<!-- matrix: ${place} -->`).slice(1);
            if (tables.length === 0) throw new Error(`docs/access.md has no table under <!-- matrix: ${place} -->`);
            for (const table of tables) this.take(place, table);
        }
    }

    /** What the document says. What it does not name, it forbids. */
    allows(place: Place, columns: string[], resource: string, verb: string): boolean {
        return columns.some((column) => this.cells.get(`${place}/${column}/${resource}`)?.has(verb));
    }

    /** All that it says of an object, as `verb resource`. */
    rights(place: Place, columns: string[]): string[] {
        return [...this.resources]
            .filter((resource) => !resource.startsWith("/"))
            .flatMap((resource) =>
                columns.flatMap((column) =>
                    [...(this.cells.get(`${place}/${column}/${resource}`) ?? [])].map((verb) => `${verb} ${resource}`),
                ),
            );
    }

    private take(place: Place, text: string): void {
        const lines = text.trimStart().split("\n");
        const rows = lines
            .slice(
                0,
                lines.findIndex((line) => !line.startsWith("|")),
            )
            .map(cellsOf);
        const [[, ...heads], , ...body] = rows;
        for (const head of heads.flatMap(listOf)) this.columns.add(head);
        for (const [names, ...cells] of body) {
            const resources = [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
            if (resources.length === 0) throw new Error(`docs/access.md: no resource in the row ${names}`);
            for (const resource of resources) {
                this.resources.add(resource);
                cells.forEach((cell, index) => {
                    for (const column of listOf(heads[index]))
                        this.put(`${place}/${column}/${resource}`, verbsOf(cell));
                });
            }
        }
    }

    private put(key: string, verbs: string[]): void {
        if (this.cells.has(key)) throw new Error(`docs/access.md says twice what ${key} is allowed`);
        this.cells.set(key, new Set(verbs));
    }
}

function cellsOf(line: string): string[] {
    return line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim());
}

function listOf(text: string): string[] {
    return text.split(",").map((part) => part.trim());
}

function verbsOf(cell: string): string[] {
    return listOf(cell).flatMap((word) => {
        const verbs = WORDS[word] ?? (SINGLE.includes(word) ? [word] : undefined);
        if (!verbs) throw new Error(`docs/access.md: “${word}” is not a word of its tables`);
        return verbs;
    });
}

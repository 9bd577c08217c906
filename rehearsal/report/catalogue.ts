import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** What a pack says of itself, in `catalogue.json` beside it: events carry a rule's name and little more. */
export interface Catalogue {
    pack: string;
    items: CatalogueItem[];
    rules: Record<string, CatalogueRule>;
}

export interface CatalogueItem {
    /** A line of the checklist. */
    item: string;
    rules: string[];
    /** What the item asks for and no rule judges yet. While something is awaited the item cannot be met. */
    awaits?: string;
}

export interface CatalogueRule {
    item: string;
    title?: string;
    /** `stack` rules see all resources at once, so their verdict names none. */
    scope?: "resource" | "stack";
    /** Types that the rule concerns. */
    kinds?: string[];
}

/** @returns `undefined` where a pack has none: then nothing is known of the checklist */
export async function readCatalogue(pack: string): Promise<Catalogue | undefined> {
    const file = join(pack, "catalogue.json");
    let text: string;
    try {
        text = await readFile(file, "utf8");
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
    }
    try {
        return JSON.parse(text) as Catalogue;
    } catch (error) {
        throw new Error(
            `${file} is not JSON: ${(error as Error).message}; the pack's build writes it: npm run build -w policy`,
        );
    }
}

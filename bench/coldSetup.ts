import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "../rehearsal/toolchain";
import type { Progress } from "../rehearsal/progress";
import { stated, type Measured } from "./figure";

/** What each tool took when it was made, as its manifest says; tools that came with the machine have none. */
export async function coldSetup(progress: Progress): Promise<Measured[]> {
    const folder = join(cacheFolder(), "bin");
    const names = await readdir(folder).catch(() => [] as string[]);
    const figures: Measured[] = [];
    for (const name of names.sort()) {
        const text = await readFile(join(folder, name, "manifest.json"), "utf8").catch(() => undefined);
        if (!text) continue;
        const { seconds, origin } = JSON.parse(text) as { seconds?: number; origin: string };
        if (seconds === undefined) progress.note(`${name}: its manifest does not say how long it took`);
        else figures.push(stated(`cold-${name}`, "s", seconds, `1, by ${origin}`));
    }
    return figures;
}

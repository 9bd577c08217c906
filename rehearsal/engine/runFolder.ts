import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheFolder } from "../toolchain";

/** Where `npm start -- STACK --keep` keeps a rehearsal of that stack: cloud, state, project and API server. */
export function runFolderOf(stack: string): string {
    return join(cacheFolder(), "rehearsals", stack);
}

/** For a rehearsal that is removed at its end. */
export function temporaryRunFolder(name = ""): Promise<string> {
    return mkdtemp(join(tmpdir(), `mainstay-${name ? `${name}-` : ""}`));
}

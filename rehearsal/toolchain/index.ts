/**
 * The programs of others that a rehearsal runs: found, downloaded or built.
 *
 * Order for each: the folder named by `MAINSTAY_TOOLS` → one on PATH that is new enough → the cache → the publisher's
 * download, verified by its checksum → a build from its Go module.
 */
import { findTool } from "./find";
import type { ToolName } from "./pins";

export { cacheFolder } from "./cacheFolder";
export type { ToolName } from "./pins";

const found = new Map<ToolName, Promise<string>>();

/** Absolute path of a tool. Looked up once a process; made first where it is nowhere to be found. */
export function toolPath(name: ToolName): Promise<string> {
    let path = found.get(name);
    if (!path) {
        path = locate(name);
        path.catch(() => found.delete(name));
        found.set(name, path);
    }
    return path;
}

async function locate(name: ToolName): Promise<string> {
    const tool = await findTool(name);
    if (!tool) throw new Error(`${name} is not on this machine yet: npm run toolchain gets it`);
    return tool.path;
}

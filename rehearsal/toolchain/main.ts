/* `npm run toolchain` gets every tool ready; with `-- --list` it only says which are used, and from where. */
import { parseArgs } from "node:util";
import { createProgress, duration } from "../progress";
import { findTool } from "./find";
import { ensureTools } from "./index";
import { pins, toolNames } from "./pins";

const sources = {
    given: "MAINSTAY_TOOLS",
    path: "PATH",
    cache: "cache",
    download: "downloaded",
    build: "built",
};

async function list(): Promise<void> {
    for (const name of toolNames) {
        const notes: string[] = [];
        const found = await findTool(name, notes);
        if (found) console.log(row(name, found.version, sources[found.source], found.path));
        else console.log(row(name, pins[name].version, "missing", "npm run toolchain downloads or builds it"));
        for (const note of notes) console.log(`    ${note}`);
    }
}

function row(name: string, version: string, source: string, rest: string): string {
    return `${name.padEnd(24)} ${version.padEnd(9)} ${source.padEnd(15)} ${rest}`;
}

async function main(): Promise<void> {
    const { values } = parseArgs({ options: { list: { type: "boolean", default: false } } });
    if (values.list) return list();
    const tools = await ensureTools(toolNames, createProgress());
    for (const name of toolNames) {
        const { version, source, path, seconds } = tools[name];
        console.log(row(name, version, sources[source], `${path}  ${duration(seconds * 1000)}`));
    }
}

main().catch((error: Error) => {
    console.error(`\nmainstay: ${error.message}`);
    // A name look-up that nobody waits for any more would keep the process alive.
    process.exit(1);
});

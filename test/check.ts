import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../rehearsal/toolchain";

/** How one of the three checks went. */
export interface Checked {
    name: string;
    passed: boolean;
    seconds: number;
    output: string;
}

const tree = join(__dirname, "..");

/** Format, lint and types, side by side; each remembers in the cache what it has already seen unchanged. */
export function check(): Promise<Checked[]> {
    const cache = join(cacheFolder(), "check", createHash("sha256").update(tree).digest("hex").slice(0, 12));
    mkdirSync(cache, { recursive: true });
    return Promise.all([
        run("format", "prettier/bin/prettier.cjs", [
            ...["--check", ".", "--log-level", "warn"],
            ...["--cache", "--cache-strategy", "content", "--cache-location", join(cache, "prettier")],
        ]),
        // A rule that asks for types depends on more than the file it looks at, so CI looks at every file.
        run("lint", "eslint/bin/eslint.js", [
            ...[".", "--max-warnings", "0"],
            ...(process.env.CI
                ? []
                : ["--cache", "--cache-strategy", "content", "--cache-location", join(cache, "eslint")]),
        ]),
        run("types", "typescript/bin/tsc", [
            ...["--noEmit", "--noCheck", "false", "-p", ".", "--pretty", "false"],
            ...["--incremental", "--tsBuildInfoFile", join(cache, "types.tsbuildinfo")],
        ]),
    ]);
}

function run(name: string, script: string, args: string[]): Promise<Checked> {
    const began = Date.now();
    return new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [join(tree, "node_modules", script), ...args], {
            cwd: tree,
            stdio: ["ignore", "pipe", "pipe"],
        });
        let output = "";
        child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
        child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
        child.on("error", reject);
        child.on("close", (code) =>
            resolve({ name, passed: code === 0, seconds: (Date.now() - began) / 1000, output: output.trimEnd() }),
        );
    });
}

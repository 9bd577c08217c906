/*
 * ts-node's transpiler (program.tsconfig.json names it): TypeScript's own, which remembers what a file became. A program of a
 * hundred files otherwise spends a third of its start on transpiling files that have not changed.
 *
 * An entry is named by everything that decides the outcome: the text, its path, the compiler's version and options. So
 * there is nothing to invalidate. Entries are in $MAINSTAY_CACHE (~/.cache/mainstay), the user's own, and carry a checksum;
 * where that folder cannot be used, everything is transpiled. `MAINSTAY_LEAN=off` reads and writes none.
 *
 * CommonJS, because it is what makes TypeScript run.
 */
const { createHash } = require("node:crypto");
const { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } = require("node:fs");
const { homedir } = require("node:os");
const { join, resolve } = require("node:path");
const typescript = require("typescript");

const KEEP_DAYS = 30;

function folder() {
    const cache = process.env.MAINSTAY_CACHE;
    return join(cache ? resolve(cache) : join(homedir(), ".cache", "mainstay"), "transpiled");
}

function sha256(...parts) {
    const hash = createHash("sha256");
    for (const part of parts) hash.update(`${part.length}\n`).update(part);
    return hash.digest("hex");
}

/** @returns what the file became, or nothing where no whole entry is there */
function read(file) {
    try {
        const [checksum, output] = readFileSync(file, "utf8").split("\n");
        return sha256(output) === checksum ? JSON.parse(output) : undefined;
    } catch {
        return undefined;
    }
}

let pruned = false;

function write(file, result) {
    try {
        mkdirSync(folder(), { recursive: true });
        const output = JSON.stringify(result);
        const draft = `${file}.${process.pid}`;
        writeFileSync(draft, `${sha256(output)}\n${output}`);
        renameSync(draft, file);
        if (!pruned) prune();
    } catch {
        // A cache that cannot be written costs time, nothing else.
    }
}

function prune() {
    pruned = true;
    const oldest = Date.now() - KEEP_DAYS * 24 * 3600 * 1000;
    for (const name of readdirSync(folder())) {
        const file = join(folder(), name);
        if (statSync(file, { throwIfNoEntry: false })?.mtimeMs < oldest) rmSync(file, { force: true });
    }
}

/** The interface that ts-node asks of a transpiler. */
exports.create = function create({ service }) {
    const compilerOptions = service.config.options;
    const transpile = (code, fileName) =>
        typescript.transpileModule(code, { fileName, compilerOptions, reportDiagnostics: true });
    if (process.env.MAINSTAY_LEAN === "off") return { transpile: (code, { fileName }) => transpile(code, fileName) };

    const options = JSON.stringify(compilerOptions);
    return {
        transpile(code, { fileName }) {
            const file = join(folder(), `${sha256(typescript.version, options, fileName, code)}.json`);
            const known = read(file);
            if (known) return known;
            const { outputText, sourceMapText, diagnostics } = transpile(code, fileName);
            // What cannot be parsed is reported each time.
            if (diagnostics?.length) return { outputText, sourceMapText, diagnostics };
            write(file, { outputText, sourceMapText });
            return { outputText, sourceMapText };
        },
    };
};

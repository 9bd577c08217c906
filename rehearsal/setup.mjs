/*
 * The door of every npm script: node rehearsal/setup.mjs ENTRY [ARGUMENT…]
 *
 * Makes a fresh clone ready (locked npm packages, the policy pack compiled), then hands over to ENTRY, a TypeScript
 * file. Plain Node without packages, because it is what installs them. A second run finds everything done.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import lock from "./toolchain/lock.cjs";

const tree = dirname(dirname(fileURLToPath(import.meta.url)));
const nodeModules = join(tree, "node_modules");
const packageLock = join(tree, "package-lock.json");
const installedStamp = join(nodeModules, ".mainstay-installed");
const policy = join(tree, "policy");
const builtStamp = join(policy, "dist", ".built-from");

function fail(message) {
    console.error(`\nmainstay: ${message}`);
    process.exit(1);
}

function hashOf(files) {
    const hash = createHash("sha256");
    for (const file of files) {
        const content = readFileSync(file);
        hash.update(`${relative(tree, file)} ${content.length}\n`).update(content);
    }
    return hash.digest("hex");
}

function readOr(file, otherwise) {
    try {
        return readFileSync(file, "utf8");
    } catch {
        return otherwise;
    }
}

function writeWhole(file, text) {
    writeFileSync(`${file}.part`, text);
    renameSync(`${file}.part`, file);
}

/** A lock for this tree, outside it: node_modules itself comes and goes. */
function treeLock(what, work) {
    const cache = process.env.MAINSTAY_CACHE
        ? resolve(process.env.MAINSTAY_CACHE)
        : join(homedir(), ".cache", "mainstay");
    const name = `${what}-${createHash("sha256").update(tree).digest("hex").slice(0, 12)}.lock`;
    return lock.withLock(join(cache, "locks", name), work, (pid) =>
        console.error(`… ${what}: process ${pid} is at it already, waiting for it`),
    );
}

/** Runs a command quietly, says every 20 s that it still runs, and shows its output only when it fails. */
async function step(name, awaited, command, args, advice) {
    const began = Date.now();
    const seconds = () => Math.round((Date.now() - began) / 1000);
    console.error(`… ${name}: ${awaited}`);
    const timer = setInterval(() => console.error(`… ${name}: ${awaited}: ${seconds()} s`), 20_000);
    const child = spawn(command, args.arguments, { cwd: args.folder, stdio: ["ignore", "pipe", "pipe"] });
    const output = [];
    child.stdout.on("data", (chunk) => output.push(chunk));
    child.stderr.on("data", (chunk) => output.push(chunk));
    const passOn = (signal) => child.kill(signal);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, passOn);
    const problem = await new Promise((done) => {
        child.on("error", (error) => done(`${command} does not start: ${error.message}`));
        child.on("close", (code, signal) => done(code === 0 ? undefined : `${command} ended with ${signal ?? code}`));
    });
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.off(signal, passOn);
    clearInterval(timer);
    if (problem) {
        console.error(Buffer.concat(output).toString().trimEnd());
        throw new Error(`${name}: ${problem}. ${advice}`);
    }
    console.error(`✓ ${name}  ${seconds()} s`);
}

function checkNode() {
    const { engines } = JSON.parse(readFileSync(join(tree, "package.json"), "utf8"));
    const [major, minor] = /(\d+)\.(\d+)/.exec(engines.node).slice(1).map(Number);
    const [ours, oursMinor] = process.versions.node.split(".").map(Number);
    if (ours > major || (ours === major && oursMinor >= minor)) return;
    fail(
        `needs Node ${major}.${minor} or newer; this is ${process.versions.node}. Get it from https://nodejs.org or your version manager.`,
    );
}

/** What npm recorded as the last thing of an installation; absent after one that was cut off. */
function npmInstalled(locked) {
    let recorded;
    try {
        recorded = JSON.parse(readFileSync(join(nodeModules, ".package-lock.json"), "utf8")).packages;
    } catch {
        return false;
    }
    return Object.entries(locked).every(([path, entry]) => {
        const found = recorded[path];
        if (!path) return true;
        if (!found) return entry.optional === true;
        return found.version === entry.version && found.integrity === entry.integrity;
    });
}

/** Whether node_modules is what package-lock.json says, each package's folder included. */
function packagesMatch(wanted) {
    if (!existsSync(join(nodeModules, ".package-lock.json"))) return false;
    const locked = JSON.parse(readFileSync(packageLock, "utf8")).packages;
    const same = readOr(installedStamp) === wanted || npmInstalled(locked);
    return (
        same &&
        Object.entries(locked).every(
            ([path, entry]) => !path || entry.optional || existsSync(join(tree, path, "package.json")),
        )
    );
}

/** @returns whether something had to be installed */
async function installPackages() {
    const wanted = createHash("sha256").update(readFileSync(packageLock)).digest("hex");
    if (packagesMatch(wanted)) {
        if (readOr(installedStamp) !== wanted) writeWhole(installedStamp, wanted);
        return false;
    }
    return treeLock("npm packages", async () => {
        if (packagesMatch(wanted)) return false;
        rmSync(installedStamp, { force: true });
        // npm's own script where npm runs us: the same npm, whatever PATH says.
        const npm = process.env.npm_execpath;
        await step(
            "npm packages",
            "npm ci installs what package-lock.json names, usually 1 min",
            npm ? process.execPath : "npm",
            { arguments: [...(npm ? [npm] : []), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder: tree },
            "With the network back, run the same command again.",
        );
        writeWhole(installedStamp, wanted);
        return true;
    });
}

function policySources(folder = policy) {
    return (
        readdirSync(folder, { withFileTypes: true })
            // catalogue.json is made by the build, although it is kept in the tree.
            .filter((entry) => !["dist", "node_modules", "catalogue.json"].includes(entry.name))
            .flatMap((entry) =>
                entry.isDirectory() ? policySources(join(folder, entry.name)) : [join(folder, entry.name)],
            )
            .sort()
    );
}

/** @returns whether the pack had to be compiled */
async function buildPolicy() {
    if (!existsSync(join(policy, "tsconfig.json"))) return false;
    const upToDate = () => readOr(builtStamp) === hashOf([...policySources(), packageLock]);
    if (upToDate()) return false;
    return treeLock("policy pack", async () => {
        if (upToDate()) return false;
        rmSync(builtStamp, { force: true });
        const wanted = hashOf([...policySources(), packageLock]);
        const { scripts } = JSON.parse(readFileSync(join(policy, "package.json"), "utf8"));
        await step(
            "policy pack",
            scripts.build,
            process.env.npm_execpath ? process.execPath : "npm",
            {
                arguments: [
                    ...(process.env.npm_execpath ? [process.env.npm_execpath] : []),
                    "run",
                    "--silent",
                    "build",
                ],
                folder: policy,
            },
            "Mend policy/ and run the same command again.",
        );
        writeWhole(builtStamp, wanted);
        return true;
    });
}

/** Becomes ENTRY as far as anybody outside can tell: its output, its signals, its exit code. */
function handOver(entry, args) {
    const child = spawn(process.execPath, ["-r", "ts-node/register", entry, ...args], {
        stdio: "inherit",
        // The tree's, with what files became remembered, for all that is started from here.
        env: { ...process.env, TS_NODE_PROJECT: join(tree, "lean", "program.tsconfig.json") },
    });
    // A terminal sends Ctrl-C to every process of the command; elsewhere it comes to us alone.
    process.on("SIGINT", () => process.stdin.isTTY || child.kill("SIGINT"));
    process.on("SIGTERM", () => child.kill("SIGTERM"));
    process.on("SIGHUP", () => child.kill("SIGHUP"));
    child.on("exit", (code, signal) => {
        if (!signal) process.exit(code);
        for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.removeAllListeners(name);
        process.kill(process.pid, signal);
    });
}

const [entry, ...args] = process.argv.slice(2);
if (!entry) fail("usage: node rehearsal/setup.mjs ENTRY [ARGUMENT…]; npm start and npm test call it");
process.chdir(tree);
checkNode();
try {
    const installed = await installPackages();
    const built = await buildPolicy();
    if (!installed && !built) console.error("✓ npm packages and policy pack: reused");
} catch (error) {
    fail(error.message);
}
handOver(resolve(tree, entry), args);

"use strict";
/*
 * Plain JavaScript, because rehearsal/setup.mjs needs it before TypeScript is installed. Types: lock.d.cts.
 *
 * A lock is a file that holds its owner's process id. It appears whole (written elsewhere, then linked), so whoever
 * finds one can read it; an owner that died without removing its file is recognised and its lock taken over.
 */
const fs = require("node:fs");
const path = require("node:path");
const { randomUUID } = require("node:crypto");
const { setTimeout: sleep } = require("node:timers/promises");

const POLL_MS = 200;
/** Removing a dead owner's file takes microseconds: a marker this old belongs to a process that died in them. */
const TAKEOVER_MS = 10_000;

/** When a process started, so that another one that was given the same id later is not taken for it; Linux only. */
function startedAt(pid) {
    try {
        const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
        // The second field, the program's name, may hold spaces and parentheses; the start time is the 22nd.
        return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    } catch {
        return undefined;
    }
}

function isAlive({ pid, started }) {
    try {
        process.kill(pid, 0);
    } catch (error) {
        // EPERM: it is somebody else's, and there.
        if (error.code !== "EPERM") return false;
    }
    const now = startedAt(pid);
    return started === undefined || now === undefined || now === started;
}

function readOwner(file) {
    try {
        return JSON.parse(fs.readFileSync(file, "utf8"));
    } catch (error) {
        return error.code === "ENOENT" ? undefined : { pid: 0 };
    }
}

function tryToAcquire(file, token) {
    const draft = `${file}.${token}`;
    fs.writeFileSync(draft, JSON.stringify({ pid: process.pid, started: startedAt(process.pid), token }));
    try {
        fs.linkSync(draft, file);
        return true;
    } catch (error) {
        if (error.code !== "EEXIST") throw error;
        return false;
    } finally {
        fs.rmSync(draft, { force: true });
    }
}

/** Removes the lock of an owner that is dead. Only one process at a time gets to decide that. */
function removeDead(file) {
    const marker = `${file}.takeover`;
    try {
        fs.writeFileSync(marker, "", { flag: "wx" });
    } catch (error) {
        if (error.code !== "EEXIST") throw error;
        const age = Date.now() - (fs.statSync(marker, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
        if (age > TAKEOVER_MS) fs.rmSync(marker, { force: true });
        return;
    }
    try {
        const owner = readOwner(file);
        if (owner && (owner.pid === 0 || !isAlive(owner))) fs.rmSync(file, { force: true });
    } finally {
        fs.rmSync(marker, { force: true });
    }
}

async function withLock(file, work, onWait = () => {}) {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const token = randomUUID();
    let told = false;
    while (!tryToAcquire(file, token)) {
        const owner = readOwner(file);
        if (owner && (owner.pid === 0 || !isAlive(owner))) removeDead(file);
        else {
            if (owner && !told) onWait(owner.pid);
            told = told || owner !== undefined;
            await sleep(POLL_MS);
        }
    }
    try {
        return await work();
    } finally {
        if (readOwner(file)?.token === token) fs.rmSync(file, { force: true });
    }
}

module.exports = { withLock };

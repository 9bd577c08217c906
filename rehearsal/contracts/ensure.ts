import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isMap, parseAllDocuments } from "yaml";
import type { Progress, Step } from "../progress";
import { cacheFolder } from "../toolchain";
import { downloadText, Unreachable } from "../toolchain/download";
import { withLock } from "../toolchain/lock.cjs";
import { cachedContracts, contractsFolder, fetchedList } from "./folder";
import published from "./sources.json";

/** Files of one repository at one tag or commit: where each lies in the contracts folder → its path in the repository. */
export interface Source {
    repository: string;
    ref: string;
    files: Record<string, string>;
}

/** Whether there are contracts now. `fetched` and `reused` speak of the cache. */
export type Contracts =
    | { state: "given" | "reused" | "fetched"; path: string }
    /** Their owners' address cannot be reached; nothing is there, or what was there stays. */
    | { state: "unreachable"; reason: string };

const publicAddress = "https://raw.githubusercontent.com";
const atATime = 6;

/**
 * Has contracts ready: those that `MAINSTAY_CONTRACTS` names, else the cache, else fetched from their owners.
 *
 * That an address cannot be reached is an answer, not an error: a rehearsal goes on and says what nothing judged.
 * @throws Error when `MAINSTAY_CONTRACTS` names nothing, or an owner answers with what is not a contract
 */
export async function ensureContracts(
    progress: Progress,
    sources: Source[] = published as unknown as Source[],
    address = publicAddress,
): Promise<Contracts> {
    const given = process.env.MAINSTAY_CONTRACTS;
    if (given) {
        const path = contractsFolder()?.path;
        if (path) return { state: "given", path };
        throw new Error(`MAINSTAY_CONTRACTS names ${given}, where nothing is: name a folder of contracts, or unset it`);
    }
    if (isWhole(sources)) return { state: "reused", path: cachedContracts() };
    const step = progress.step("contracts");
    try {
        const state = await withLock(
            join(cacheFolder(), "locks", "contracts.lock"),
            async () => {
                if (isWhole(sources)) return "reused";
                await fetchAll(sources, address, step);
                return "fetched";
            },
            (pid) => step.awaiting(`process ${pid} is fetching them, waiting for it`),
        );
        step.done(state);
        return { state, path: cachedContracts() };
    } catch (error) {
        const { message } = error as Error;
        step.failed(message);
        if (error instanceof Unreachable) return { state: "unreachable", reason: message };
        throw error;
    }
}

/** Whether the cache holds each file of the list, from the same place and unchanged. */
function isWhole(sources: Source[]): boolean {
    let fetched: Record<string, { from: string; sha256: string }>;
    try {
        fetched = JSON.parse(readFileSync(join(cachedContracts(), fetchedList), "utf8")) as typeof fetched;
    } catch {
        return false;
    }
    return everyFile(sources).every(({ file, from }) => {
        const path = join(cachedContracts(), file);
        return fetched[file]?.from === from && existsSync(path) && sha256(readFileSync(path)) === fetched[file].sha256;
    });
}

function everyFile(sources: Source[]): { file: string; from: string }[] {
    return sources.flatMap(({ repository, ref, files }) =>
        Object.entries(files).map(([file, path]) => ({ file, from: `${repository}/${ref}/${path}` })),
    );
}

async function fetchAll(sources: Source[], address: string, step: Step): Promise<void> {
    const draft = join(cacheFolder(), "contracts.part");
    // Under the lock, what is there was left by a process that was killed.
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft, { recursive: true });
    try {
        const files = everyFile(sources);
        const fetched: Record<string, { from: string; sha256: string }> = {};
        let next = 0;
        let failed = false;
        const worker = async (): Promise<void> => {
            while (!failed && next < files.length) {
                const { file, from } = files[next++];
                const url = `${address}/${from}`;
                const text = await downloadText(url).catch((error: Error) => {
                    failed = true;
                    throw error;
                });
                verifyParses(file, text, url);
                mkdirSync(dirname(join(draft, file)), { recursive: true });
                writeFileSync(join(draft, file), text);
                fetched[file] = { from, sha256: sha256(text) };
                step.awaiting(`${Object.keys(fetched).length} of ${files.length} files from ${new URL(address).host}`);
            }
        };
        // Every worker ends before the draft goes, whoever of them fails.
        const ended = await Promise.allSettled(Array.from({ length: atATime }, worker));
        for (const one of ended) if (one.status === "rejected") throw one.reason;
        writeFileSync(join(draft, fetchedList), JSON.stringify(fetched, undefined, 4));
        rmSync(cachedContracts(), { recursive: true, force: true });
        renameSync(draft, cachedContracts());
    } finally {
        rmSync(draft, { recursive: true, force: true });
    }
}

/** A page that says “not here” with status 200 would otherwise judge for ever. */
function verifyParses(file: string, text: string, url: string): void {
    let problem: string | undefined;
    try {
        if (file.endsWith(".json")) {
            const document: unknown = JSON.parse(text);
            if (typeof document !== "object" || document === null) problem = "holds no object";
        } else {
            // Rancher's chart keeps places for its release script, `tag: %TAG%`, which are no YAML.
            const documents = [...parseAllDocuments(text.replace(/%[A-Z_]+%/g, "placeholder"))];
            problem = documents.flatMap((one) => one.errors)[0]?.message;
            if (!documents.some((one) => isMap(one.contents))) problem ??= "holds no mapping";
        }
    } catch (error) {
        problem = (error as Error).message;
    }
    if (problem) throw new Error(`${url} is not the contract that was expected: ${problem}`);
}

function sha256(content: string | Buffer): string {
    return createHash("sha256").update(content).digest("hex");
}

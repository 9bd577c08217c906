import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Facts, type Resolution, resolvePendingCreates } from "./pendingCreates";
import { type Belongs, endProcesses, engineProcesses } from "./orphans";

/** Runs `pulumi` in the project's folder for its stack and returns what it printed; throws with its complaint when it fails. */
export type RunPulumi = (args: string[]) => Promise<string>;

export interface RecoverOptions {
    pulumi: RunPulumi;
    /** Tells the deployment's own processes from those of others. */
    belongs: Belongs;
    facts?: Facts;
    say: (line: string) => void;
}

/** A recovery that stops before it changes anything says why by this. */
export class RecoveryRefused extends Error {}

/**
 * Brings a stack back whose `pulumi up` was killed: ends the plugins that it left, releases its lock, puts the
 * resources into the state that Azure had been asked for when it died, and lets a refresh drop those that never came
 * to be. The next `pulumi up` goes on from there.
 */
export async function recover({ pulumi, belongs, facts, say }: RecoverOptions): Promise<Resolution> {
    const { engines, orphans } = engineProcesses(belongs);
    if (engines.length > 0) {
        throw new RecoveryRefused(
            `an update is still running (process ${engines.map(({ pid }) => pid).join(", ")}): wait for it, or end it with Ctrl-C`,
        );
    }
    await endProcesses(orphans);
    say(orphans.length > 0 ? `ended ${orphans.length} orphaned plugins` : "no orphaned plugins");

    await pulumi(["cancel", "--yes"]).catch((error: Error) => say(`no lock to release (${firstLine(error.message)})`));

    const exported = JSON.parse(await pulumi(["stack", "export"])) as { version: number; deployment: never };
    const resolution = resolvePendingCreates(exported.deployment, facts);
    if (resolution.undecided.length > 0) {
        throw new RecoveryRefused(
            [
                "these were being created, and their inputs do not tell under which ID:",
                ...resolution.undecided.map(({ urn, type }) => `  ${urn} (${type})`),
                "look whether they exist, then say for each `--id URN=ID`, or `--id URN=` for one that does not",
            ].join("\n"),
        );
    }
    for (const { urn, id } of resolution.adopted) say(`adopting ${urn} as ${id}, if it exists`);
    for (const urn of resolution.cleared) say(`clearing ${urn}: it has nothing outside the state`);
    await importState(pulumi, { ...exported, deployment: resolution.deployment });
    await pulumi(["refresh", "--yes", "--skip-preview"]);
    say("the state is what Azure has: run the update again");
    return resolution;
}

/** Secrets in an exported state stay encrypted, so it may lie in a file for a moment. */
async function importState(pulumi: RunPulumi, state: object): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), "mainstay-recover-"));
    try {
        const file = join(folder, "state.json");
        await writeFile(file, JSON.stringify(state), { mode: 0o600 });
        await pulumi(["stack", "import", "--file", file]);
    } finally {
        await rm(folder, { recursive: true });
    }
}

const firstLine = (text: string) => text.trim().split("\n")[0] ?? "";

import { existsSync } from "node:fs";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Rehearsal } from "./engine";
import type { Progress } from "./progress";

/** Folder of the project that has to be deployed before a program's first environment, where it has one. */
const FOLDER = "foundation";

/** Says in a kept run folder that it is done. */
const MARK = "foundation-is-there";

/**
 * Deploys the program's foundation into the same simulated Azure, once, as it would be in production: what an environment
 * refers to is there because something made it.
 */
export async function deployFoundation(
    program: string,
    runFolder: string,
    policyPack: string,
    progress: Progress,
): Promise<void> {
    const folder = join(program, FOLDER);
    const mark = join(runFolder, MARK);
    if (!existsSync(join(folder, "Pulumi.yaml")) || existsSync(mark)) return;
    const stack = (await readdir(folder)).map((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1]).find(Boolean);
    if (!stack) throw new Error(`${folder} has a Pulumi.yaml and no stack file beside it: add Pulumi.STACK.yaml`);

    const step = progress.step("foundation");
    step.awaiting(`stack ${stack}`);
    const rehearsal = new Rehearsal({ program: folder, stack, runFolder, policyPacks: [policyPack] });
    const up = await rehearsal.up();
    if (up.exitCode !== 0) {
        step.failed("was not deployed");
        const errors = up.diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
        throw new Error(`the foundation was not deployed:\n${errors.join("\n") || up.stdout + up.stderr}`);
    }
    await writeFile(mark, "");
    step.done(`${up.changes.create ?? 0} create`);
}

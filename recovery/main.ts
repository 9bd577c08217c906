/*
 * npm run recover -- STACK [--rehearsal] [--id URN=ID …]
 *
 * Brings a stack back whose `pulumi up` was killed. Beside a deployment in Azure it works on a kept rehearsal.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Cloud } from "../rehearsal/azure";
import { Rehearsal, runFolderOf } from "../rehearsal/engine";
import { inherited, worksIn } from "./orphans";
import { RecoveryRefused, type RunPulumi, recover } from "./recover";

const root = resolve(__dirname, "..");

async function main(): Promise<void> {
    const { values, positionals } = parseArgs({
        allowPositionals: true,
        options: { rehearsal: { type: "boolean" }, id: { type: "string", multiple: true } },
    });
    const stack = positionals[0];
    if (!stack || positionals.length > 1) {
        throw new RecoveryRefused("say which stack: npm run recover -- STACK [--rehearsal] [--id URN=ID …]");
    }
    const ids = Object.fromEntries((values.id ?? []).map(splitId));
    const target = values.rehearsal
        ? await rehearsed(stack)
        : { pulumi: inAzure(stack), belongs: worksIn(root), subscriptionId: process.env.ARM_SUBSCRIPTION_ID };
    await recover({
        pulumi: target.pulumi,
        belongs: target.belongs,
        facts: { ids, subscriptionId: target.subscriptionId },
        say: (line) => console.log(line),
    });
}

/** The CLI that the user deploys with, signed in as it is. */
function inAzure(stack: string): RunPulumi {
    return (args) =>
        new Promise((done, fail) => {
            const child = spawn("pulumi", [...args, "--stack", stack], {
                cwd: root,
                stdio: ["inherit", "pipe", "pipe"],
            });
            let [printed, complaint] = ["", ""];
            child.stdout.on("data", (text) => (printed += text));
            child.stderr.on("data", (text) => (complaint += text));
            child.on("error", fail);
            child.on("close", (code) => (code === 0 ? done(printed) : fail(new Error(complaint || printed))));
        });
}

/** A rehearsal that `npm start -- STACK --keep` left. */
function rehearsed(stack: string) {
    const runFolder = runFolderOf(stack);
    if (!existsSync(runFolder)) {
        throw new RecoveryRefused(
            `no kept rehearsal of ${stack} in ${runFolder}: npm start -- ${stack} --keep makes one`,
        );
    }
    const rehearsal = new Rehearsal({ program: root, stack, runFolder });
    const pulumi: RunPulumi = async (args) => {
        const { exitCode, stdout, stderr } = await rehearsal.pulumi([...args, "--stack", stack]);
        if (exitCode !== 0) throw new Error(stderr || stdout);
        return stdout;
    };
    const subscriptionId = new Cloud(join(runFolder, "azure")).all()[0]?.id.split("/")[2] ?? "none-yet";
    return { pulumi, belongs: inherited("MAINSTAY_REHEARSAL", runFolder), subscriptionId };
}

function splitId(text: string): [urn: string, id: string] {
    const separator = text.indexOf("=");
    if (separator < 0) throw new RecoveryRefused(`--id takes URN=ID, or URN= for what does not exist; given: ${text}`);
    return [text.slice(0, separator), text.slice(separator + 1)];
}

main().catch((error: Error) => {
    console.error(error instanceof RecoveryRefused ? `mainstay: ${error.message}` : error);
    process.exitCode = 1;
});

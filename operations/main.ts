/*
 * npm run roll -- STACK [--machine N] [--rehearsal] [-- arguments of pulumi up]
 * npm run rotate -- STACK authorities|encryptionKeys|administrator [--rehearsal] [-- arguments of pulumi up]
 *
 * Changes that take one setting and one update after another. Each setting is written into the stack's file before its
 * update, so that what was cut off goes on when the command is given again.
 */
import { execFileSync, spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { readStackConfig } from "../rehearsal/engine";
import { createProgress } from "../rehearsal/progress";
import { rehearse } from "../rehearsal/rehearse";
import { toolPath } from "../rehearsal/toolchain";
import { checkSettings } from "../settings";
import { writeSetting } from "./stackFile";
import { administratorStep, type OperatedSettings, rollSteps, rotateSteps, rotating, type Step } from "./steps";

const root = resolve(__dirname, "..");

const USAGE = `npm run roll -- STACK [--machine N] [--rehearsal] [-- arguments of pulumi up]
npm run rotate -- STACK ${rotating.join("|")}|administrator [--rehearsal] [-- arguments of pulumi up]`;

class Refused extends Error {}

interface Operation {
    stack: string;
    rehearsal: boolean;
    /** The steps that are due. */
    steps(settings: OperatedSettings): Step[];
    /** For `pulumi up`. */
    more: string[];
}

function readArguments(given: string[]): Operation {
    const end = given.indexOf("--");
    const [own, more] = end < 0 ? [given, []] : [given.slice(0, end), given.slice(end + 1)];
    const { values, positionals } = parseArgs({
        args: own,
        allowPositionals: true,
        options: { rehearsal: { type: "boolean", default: false }, machine: { type: "string" } },
    });
    const [operation, stack, what, ...rest] = positionals;
    if (!stack || rest.length > 0) throw new Refused(USAGE);
    const common = { stack, more, rehearsal: values.rehearsal };
    if (operation === "roll" && what === undefined) {
        const machine = values.machine === undefined ? undefined : Number(values.machine);
        return {
            ...common,
            steps(settings) {
                if (machine !== undefined && !(machine >= 1 && machine <= settings.machines)) {
                    throw new Refused(
                        `--machine takes a machine's number, 1 to ${settings.machines}; given: ${values.machine}`,
                    );
                }
                return rollSteps(settings, machine);
            },
        };
    }
    if (operation === "rotate" && values.machine === undefined) {
        if (what === "administrator") return { ...common, steps: (settings) => [administratorStep(settings)] };
        const of = rotating.find((one) => one === what);
        if (of) return { ...common, steps: (settings) => rotateSteps(settings, of) };
    }
    throw new Refused(USAGE);
}

async function main(): Promise<void> {
    const { stack, steps, rehearsal, more } = readArguments(process.argv.slice(2));
    const config = await readStackConfig(root, stack);
    const raw = Object.fromEntries(
        Object.entries(config).map(([key, value]) => [key.replace(/^mainstay:/, ""), value]),
    );
    const { cluster, controlPlane } = checkSettings(raw, { project: "mainstay", stack });
    if (cluster.kind !== "selfManaged" || !controlPlane) {
        throw new Refused(
            `stack ${stack} has an AKS cluster: Azure keeps its control plane, and there is nothing to roll or rotate`,
        );
    }
    const due = steps(controlPlane);
    const update = rehearsal ? rehearsed(stack, raw.controlPlane as object) : inAzure(stack, more);
    for (const [index, step] of due.entries()) {
        console.log(`\n${index + 1} of ${due.length}, now: ${step.what}`);
        await update(step);
        // In a rehearsal there is nobody to wait for.
        if (!step.before || rehearsal) continue;
        console.log(`\nGive the command again, for the next step, when\n  ${step.before}`);
        return;
    }
}

type Update = (step: Step) => Promise<void>;

/** The CLI that the user deploys with, signed in as it is. */
function inAzure(stack: string, more: string[]): Update {
    return async (step) => {
        await writeSetting(join(root, `Pulumi.${stack}.yaml`), step);
        const code = await new Promise<number | null>((done, fail) => {
            const child = spawn("pulumi", ["up", "--stack", stack, "--policy-pack", "policy", ...more], {
                cwd: root,
                stdio: "inherit",
            });
            child.on("error", fail);
            child.on("close", done);
        });
        if (code !== 0) {
            throw new Refused(
                `pulumi up did not end well, and this stops here. Pulumi.${stack}.yaml has the step's setting: mend what is wrong, run pulumi up, then give the command again`,
            );
        }
    };
}

/** On what `npm start -- STACK --keep` left; the stack's file stays as it is. */
function rehearsed(stack: string, settings: object): Update {
    const changed = structuredClone(settings) as Record<string, any>;
    return async ({ path, value, rewriteSecrets }) => {
        const inner = path.slice(0, -1).reduce((at, key) => (at[key] ??= {}), changed);
        inner[path.at(-1)!] = value;
        const { problems, kubeconfig } = await rehearse({
            stack,
            keep: true,
            config: { "mainstay:controlPlane": changed },
            progress: createProgress(),
        });
        if (problems.length > 0) throw new Refused(`the rehearsal failed:\n  ${problems.join("\n  ")}`);
        if (rewriteSecrets && kubeconfig) await writeSecretsAgain(kubeconfig);
    };
}

/** As the command says that a person does it. */
async function writeSecretsAgain(kubeconfig: string): Promise<void> {
    const kubectl = await toolPath("kubectl");
    const ask = (args: string[], input?: string) =>
        execFileSync(kubectl, ["--kubeconfig", kubeconfig, ...args], { encoding: "utf8", input, maxBuffer: 2 ** 28 });
    ask(["replace", "--filename", "-"], ask(["get", "secrets", "--all-namespaces", "--output", "json"]));
}

main().then(
    () => process.exit(0),
    (error: Error) => {
        console.error(`mainstay: ${error instanceof Refused ? error.message : (error.stack ?? error.message)}`);
        process.exit(1);
    },
);

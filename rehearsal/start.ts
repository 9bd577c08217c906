/*
 * npm start -- [STACK] [--cluster KIND] [--fault FAULT]… [--report FILE] [--keep | --destroy]
 *
 * Rehearses an environment on this machine: docs/rehearsal.md.
 */
import { existsSync, readdirSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Faults, mergeFaults, parseFault } from "./azure";
import { root, runFolderOf } from "./engine";
import { createProgress } from "./progress";
import { rehearse, removeKept } from "./rehearse";
import { renderTable, type Report } from "./report";

const USAGE = `npm start -- [STACK] [options]

    STACK             staging (default), prod: any stack with a Pulumi.STACK.yaml
    --cluster KIND    aks or selfManaged, instead of what the stack's file says
    --fault FAULT     what the simulated Azure does wrong, such as throttle=0.2; may be given several times
    --report FILE     write the report as JSON
    --keep            go on from what was kept, and keep cloud, state and API server for the next run and for kubectl
    --destroy         remove what was kept`;

const KINDS = ["aks", "selfManaged"];

interface Arguments {
    stack: string;
    cluster?: string;
    faults: Faults;
    report?: string;
    keep: boolean;
    destroy: boolean;
}

/** Asked for something that is not there: the message is for the person, and nothing has begun. */
class UsageError extends Error {}

function readArguments(): Arguments {
    try {
        const { values, positionals } = parseArgs({
            allowPositionals: true,
            options: {
                cluster: { type: "string" },
                fault: { type: "string", multiple: true, default: [] },
                report: { type: "string" },
                keep: { type: "boolean", default: false },
                destroy: { type: "boolean", default: false },
            },
        });
        const [stack = "staging", ...more] = positionals;
        const stacks = readdirSync(root).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
        const problems = [
            ...(more.length > 0 ? [`one stack at a time; given: ${positionals.join(", ")}`] : []),
            ...(stacks.includes(stack) ? [] : [`there is no stack ${stack}; there are ${stacks.join(", ")}`]),
            ...(!values.cluster || KINDS.includes(values.cluster)
                ? []
                : [`--cluster ${values.cluster}: allowed are ${KINDS.join(", ")}`]),
            ...(values.keep && values.destroy ? ["--keep and --destroy exclude each other"] : []),
        ];
        if (problems.length > 0) throw new Error(problems.join("\n"));
        return { ...values, stack, faults: mergeFaults(values.fault.map(parseFault)) };
    } catch (error) {
        throw new UsageError(`${(error as Error).message}\n\n${USAGE}`);
    }
}

async function main(): Promise<number> {
    const { stack, cluster, faults, report: file, keep, destroy } = readArguments();
    const progress = createProgress();

    if (destroy) {
        const removed = await removeKept(stack, progress);
        console.log(removed ? `The kept rehearsal of ${stack} is removed.` : `No rehearsal of ${stack} was kept.`);
        return 0;
    }
    if (!keep && existsSync(runFolderOf(stack))) {
        progress.note(
            `a rehearsal of ${stack} is kept; this one is apart from it (--keep goes on from it, --destroy removes it)`,
        );
    }

    const { signal, killSignal } = interrupts((text) => progress.note(text));
    try {
        const { report, problems, kubeconfig } = await rehearse({
            stack,
            cluster,
            faults,
            keep,
            progress,
            signal,
            killSignal,
        });
        if (file) await writeReport(file, report);
        console.log(`\n${renderTable(report)}`);
        if (kubeconfig) {
            console.log(`\nkept: ${runFolderOf(stack)}`);
            console.log(`kubectl --kubeconfig ${kubeconfig} get nodes`);
            console.log(`removed by: npm start -- ${stack} --destroy`);
        }
        if (problems.length === 0) return 0;
        console.log(
            `\nThe rehearsal failed:\n${problems.map((problem) => `  ✗ ${problem.replaceAll("\n", "\n    ")}`).join("\n")}`,
        );
        return 1;
    } catch (error) {
        if (!signal.aborted) throw error;
        console.error(keep ? "\nStopped; what was kept stays." : "\nStopped; nothing is left behind.");
        return 130;
    }
}

/** The first Ctrl-C stops as the engine stops, letting running steps end; the second at once. */
function interrupts(say: (text: string) => void): { signal: AbortSignal; killSignal: AbortSignal } {
    const stop = new AbortController();
    const kill = new AbortController();
    const interrupt = () => {
        if (stop.signal.aborted) return kill.abort();
        say("stopping: steps that run are let to end; again to end them at once");
        stop.abort();
    };
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, interrupt);
    return { signal: stop.signal, killSignal: kill.signal };
}

/** A path as the user means it: npm runs scripts in the project's folder. */
async function writeReport(file: string, report: Report): Promise<void> {
    const path = resolve(process.env.INIT_CWD ?? process.cwd(), file);
    await writeFile(`${path}.part`, `${JSON.stringify(report, undefined, 4)}\n`);
    await rename(`${path}.part`, path);
}

main().then(
    (code) => process.exit(code),
    (error: Error) => {
        console.error(`\nmainstay: ${error instanceof UsageError ? error.message : (error.stack ?? error.message)}`);
        process.exit(error instanceof UsageError ? 2 : 1);
    },
);

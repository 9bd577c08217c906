import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startControlPlane } from "../rehearsal/controlPlane";
import { type Config, readStackConfig, Rehearsal, root, temporaryRunFolder } from "../rehearsal/engine";
import type { Progress } from "../rehearsal/progress";
import { median, type Measured, stated, timesAsMuch } from "./figure";
import { watchProgramMemory } from "./processCost";
import { inTurns } from "./rounds";

interface Previewed {
    seconds: number;
    /** The most memory that the program's own process held. */
    bytes: number;
}

/**
 * A pull request that adds tenants to an environment that runs: the preview with the pack, every object asked of the API
 * server. What one more tenant costs near 500 is held against near 100, without the start of everything.
 */
export async function tenants(progress: Progress): Promise<Measured[]> {
    const runFolder = await temporaryRunFolder("tenants");
    const controlPlane = await startControlPlane(join(runFolder, "cluster"));
    try {
        const deployed = progress.step("an environment with one tenant");
        const foundation = new Rehearsal({ program: join(root, "foundation"), stack: "shared", runFolder });
        assertWell("foundation", await foundation.up());
        const config = await readStackConfig(root, "prod");
        const environment = (count: number) => environmentOf(runFolder, config, count);
        assertWell("up", await environment(1).up());
        deployed.done();

        const side = (count: number, runs: number) => ({
            title: `preview with ${count} tenants`,
            runs,
            measure: () => preview(environment(count)),
        });
        const read = await inTurns(
            { one: side(1, 3), hundred: side(100, 3), fiveHundred: side(500, 2) },
            progress,
            ({ seconds, bytes }) => `${seconds.toFixed(1)} s, ${Math.round(bytes / 1e6)} MB`,
        );
        const seconds = (runs: Previewed[]) => median(runs.map((run) => run.seconds));
        const each = (many: Previewed[], few: Previewed[], more: number) =>
            ((seconds(many) - seconds(few)) / more) * 1_000;
        const figure = timesAsMuch(
            {
                name: "preview-one-tenant-at-500",
                unit: "ms",
                ours: [each(read.fiveHundred, read.hundred, 400)],
                baseline: [each(read.hundred, read.one, 99)],
            },
            1.2,
        );
        const megabytes = (name: string, runs: Previewed[]) =>
            stated(name, "MB", median(runs.map((run) => run.bytes / 1e6)), String(runs.length));
        return [
            { ...figure, runs: "2 of 500; 3 of 100 and of 1" },
            megabytes("program-memory-1-tenant", read.one),
            megabytes("program-memory-100-tenants", read.hundred),
            megabytes("program-memory-500-tenants", read.fiveHundred),
        ];
    } finally {
        await controlPlane.stop();
        await new Rehearsal({ program: root, stack: "prod", runFolder }).remove();
    }
}

function environmentOf(runFolder: string, config: Config, count: number): Rehearsal {
    const cluster = { ...(config["mainstay:cluster"] as object), kind: "aks" };
    return new Rehearsal({
        program: root,
        stack: "prod",
        runFolder,
        config: { "mainstay:cluster": cluster, "mainstay:tenants": writeTenants(runFolder, count) },
        policyPacks: [join(root, "policy")],
    });
}

/** In a file, as hundreds have to be. @returns its path */
function writeTenants(folder: string, count: number): string {
    const file = join(folder, `tenants-${count}.yaml`);
    writeFileSync(file, JSON.stringify(tenantsOf(count)));
    return file;
}

/** Each with two namespaces, three kinds of groups, a way to the internet, and calls to the next one. */
function tenantsOf(count: number): object {
    const name = (number: number) => `team-${number}`;
    const group = (number: number, kind: number) => `00000000-0000-4000-800${kind}-${String(number).padStart(12, "0")}`;
    return Object.fromEntries(
        Array.from({ length: count }, (_, number) => [
            name(number),
            {
                namespaces: [name(number), `${name(number)}-jobs`],
                groups: {
                    administrators: [group(number, 1)],
                    developers: [group(number, 2)],
                    viewers: [group(number, 3)],
                },
                ...(number + 1 < count && { calls: [{ tenant: name(number + 1), ports: [8080] }] }),
                ...(number > 0 && { calledBy: [{ tenant: name(number - 1), ports: [8080] }] }),
                egress: { names: [{ name: "api.example.com", ports: [443] }] },
            },
        ]),
    );
}

async function preview(rehearsal: Rehearsal): Promise<Previewed> {
    let memory: (() => number) | undefined;
    const result = await rehearsal.preview({ onStart: (pid) => (memory = watchProgramMemory(pid)) });
    const bytes = memory?.() ?? 0;
    assertWell("preview", result);
    if (bytes === 0) throw new Error("the program's process was not seen");
    return { seconds: result.seconds, bytes };
}

function assertWell(what: string, { exitCode, stdout, stderr }: { exitCode: number; stdout: string; stderr: string }) {
    if (exitCode !== 0) throw new Error(`${what} ended with ${exitCode}\n${stdout.slice(-3000)}${stderr.slice(-2000)}`);
}

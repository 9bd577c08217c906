import assert from "node:assert/strict";
import { cp, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Cloud } from "../../rehearsal/azure/state/cloud";
import { type ControlPlane, startControlPlane } from "../../rehearsal/controlPlane";
import { Rehearsal, killTree, temporaryRunFolder } from "../../rehearsal/engine";
import { resourceId } from "../../recovery/resourceIds";
import { engineProcesses, inherited } from "../../recovery/orphans";
import { type RunPulumi, recover } from "../../recovery/recover";
import { proof } from "./proof";

const root = resolve(__dirname, "../..");
const moments = 6;

/** What a killed `up` of staging leaves behind, and whether one command and another `up` make it whole. */
describe("a deployment that is killed", function () {
    this.timeout(15 * 60_000);

    /** A run folder in which the foundation is deployed, and nothing else; every environment begins with a copy. */
    let founded: string;
    const begun = new Set<Environment>();

    before(async () => {
        founded = await temporaryRunFolder("foundation");
        const program = join(root, "foundation");
        const foundation = await new Rehearsal({ program, stack: "shared", runFolder: founded }).up();
        assert.equal(foundation.exitCode, 0, foundation.stdout + foundation.stderr);
    });
    // An environment ends itself, but for one that could not.
    after(async () => {
        for (const environment of begun) await environment.end();
        if (founded) await rm(founded, { recursive: true, force: true, maxRetries: 3 });
    });

    /** Whatever comes of the work, nothing stays of the environment. */
    async function within<T>(work: (environment: Environment) => Promise<T>): Promise<T> {
        const environment = new Environment(await temporaryRunFolder("staging"));
        begun.add(environment);
        try {
            await environment.begin(founded);
            return await work(environment);
        } finally {
            await environment.end();
            begun.delete(environment);
        }
    }

    proof(
        `crash: killed at ${moments} moments, one command brings it back, and the next up completes it`,
        async (figures) => {
            const steps = await within(async (environment) => {
                const whole = await environment.rehearsal.up();
                assert.equal(whole.exitCode, 0, whole.stdout + whole.stderr);
                await environment.isWhole(whole.changes.create);
                await environment.idsFollowFromInputs();
                return whole.changes.create;
            });

            const recovered: Recovered[] = [];
            await twoAtATime(moments, (index) =>
                within(async (environment) => {
                    const moment = index + 1;
                    // Every other time the plugins die with the engine, as when the machine goes; else they are left behind.
                    const afterSteps = Math.ceil((steps * moment) / (moments + 1));
                    await environment.killWhileItCreates(afterSteps, moment % 2 === 0);
                    if (moment === 1) await environment.aPlainSecondUpFails();
                    recovered[index] = await environment.bringBack();
                    const next = await environment.rehearsal.up();
                    assert.equal(next.exitCode, 0, next.stdout + next.stderr);
                    await environment.isWhole(steps);
                }),
            );
            const adopted = recovered.map((one) => one.adopted);
            const cleared = recovered.map((one) => one.cleared);
            const recoverSeconds = recovered.map((one) => one.seconds);
            Object.assign(figures, { resources: steps, moments, adopted, cleared, recoverSeconds });
            const sum = [...adopted, ...cleared].reduce((all, one) => all + one, 0);
            assert.ok(sum > 0, "no kill met a creation under way: this proves nothing");
        },
    );
});

/** One environment waits where another computes. Returns when none is at work any more, also when one failed. */
async function twoAtATime(count: number, work: (index: number) => Promise<void>): Promise<void> {
    let next = 0;
    const lane = async (): Promise<void> => {
        try {
            while (next < count) await work(next++);
        } catch (error) {
            next = count;
            throw error;
        }
    };
    const failed = (await Promise.allSettled([lane(), lane()])).find(({ status }) => status === "rejected");
    if (failed) throw (failed as PromiseRejectedResult).reason;
}

interface Recovered {
    adopted: number;
    cleared: number;
    seconds: number;
}

/** A staging of its own: cloud, state and cluster. */
class Environment {
    readonly rehearsal: Rehearsal;
    private controlPlane: ControlPlane | undefined;
    /** IDs of what was there before: the foundation's. */
    private earlier = new Set<string>();

    constructor(private readonly runFolder: string) {
        this.rehearsal = new Rehearsal({ program: root, stack: "staging", checkpoints: true, runFolder });
    }

    async begin(founded: string): Promise<void> {
        await cp(founded, this.runFolder, { recursive: true, verbatimSymlinks: true });
        this.earlier = new Set(this.inAzure());
        assert.ok(this.earlier.size > 10, "the foundation is there");
        this.controlPlane = await startControlPlane(join(this.runFolder, "cluster"));
    }

    async end(): Promise<void> {
        await this.controlPlane?.stop();
        await this.rehearsal.remove();
    }

    async killWhileItCreates(afterSteps: number, pluginsToo: boolean): Promise<void> {
        let engine = 0;
        let made = 0;
        const killed = new Rehearsal({
            program: root,
            stack: "staging",
            checkpoints: true,
            runFolder: this.runFolder,
            onEvent: (event) => {
                if (event.resourcePreEvent?.metadata.op !== "create" || ++made !== afterSteps) return;
                if (pluginsToo) void killTree(engine);
                else process.kill(engine, "SIGKILL");
            },
        });
        const up = await killed.up({ onStart: (pid) => (engine = pid) });
        assert.equal(up.exitCode, 137, `the engine was to die at creation ${afterSteps}: ${up.stdout}${up.stderr}`);
    }

    async aPlainSecondUpFails(): Promise<void> {
        const locked = await this.rehearsal.up();
        assert.notEqual(locked.exitCode, 0);
        assert.match(locked.stderr + locked.stdout, /locked by 1 lock/);
    }

    async bringBack(): Promise<Recovered> {
        const pulumi: RunPulumi = async (args) => {
            const { exitCode, stdout, stderr } = await this.rehearsal.pulumi([...args, "--stack", "staging"]);
            if (exitCode !== 0) throw new Error(stderr || stdout);
            return stdout;
        };
        const belongs = inherited("MAINSTAY_REHEARSAL", this.runFolder);
        const started = performance.now();
        const facts = { subscriptionId: this.cloud()[0]?.split("/")[2] };
        const { adopted, cleared } = await recover({
            pulumi,
            belongs,
            facts,
            say: () => {},
        });
        const seconds = Math.round((performance.now() - started) / 100) / 10;
        assert.deepEqual(
            engineProcesses(belongs),
            { engines: [], orphans: [] },
            "a process of the killed engine is still there",
        );
        return { adopted: adopted.length, cleared: cleared.length, seconds };
    }

    /** Nothing lost, nothing doubled, nothing that only one side knows. */
    async isWhole(steps: number): Promise<void> {
        const { resources = [], pending_operations: pending = [] } = (await this.rehearsal.state()).deployment;
        assert.deepEqual(pending, []);
        const urns = resources.map(({ urn }) => urn);
        assert.equal(new Set(urns).size, urns.length, "a resource stands twice in the state");
        assert.equal(urns.filter((urn) => !urn.includes("::pulumi:providers:")).length, steps);
        const ofAzure = resources.filter(({ type }) => type.startsWith("azure-native:"));
        const ids = ofAzure.map(({ id }) => id!.toLowerCase()); // ARM's have no case
        assert.deepEqual(ids.sort(), this.cloud(), "state and cloud differ");
        const again = await this.rehearsal.preview();
        assert.deepEqual(Object.keys(again.changes), ["same"], again.stdout);
    }

    /** What recovery reckons is what the resources have, for every type that the platform uses. */
    async idsFollowFromInputs(): Promise<void> {
        const { resources = [] } = (await this.rehearsal.state()).deployment;
        // Of random and tls nothing exists outside the state: there is no ID to be reckoned.
        const made = resources.filter(({ id, type }) => id && !/^(pulumi:providers|random|tls):/.test(type));
        const reckoned = made.map(({ type, inputs = {} }) => resourceId(type, inputs, this.cloud()[0].split("/")[2]));
        assert.deepEqual(
            reckoned.map((id) => id?.toLowerCase()),
            made.map(({ id }) => id?.toLowerCase()),
        );
    }

    /** IDs of all that the environment has in the simulated Azure. */
    private cloud(): string[] {
        return this.inAzure().filter((id) => !this.earlier.has(id));
    }

    private inAzure(): string[] {
        return new Cloud(join(this.runFolder, "azure"))
            .all()
            .map(({ id }) => id.toLowerCase())
            .sort();
    }
}

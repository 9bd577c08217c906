import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { Cloud } from "../../rehearsal/azure/state/cloud";
import { type ControlPlane, startControlPlane } from "../../rehearsal/controlPlane";
import { Rehearsal, killTree, temporaryRunFolder } from "../../rehearsal/engine";
import { resourceId } from "../../recovery/resourceIds";
import { engineProcesses, inherited } from "../../recovery/orphans";
import { type RunPulumi, recover } from "../../recovery/recover";
import { type Figures, proof } from "./proof";

const root = resolve(__dirname, "../..");
const moments = 6;

/** What a killed `up` of staging leaves behind, and whether one command and another `up` make it whole. */
describe("a deployment that is killed", function () {
    this.timeout(15 * 60_000);

    let rehearsal: Rehearsal;
    let controlPlane: ControlPlane | undefined;
    /** IDs of what was there before: the foundation's. */
    let earlier = new Set<string>();

    /** A cloud and a cluster with nothing in them yet. */
    async function begin(): Promise<void> {
        const runFolder = await temporaryRunFolder("staging");
        rehearsal = new Rehearsal({ program: root, stack: "staging", checkpoints: true, runFolder });
        const foundation = await new Rehearsal({ program: join(root, "foundation"), stack: "shared", runFolder }).up();
        assert.equal(foundation.exitCode, 0, foundation.stdout + foundation.stderr);
        earlier = new Set(inAzure());
        controlPlane = await startControlPlane(join(rehearsal.runFolder!, "cluster"));
    }
    async function end(): Promise<void> {
        await controlPlane?.stop();
        await rehearsal?.remove();
        controlPlane = undefined;
    }
    afterEach(end);

    proof(
        `crash: killed at ${moments} moments, one command brings it back, and the next up completes it`,
        async (figures) => {
            await begin();
            const whole = await rehearsal.up();
            assert.equal(whole.exitCode, 0, whole.stdout + whole.stderr);
            const steps = whole.changes.create;
            await isWhole(steps);
            await idsFollowFromInputs();
            await end();
            Object.assign(figures, { resources: steps, moments, adopted: [], cleared: [], recoverSeconds: [] });

            for (let moment = 1; moment <= moments; moment++) {
                await begin();
                // Every other time the plugins die with the engine, as when the machine goes; else they are left behind.
                await killWhileItCreates(Math.ceil((steps * moment) / (moments + 1)), moment % 2 === 0);
                if (moment === 1) await aPlainSecondUpFails();
                await bringBack(figures);
                const next = await rehearsal.up();
                assert.equal(next.exitCode, 0, next.stdout + next.stderr);
                await isWhole(steps);
                await end();
            }
            const sum = (name: string) => (figures[name] as number[]).reduce((all, one) => all + one, 0);
            assert.ok(sum("adopted") + sum("cleared") > 0, "no kill met a creation under way: this proves nothing");
        },
    );

    async function killWhileItCreates(afterSteps: number, pluginsToo: boolean): Promise<void> {
        let engine = 0;
        let made = 0;
        const killed = new Rehearsal({
            program: root,
            stack: "staging",
            checkpoints: true,
            runFolder: rehearsal.runFolder,
            onEvent: (event) => {
                if (event.resourcePreEvent?.metadata.op !== "create" || ++made !== afterSteps) return;
                if (pluginsToo) void killTree(engine);
                else process.kill(engine, "SIGKILL");
            },
        });
        const up = await killed.up({ onStart: (pid) => (engine = pid) });
        assert.equal(up.exitCode, 137, `the engine was to die at creation ${afterSteps}: ${up.stdout}${up.stderr}`);
    }

    async function aPlainSecondUpFails(): Promise<void> {
        const locked = await rehearsal.up();
        assert.notEqual(locked.exitCode, 0);
        assert.match(locked.stderr + locked.stdout, /locked by 1 lock/);
    }

    async function bringBack(figures: Figures): Promise<void> {
        const pulumi: RunPulumi = async (args) => {
            const { exitCode, stdout, stderr } = await rehearsal.pulumi([...args, "--stack", "staging"]);
            if (exitCode !== 0) throw new Error(stderr || stdout);
            return stdout;
        };
        const belongs = inherited("MAINSTAY_REHEARSAL", rehearsal.runFolder!);
        const started = performance.now();
        const facts = { subscriptionId: cloud()[0]?.split("/")[2] };
        const { adopted, cleared } = await recover({
            pulumi,
            belongs,
            facts,
            say: () => {},
        });
        (figures.recoverSeconds as number[]).push(Math.round((performance.now() - started) / 100) / 10);
        (figures.adopted as number[]).push(adopted.length);
        (figures.cleared as number[]).push(cleared.length);
        assert.deepEqual(
            engineProcesses(belongs),
            { engines: [], orphans: [] },
            "a process of the killed engine is still there",
        );
    }

    /** Nothing lost, nothing doubled, nothing that only one side knows. */
    async function isWhole(steps: number): Promise<void> {
        const { resources = [], pending_operations: pending = [] } = (await rehearsal.state()).deployment;
        assert.deepEqual(pending, []);
        const urns = resources.map(({ urn }) => urn);
        assert.equal(new Set(urns).size, urns.length, "a resource stands twice in the state");
        assert.equal(urns.filter((urn) => !urn.includes("::pulumi:providers:")).length, steps);
        const ofAzure = resources.filter(({ type }) => type.startsWith("azure-native:"));
        const ids = ofAzure.map(({ id }) => id!.toLowerCase()); // ARM's have no case
        assert.deepEqual(ids.sort(), cloud(), "state and cloud differ");
        const again = await rehearsal.preview();
        assert.deepEqual(Object.keys(again.changes), ["same"], again.stdout);
    }

    /** What recovery reckons is what the resources have, for every type that the platform uses. */
    async function idsFollowFromInputs(): Promise<void> {
        const { resources = [] } = (await rehearsal.state()).deployment;
        // Of random and tls nothing exists outside the state: there is no ID to be reckoned.
        const made = resources.filter(({ id, type }) => id && !/^(pulumi:providers|random|tls):/.test(type));
        const reckoned = made.map(({ type, inputs = {} }) => resourceId(type, inputs, cloud()[0].split("/")[2]));
        assert.deepEqual(
            reckoned.map((id) => id?.toLowerCase()),
            made.map(({ id }) => id?.toLowerCase()),
        );
    }

    /** IDs of all that the environment has in the simulated Azure. */
    function cloud(): string[] {
        return inAzure().filter((id) => !earlier.has(id));
    }

    function inAzure(): string[] {
        return new Cloud(join(rehearsal.runFolder!, "azure"))
            .all()
            .map(({ id }) => id.toLowerCase())
            .sort();
    }
});

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Rehearsal, type CommandResult, type RehearsalOptions } from "../../rehearsal/engine";
import { breaches } from "./breaches";
import { goodProgram } from "./goodProgram";
import { AGREEABLE, familyOf, programOf, type Resource } from "./program";
import { rules } from "../../policy/rules";

const pack = join(__dirname, "..", "..", "policy");
const agreeable = ["azure-native", "kubernetes", "tls"].map((name) => ({
    name,
    version: AGREEABLE,
    main: join(__dirname, "agreeable", "provider.ts"),
}));

describe("the policy pack in the real engine", function () {
    this.timeout(120_000);
    const rehearsals: Rehearsal[] = [];

    before(() => void execFileSync(process.execPath, [join(pack, "build.mjs")], { stdio: "inherit" }));
    after(() => Promise.all(rehearsals.map((rehearsal) => rehearsal.remove())));

    function rehearse(resources: Resource[], options: Partial<RehearsalOptions> = {}): Rehearsal {
        const rehearsal = new Rehearsal({
            program: programOf(resources),
            policyPacks: [pack],
            providers: agreeable,
            ...options,
        });
        rehearsals.push(rehearsal);
        return rehearsal;
    }

    describe("passes a good program", () => {
        let preview: CommandResult;
        let up: CommandResult;

        before(async () => {
            const rehearsal = rehearse(goodProgram);
            preview = await rehearsal.preview();
            up = await rehearsal.up();
        });

        it("in the preview, with nothing found and nothing left open", () => {
            assert.deepEqual(named(preview.violations), []);
            assert.deepEqual(named(preview.undecided), []);
            assert.equal(preview.exitCode, 0, preview.stdout + preview.stderr);
        });

        it("in the deployment, with nothing found and nothing left open", () => {
            assert.deepEqual(named(up.violations), []);
            assert.deepEqual(named(up.undecided), []);
            assert.equal(up.exitCode, 0, up.stdout + up.stderr);
        });

        it("and every rule gives evidence, from what it concerns and nothing else", () => {
            for (const result of [preview, up]) {
                const evidence = new Map<string, string[]>();
                for (const { rule, urn } of result.evaluations) {
                    evidence.set(rule, [...(evidence.get(rule) ?? []), urn ? nameOf(urn) : "the stack"]);
                }
                for (const rule of rules) {
                    const expected = rule.scope === "stack" ? ["the stack"] : concernedBy(rule);
                    assert.deepEqual((evidence.get(rule.name) ?? []).sort(), expected, rule.name);
                }
            }
        });
    });

    describe("refuses", () => {
        const broken = breaches.map((breach, index) => {
            const prefix = `${index}-`;
            const family = familyOf(goodProgram, breach.of, prefix);
            breach.breaks(family.find((resource) => resource.name === `${prefix}${breach.of}`)!.props);
            return { ...breach, family, expected: `${breach.rule}: ${prefix}${breach.offender ?? breach.of}` };
        });
        let preview: CommandResult;

        before(async () => {
            const together = broken.filter((breach) => !breach.alone);
            preview = await rehearse([...goodProgram, ...together.flatMap((breach) => breach.family)]).preview();
        });

        for (const breach of broken.filter((breach) => !breach.alone)) {
            it(`${breach.rule}: ${breach.of} ${describing(breach.breaks)}`, () => {
                assert.ok(named(preview.violations).includes(breach.expected), `not found: ${breach.expected}`);
            });
        }

        it("nothing besides, and says of each how it is enforced", () => {
            const expected = broken.filter((breach) => !breach.alone).map((breach) => breach.expected);
            assert.deepEqual(named(preview.violations), expected.sort());
            const levels = new Map(rules.map((rule) => [rule.name, rule.enforcement]));
            for (const { rule, level } of preview.violations) assert.equal(level, levels.get(rule), rule);
            assert.notEqual(preview.exitCode, 0);
        });

        for (const breach of broken.filter((breach) => breach.alone)) {
            it(`${breach.rule}: ${breach.of} ${describing(breach.breaks)}`, async () => {
                const resources = structuredClone(goodProgram);
                breach.breaks(resources.find((resource) => resource.name === breach.of)!.props);
                const alone = await rehearse(resources).preview();
                assert.ok(named(alone.violations).includes(`${breach.rule}: ${breach.offender ?? breach.of}`));
            });
        }

        it("and no rule is without a program that breaks it", () => {
            const broken = new Set(breaches.map((breach) => breach.rule));
            const unbroken = rules.map((rule) => rule.name).filter((rule) => !broken.has(rule));
            // An SDK of another API version is not installed here: test/unit/policy.test.ts has that one. What is replaced
            // has to be there first: replacedMachines.test.ts.
            assert.deepEqual(unbroken.sort(), ["control-plane-one-at-a-time", "judged-api-versions"]);
        });
    });

    describe("leaves to the deployment what a preview cannot know", () => {
        let preview: CommandResult;
        let up: CommandResult;

        before(async () => {
            const resources = structuredClone(goodProgram);
            const cluster = resources.find(({ name }) => name === "cluster")!;
            // Known once the group is there, and then not `true`.
            cluster.props.disableLocalAccounts = { ref: "group" };
            const rehearsal = rehearse(resources);
            preview = await rehearsal.preview();
            up = await rehearsal.up();
        });

        it("and says so of that one rule alone", () => {
            assert.deepEqual(named(preview.undecided), ["local-accounts-disabled: cluster"]);
            assert.deepEqual(named(preview.violations), []);
            assert.equal(preview.exitCode, 0);
        });

        it("which then refuses the resource before it is made", () => {
            assert.deepEqual(named(up.undecided), []);
            assert.ok(named(up.violations).includes("local-accounts-disabled: cluster"));
            assert.notEqual(up.exitCode, 0);
            const made = up.events.flatMap(({ resOutputsEvent }) => resOutputsEvent?.metadata.urn ?? []).map(nameOf);
            assert.ok(made.includes("group"));
            assert.ok(!made.includes("cluster"));
        });
    });

    it("asks for what a stack's own file says, and enforces as it says", async () => {
        const folder = await mkdtemp(join(tmpdir(), "mainstay-policy-"));
        try {
            const settings = join(folder, "settings.json");
            const asked = { "required-tags": { enforcementLevel: "advisory", tags: ["owner", "cost-center"] } };
            await writeFile(settings, JSON.stringify(asked));
            const group = goodProgram.filter(({ name }) => name === "group");
            const preview = await rehearse(group, { policyPackConfigs: [settings] }).preview();
            assert.deepEqual(named(preview.violations), ["required-tags: group"]);
            assert.match(preview.violations[0].message, /given no cost-center; allowed: owner, cost-center/);
            assert.equal(preview.violations[0].level, "advisory");
            assert.equal(preview.exitCode, 0);
        } finally {
            await rm(folder, { recursive: true });
        }
    });
});

/** `rule: resource`, sorted. */
function named(violations: { rule: string; urn?: string }[]): string[] {
    return violations.map(({ rule, urn }) => `${rule}: ${urn ? nameOf(urn) : "the stack"}`).sort();
}

function nameOf(urn: string): string {
    return urn.split("::").at(-1)!;
}

const clusters = ["cluster", "public-cluster"];
const systemPools = ["system-more"];
const userPools = ["user-1", "user-2", "user-3", "user-more"];
const workers = ["workers-1", "workers-2", "workers-3"];

/** Resources of a rule's kinds about which it has nothing to say all the same. */
const notConcerned: Record<string, string[]> = {
    "api-connections-reset": ["balancer"],
    "api-probe": ["balancer"],
    "api-server-ranges-narrow": ["cluster"],
    "default-account-tokens-unmounted": ["own-account", "replicas-patch"],
    "entra-sign-in": ["machine"],
    "etcd-snapshots-scheduled": ["machine"],
    "images-by-digest": ["replicas-patch"],
    "judged-api-versions": goodProgram.map(({ name }) => name),
    "namespaces-restricted": ["namespace-patch"],
    "scale-sets-autoscaled": ["machines"],
    "scale-sets-repaired": ["machines"],
    "scale-sets-rolling": ["machines"],
    "scale-sets-zonal": ["machines"],
    "subnets-guarded": ["network", "firewall-subnet"],
    "system-pool-across-zones": userPools,
    "system-pool-nodes": userPools,
    "system-pool-tainted": userPools,
    "system-scale-sets-tainted": ["machines", ...workers],
    "user-pools-autoscaled": [...clusters, ...systemPools],
    "user-pools-zonal": [...clusters, ...systemPools],
};

/** The good program's resources that a rule judges. */
function concernedBy(rule: { name: string; kinds: string[] }): string[] {
    return goodProgram
        .filter(({ type, name }) => rule.kinds.includes(type) && !notConcerned[rule.name]?.includes(name))
        .map(({ name }) => name)
        .sort();
}

function describing(breaks: (props: never) => void): string {
    return breaks
        .toString()
        .replace(/^\(?p\)? => /, "")
        .replace(/\s+/g, " ")
        .slice(0, 70);
}

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EngineEvent, PolicyEvent } from "../../rehearsal/engine";
import { summarize } from "../../rehearsal/engine/summary";
import {
    buildReport,
    expectedUndecided,
    ITEMS,
    problemsOf,
    readCatalogue,
    readUnjudged,
    renderTable,
    type Catalogue,
    type Observed,
    type Report,
} from "../../rehearsal/report";
import recorded from "./report.recorded.json";

// Events of a rehearsal of staging (engine 3.246, the pack of that day), less what no report reads.
const { preview, up, catalogue } = recorded as unknown as {
    preview: EngineEvent[];
    up: EngineEvent[];
    catalogue: Catalogue;
};

/** What that rehearsal's preview could not decide. */
const type = "azure-native:containerservice:ManagedCluster";
const expected = ["network-policy-engine", "standard-load-balancer"].map((rule) => ({ rule, type, why: "a test's" }));

const report = (changes: Partial<Observed> = {}): Report =>
    buildReport({
        stack: "staging",
        cluster: "aks",
        seconds: 12.345,
        preview: summarize(preview),
        up: summarize(up),
        deployed: true,
        unjudged: [],
        catalogue,
        expected,
        ...changes,
    });
const line = (item: string, of: Report) => of.checklist.find((line) => line.item === item)!;

const cluster =
    "urn:pulumi:staging::mainstay::mainstay:index:AksCluster$azure-native:containerservice:ManagedCluster::cluster-aks";
const access = "access by group from Entra ID, never by user";
const violation = (rule: string, enforcementLevel: string): EngineEvent => ({
    sequence: 1e6,
    timestamp: 0,
    policyEvent: {
        resourceUrn: cluster,
        message: `<{%reset%}>${rule} is broken<{%reset%}>`,
        policyName: rule,
        policyPackName: "mainstay",
        policyPackVersionTag: "0.1.0",
        enforcementLevel,
    },
});

describe("a report of recorded events", () => {
    it("counts resources as the engine does, and verdicts where a rule concerned a resource", () => {
        const { stack, cluster, seconds, resources, policies } = report();
        assert.deepEqual({ stack, cluster, seconds }, { stack: "staging", cluster: "aks", seconds: 12.3 });
        assert.deepEqual(resources, { create: 37, update: 0, delete: 0, replace: 0, same: 0 });
        assert.equal(policies.rules, Object.keys(catalogue.rules).length);
        const verdicts = up.flatMap(({ policyAnalyzeSummaryEvent, policyAnalyzeStackSummaryEvent }) => {
            const event = policyAnalyzeSummaryEvent ?? policyAnalyzeStackSummaryEvent;
            return [...(event?.passed ?? []), ...(event?.failed ?? [])];
        });
        assert.ok(verdicts.length > 50);
        assert.equal(policies.evaluations, verdicts.length);
    });

    it("names the checklist's items in their order, each backup tool a line of its own", () => {
        assert.deepEqual(
            report().checklist.map(({ item }) => item),
            [...ITEMS],
        );
    });

    it("calls an item met where a rule of it passed, with the resources that show it", () => {
        const { status, evidence } = line(access, report());
        assert.equal(status, "met");
        assert.ok(evidence.includes(cluster));
        assert.equal(new Set(evidence).size, evidence.length);
    });

    it("calls no item met that awaits rules, or that nothing shows", () => {
        const network = line("network policies between pods", report());
        assert.equal(network.status, "not met");
        assert.ok(network.evidence.length > 0);
        assert.ok(network.awaits);
        assert.deepEqual(line("scheduled snapshots through cron jobs", report()).status, "not met");
        for (const { item, status, evidence } of report({ catalogue: undefined }).checklist) {
            assert.ok(status === "not met" || status === "not in use", item);
            assert.deepEqual(evidence, []);
        }
    });

    it("calls a backup tool that nothing concerns not in use", () => {
        for (const tool of ["Velero", "Kasten K10", "Rancher backup", "AWS EBS snapshots", "pg_dump", "mysqldump"]) {
            assert.equal(line(tool, report()).status, "not in use", tool);
        }
    });

    it("calls no item met without a deployment that went through", () => {
        for (const observed of [{ up: undefined, deployed: false }, { deployed: false }]) {
            const { checklist } = report(observed);
            assert.equal(checklist.filter(({ status }) => status === "met").length, 0);
            assert.equal(line(access, report(observed)).status, "undecided");
        }
    });

    it("takes the resources of its kinds for evidence where a rule passed on the stack as a whole", () => {
        const rule = "user-pools-cover-zones";
        assert.equal(catalogue.rules[rule].scope, "stack");
        const only: Catalogue = { ...catalogue, items: [{ item: "zones", rules: [rule] }] };
        const { status, evidence } = line("zones", report({ catalogue: only }));
        assert.equal(status, "met");
        assert.ok(evidence.length > 0);
        assert.ok(evidence.every((urn) => catalogue.rules[rule].kinds!.some((kind) => urn.includes(kind))));

        const elsewhere: Catalogue = {
            ...only,
            rules: { [rule]: { ...catalogue.rules[rule], kinds: ["azure-native:batch:Pool"] } },
        };
        assert.equal(line("zones", report({ catalogue: elsewhere })).status, "not met");
    });

    for (const level of ["mandatory", "advisory"]) {
        it(`calls an item not met of which an ${level} rule is violated, and names the finding`, () => {
            const broken = report({ up: summarize([...up, violation("local-accounts-disabled", level)]) });
            assert.equal(line(access, broken).status, "not met");
            const findings = broken.policies[level as "mandatory" | "advisory"];
            assert.deepEqual(findings, [
                { rule: "local-accounts-disabled", urn: cluster, message: "local-accounts-disabled is broken" },
            ]);
            const problems = problemsOf(broken);
            if (level === "mandatory") {
                assert.deepEqual(problems, ["local-accounts-disabled is violated by ManagedCluster cluster-aks"]);
            } else assert.deepEqual(problems, []);
        });
    }

    it("says a finding of preview and up once", () => {
        const event = violation("local-accounts-disabled", "advisory");
        const broken = report({ preview: summarize([...preview, event]), up: summarize([...up, event]) });
        assert.equal(broken.policies.advisory.length, 1);
    });

    it("says of each rule that the preview could not decide what the up said", () => {
        const { undecided } = report().policies;
        assert.deepEqual(
            undecided.map(({ rule, urn, decidedByUp, expected }) => ({ rule, urn, decidedByUp, expected })),
            [
                { rule: "network-policy-engine", urn: cluster, decidedByUp: "passed", expected: true },
                { rule: "standard-load-balancer", urn: cluster, decidedByUp: "passed", expected: true },
            ],
        );
        assert.match(undecided[0].message, /^can't run policy 'network-policy-engine'/);
        assert.deepEqual(problemsOf(report()), []);

        const decided = (events: EngineEvent[]) => report({ up: summarize(events) }).policies.undecided[0].decidedByUp;
        assert.equal(decided([...up, violation("network-policy-engine", "mandatory")]), "violated");
        const without = up.map((event) =>
            event.policyAnalyzeSummaryEvent?.resourceUrn === cluster
                ? { ...event, policyAnalyzeSummaryEvent: { ...event.policyAnalyzeSummaryEvent, passed: [] } }
                : event,
        );
        assert.equal(decided(without), "not applicable");
        assert.equal(decided([]), "no");
        assert.equal(report({ up: undefined, deployed: false }).policies.undecided[0].decidedByUp, "no");
    });

    it("fails where something undecided is not listed for that type, even if the up decided it", () => {
        const problems = problemsOf(report({ expected: [] }));
        assert.equal(problems.length, 2);
        assert.match(problems[0], /^network-policy-engine could not be decided .*cluster-aks \(the up: passed\)/);
        const elsewhere = [{ rule: "network-policy-engine", type: "azure-native:network:Subnet", why: "" }];
        assert.equal(problemsOf(report({ expected: elsewhere })).length, 2);
    });

    it("leaves an item undecided whose rule neither preview nor up decided", () => {
        const still = preview.filter(({ policyEvent }) => policyEvent) as (EngineEvent & {
            policyEvent: PolicyEvent;
        })[];
        const undecided = report({ up: summarize([...up, ...still]) });
        assert.equal(undecided.policies.undecided[0].decidedByUp, "no");
        assert.equal(line("cloud load balancer across them", undecided).status, "undecided");
    });

    it("counts a rule that could not be run as no verdict", () => {
        const { evaluations } = summarize(preview);
        assert.ok(!evaluations.some(({ rule, urn }) => rule === "network-policy-engine" && urn === cluster));
    });

    it("is shown in a hundred columns, whatever it says", () => {
        const long = "word ".repeat(80);
        const shown = renderTable(
            report({
                unjudged: [{ urn: cluster, what: "Release x", why: long }],
                up: summarize([...up, violation("local-accounts-disabled", "mandatory")]),
            }),
        );
        for (const row of shown.split("\n")) assert.ok(row.length <= 100, row);
        assert.match(shown, /resources +37 create/);
        assert.match(shown, /✗ access by group from Entra ID, never by user +not met/);
        assert.match(shown, /local-accounts-disabled \(ManagedCluster cluster-aks\)/);
        assert.match(shown, /Release x/);
    });
});

describe("what a report is made from", () => {
    let folder: string;
    before(async () => {
        folder = await mkdtemp(join(tmpdir(), "mainstay-report-test-"));
    });
    after(() => rm(folder, { recursive: true, force: true }));

    it("are lines of what nothing judged, each once, also when the last was cut off", async () => {
        const one = { urn: cluster, what: "a", why: "b" };
        assert.deepEqual(await readUnjudged(folder), []);
        await writeFile(join(folder, "unjudged.jsonl"), `${JSON.stringify(one)}\n${JSON.stringify(one)}\n{"urn": "hal`);
        const unjudged = await readUnjudged(folder);
        assert.deepEqual(report({ unjudged }).unjudged, [one]);
    });

    it("is a catalogue, which a pack may lack but not break", async () => {
        assert.equal(await readCatalogue(folder), undefined);
        await writeFile(join(folder, "catalogue.json"), "{");
        await assert.rejects(readCatalogue(folder), /catalogue\.json is not JSON/);
    });

    it("is a list of expected undecided rules, each with its reason and known to the pack", async () => {
        const pack = (await readCatalogue(join(__dirname, "../../policy")))!;
        for (const { rule, type, why } of expectedUndecided) {
            assert.ok(rule in pack.rules, rule);
            assert.ok(!type || pack.rules[rule].kinds?.includes(type), `${rule} does not judge ${type}`);
            assert.ok(why.length > 20);
        }
    });

    it("is a catalogue of this project's pack whose items are the report's", async () => {
        const pack = (await readCatalogue(join(__dirname, "../../policy")))!;
        assert.deepEqual(
            pack.items.map(({ item }) => item).filter((item) => !(ITEMS as readonly string[]).includes(item)),
            [],
        );
    });
});

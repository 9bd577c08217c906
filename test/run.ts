/*
 * Runs tiers of tests in order, each in processes of its own:
 *
 *     node rehearsal/setup.mjs test/run.ts [--counts FILE] [--only WORD] [--all] TIER…
 *
 * --counts FILE  writes {passed, failed, skipped, tiers} as JSON
 * --only WORD    only test files whose path holds the word
 * --all          proofs with every repetition, ten in place of three, and those that need one more large build
 */
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { parseArgs } from "node:util";
import { createProgress, duration } from "../rehearsal/progress";
import { ensureTools, toolNames } from "../rehearsal/toolchain";
import { check } from "./check";
import { nodeTools, reasonNoNodeTools } from "./proof/region/artifacts";
import { type Outcome, runMocha, runSideBySide, sumOf } from "./mocha";
import { reasonNotHere } from "./proof/region/supported";
import type { Counts } from "./reporter";

const tree = join(__dirname, "..");
const tiers = ["check", "unit", "policy", "rehearsal", "proof"] as const;
type Tier = (typeof tiers)[number];

interface TierResult extends Outcome {
    tier: Tier;
    seconds: number;
}

async function runCheck(): Promise<Counts> {
    const checked = await check();
    for (const { name, passed, seconds, output } of checked) {
        console.log(`  ${passed ? "✓" : "✗"} ${name}  ${duration(seconds * 1000)}`);
        if (output) console.log(output);
    }
    const passed = checked.filter((one) => one.passed).length;
    const failures = checked.filter((one) => !one.passed).map(({ name }) => name);
    return { passed, failed: failures.length, failures, skipped: [] };
}

/** Proofs that build something large of their own: Cilium's agent. They run for who asks for them: by --all, or by name. */
const large = join("test", "proof", "packets") + sep;

function testFiles(tier: Tier, only: string | undefined): string[] {
    const folder = join(tree, "test", tier);
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".test.ts"))
        .map((file) => relative(tree, join(folder, file)))
        .filter((file) => only === undefined || file.includes(only))
        .filter((file) => process.env.MAINSTAY_PROOF_ALL || only !== undefined || !file.startsWith(large))
        .sort();
}

const regionProofs = join("test", "proof", "region") + sep;
const enterRegion = ["bash", join(tree, regionProofs, "enter.sh")];

async function runTests(tier: Tier, only: string | undefined): Promise<Outcome> {
    const files = testFiles(tier, only);
    if (files.length === 0) return { ...sumOf([]), problem: `no test file in test/${tier}` };
    // A run of some leaves the figures of the others.
    if (tier === "proof" && only === undefined) rmSync(join(tree, "proof-report.json"), { force: true });
    const ofRegion = files.filter((file) => file.startsWith(regionProofs));
    const others = files.filter((file) => !file.startsWith(regionProofs));
    const runs: Outcome[] = [];
    if (others.length > 0) runs.push(await (tier === "rehearsal" ? runSideBySide(inOrder(others)) : runMocha(others)));
    if (ofRegion.length > 0) runs.push(...(await runRegionProofs(ofRegion)));
    return sumOf(runs);
}

/**
 * In namespaces of their own, where the machine has them; elsewhere they say why they are skipped. Proofs of a part, which are in its
 * folder, would meet the addresses and links that another has left; those of the whole share one region.
 */
async function runRegionProofs(files: string[]): Promise<Outcome[]> {
    const within = reasonNotHere() ? [] : enterRegion;
    // Made before: inside there is no network to fetch anything from.
    if (!reasonNotHere() && !(await reasonNoNodeTools())) await nodeTools();
    const ofWhole = files.filter((file) => dirname(file) + sep === regionProofs);
    const ofParts = files.filter((file) => !ofWhole.includes(file));
    const outcomes: Outcome[] = [];
    for (const together of [...ofParts.map((file) => [file]), ofWhole])
        if (together.length > 0) outcomes.push(await runMocha(together, within));
    return outcomes;
}

/** What takes longest begins first, so that no file runs alone at the end. The others are shorter, in any order. */
const longest = [
    "selfManagedChanges",
    "access.matrix",
    "stacks",
    "controlPlaneBoot.engine",
    "boot.controlPlane",
    "start",
    "changes",
    "engine",
    "kubernetesEngine",
    "boot.converge",
];

function inOrder(files: string[]): string[] {
    const isNamed = (name: string) => (file: string) => basename(file, ".test.ts") === name;
    const named = longest.flatMap((name) => files.filter(isNamed(name)));
    return [...named, ...files.filter((file) => !named.includes(file))];
}

/** Tiers whose tests run the engine or a cluster; making the tools inside a test would be more than its time. */
const withTools: readonly Tier[] = ["policy", "rehearsal", "proof"];

let toolsReady: Promise<unknown> | undefined;

async function runTier(tier: Tier, only: string | undefined): Promise<TierResult> {
    if (withTools.includes(tier)) await (toolsReady ??= ensureTools(toolNames, createProgress()));
    console.log(`\n── ${tier} ──`);
    const began = Date.now();
    const result: TierResult = {
        tier,
        seconds: 0,
        ...(tier === "check" ? await runCheck() : await runTests(tier, only)),
    };
    result.seconds = (Date.now() - began) / 1000;
    if (result.passed + result.failed === 0) result.problem ??= "not one test was executed";
    // What is wrong with the tier counts as a failed test, so that no sum hides it.
    if (result.problem) result.failed++;
    return result;
}

function summarize(results: TierResult[]): void {
    console.log("");
    for (const { tier, seconds, passed, failed, failures, skipped, problem } of results) {
        const counts = `${passed} passed, ${failed} failed, ${skipped.length} skipped`;
        console.log(`${failed ? "✗" : "✓"} ${tier.padEnd(10)} ${duration(seconds * 1000).padStart(6)}  ${counts}`);
        for (const title of failures) console.log(`    failed: ${title}`);
        if (problem) console.log(`    ${problem}`);
        if (process.env.CI) for (const { title, reason } of skipped) console.log(`    skipped: ${title}: ${reason}`);
    }
}

function isTier(name: string): name is Tier {
    return (tiers as readonly string[]).includes(name);
}

async function main(): Promise<void> {
    const { values, positionals } = parseArgs({
        allowPositionals: true,
        options: { counts: { type: "string" }, only: { type: "string" }, all: { type: "boolean" } },
    });
    if (values.all) process.env.MAINSTAY_PROOF_ALL = "1";
    const unknown = positionals.filter((name) => !isTier(name));
    if (unknown.length > 0 || positionals.length === 0) {
        throw new Error(`tiers are ${tiers.join(", ")}${unknown.length > 0 ? `; given: ${unknown.join(", ")}` : ""}`);
    }
    const asked = positionals.filter(isTier);
    const results: TierResult[] = [];
    for (const tier of asked) results.push(await runTier(tier, values.only));
    summarize(results);
    if (values.counts) writeFileSync(values.counts, JSON.stringify(total(results)));
    process.exitCode = results.some((result) => result.failed > 0) ? 1 : 0;
}

function total(results: TierResult[]): Record<"passed" | "failed" | "skipped", number> & { tiers: TierResult[] } {
    const sum = (count: (result: TierResult) => number): number => results.reduce((all, one) => all + count(one), 0);
    return {
        passed: sum((one) => one.passed),
        failed: sum((one) => one.failed),
        skipped: sum((one) => one.skipped.length),
        tiers: results,
    };
}

main().catch((error: Error) => {
    console.error(`mainstay: ${error.message}`);
    process.exitCode = 2;
});

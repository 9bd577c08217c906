import type { Summary, Violation } from "../engine";
import type { Catalogue } from "./catalogue";
import { judgeChecklist, type ChecklistLine } from "./checklist";
import type { ExpectedUndecided } from "./expected";

/** Something that was let through because nothing here can judge it. */
export interface Unjudged {
    urn: string;
    what: string;
    why: string;
}

export interface Finding {
    rule: string;
    /** Absent where a rule judges the whole stack. */
    urn?: string;
    message: string;
}

/** A rule that met an unknown value in the preview. */
export interface Undecided extends Finding {
    /** What the `up` said: `passed`, `violated`, `not applicable`; `no` where it did not come to say. */
    decidedByUp: "passed" | "violated" | "not applicable" | "no";
    /** Whether it is listed as expected (`expectedUndecided.json`). */
    expected: boolean;
}

/** The report file; docs/rehearsal.md describes it. */
export interface Report {
    stack: string;
    /** Kind of cluster, such as `aks`. */
    cluster: string;
    /** From the start of the preview to the end of the `up`. */
    seconds: number;
    /** Of the `up`; of the preview where it came to no `up`. */
    resources: Record<"create" | "update" | "delete" | "replace" | "same", number>;
    policies: {
        /** Rules in the pack. */
        rules: number;
        /** Verdicts, passed and failed, where a rule concerned the resource. */
        evaluations: number;
        mandatory: Finding[];
        advisory: Finding[];
        undecided: Undecided[];
    };
    unjudged: Unjudged[];
    checklist: ChecklistLine[];
}

export interface Observed {
    stack: string;
    cluster: string;
    seconds: number;
    preview: Summary;
    /** Absent where the preview failed or was stopped. */
    up?: Summary;
    /** Whether the `up` ended with 0. */
    deployed: boolean;
    unjudged: readonly Unjudged[];
    catalogue?: Catalogue;
    expected: readonly ExpectedUndecided[];
}

export function buildReport(observed: Observed): Report {
    const { preview, up, catalogue } = observed;
    const last = up ?? preview;
    const violations = distinct([...preview.violations, ...(up?.violations ?? [])]);
    const undecided = distinct([...preview.undecided, ...(up?.undecided ?? [])]);
    const stillOpen = undecided.filter((one) => decision(one, up) === "no");
    const count = (...ops: string[]) => ops.reduce((sum, op) => sum + (last.changes[op] ?? 0), 0);
    const findings = (mandatory: boolean) =>
        violations.filter(({ level }) => (level === "mandatory") === mandatory).map(finding);

    return {
        stack: observed.stack,
        cluster: observed.cluster,
        seconds: Math.round(observed.seconds * 10) / 10,
        resources: {
            create: count("create"),
            update: count("update"),
            delete: count("delete"),
            replace: count("replace"),
            same: count("same"),
        },
        policies: {
            rules: catalogue ? Object.keys(catalogue.rules).length : rulesSeen(preview, up),
            evaluations: last.evaluations.length,
            mandatory: findings(true),
            advisory: findings(false),
            undecided: undecided.map((one) => ({
                ...finding(one),
                decidedByUp: decision(one, up),
                expected: isExpected(one, observed.expected),
            })),
        },
        unjudged: distinctBy([...observed.unjudged], ({ urn, what, why }) => `${urn} ${what} ${why}`),
        checklist: judgeChecklist(catalogue, {
            evaluations: last.evaluations,
            violations,
            undecided: stillOpen,
            deployed: observed.deployed,
            resources: distinctBy(last.steps, ({ urn }) => urn),
        }),
    };
}

/** The rehearsal's own verdict, beside the engine's exit code. */
export function problemsOf(report: Report): string[] {
    const { mandatory, undecided } = report.policies;
    const unexpected = undecided.filter(({ expected }) => !expected);
    return [
        ...mandatory.map(({ rule, urn }) => `${rule} is violated${by(urn)}`),
        ...unexpected.map(
            ({ rule, urn, decidedByUp }) =>
                `${rule} could not be decided in the preview${by(urn)} (the up: ${decidedByUp}) and is not listed as expected`,
        ),
    ];
}

function by(urn: string | undefined): string {
    return urn ? ` by ${nameOf(urn)}` : "";
}

/** `ManagedCluster cluster-aks`, short of the URN's rest. */
export function nameOf(urn: string): string {
    const [, , types = "", ...name] = urn.split("::");
    return `${types.split(/[:$]/).at(-1)} ${name.join("::")}`;
}

function decision(one: Violation, up: Summary | undefined): Undecided["decidedByUp"] {
    if (!up) return "no";
    const same = (other: Violation) => other.rule === one.rule && other.pack === one.pack && other.urn === one.urn;
    if (up.undecided.some(same)) return "no";
    if (up.violations.some(same)) return "violated";
    // A stack rule's verdict names no resource, even where its finding does.
    const verdicts = up.evaluations.filter(
        ({ rule, pack, urn }) => rule === one.rule && pack === one.pack && (urn === undefined || urn === one.urn),
    );
    if (verdicts.length > 0) return verdicts.every(({ passed }) => passed) ? "passed" : "violated";
    // The pack judged the resource and the rule had nothing to say of it.
    const judged = one.urn === undefined ? up.stackJudged : up.judged.includes(one.urn);
    return judged ? "not applicable" : "no";
}

function isExpected(one: Violation, expected: readonly ExpectedUndecided[]): boolean {
    return expected.some(({ rule, type }) => rule === one.rule && (!type || type === typeOf(one.urn)));
}

function typeOf(urn: string | undefined): string | undefined {
    const types = urn?.split("::")[2];
    return types?.slice(types.lastIndexOf("$") + 1);
}

function finding({ rule, urn, message }: Violation): Finding {
    return urn ? { rule, urn, message } : { rule, message };
}

function distinct(violations: readonly Violation[]): Violation[] {
    return distinctBy(violations, ({ pack, rule, urn, level, message }) =>
        [pack, rule, urn, level, message].join("\0"),
    );
}

function distinctBy<T>(values: readonly T[], key: (value: T) => string): T[] {
    return [...new Map(values.map((value) => [key(value), value] as const).reverse()).values()].reverse();
}

function rulesSeen(preview: Summary, up: Summary | undefined): number {
    const all = [...preview.evaluations, ...(up?.evaluations ?? []), ...preview.undecided, ...preview.violations];
    return new Set(all.map(({ pack, rule }) => `${pack} ${rule}`)).size;
}

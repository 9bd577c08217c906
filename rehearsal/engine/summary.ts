import type { DiagnosticEvent, EngineEvent, PolicyEvent, StepMetadata } from "./events";

export interface Violation {
    rule: string;
    pack: string;
    level: string;
    /** Absent for a stack policy that names no resource. */
    urn?: string;
    message: string;
}

/** One rule that judged one resource (the whole stack where `urn` is absent). Rules that said `notApplicable` are not here. */
export interface Evaluation {
    rule: string;
    pack: string;
    urn?: string;
    passed: boolean;
}

/** What the engine's events say of one command. */
export interface Summary {
    /** Resources by operation, as the engine counts them: `{ create: 3, same: 1 }`. */
    changes: Record<string, number>;
    /** Each step, in order; the engine's own bookkeeping of a replacement is several. */
    steps: StepMetadata[];
    /** What the program, the engine and the providers said; without debugging, which shows secrets. */
    diagnostics: DiagnosticEvent[];
    /** What the packs found wrong. Rules that could not be run are in `undecided`. */
    violations: Violation[];
    /** Rules that met an unknown value: the engine lets them pass as an advisory “can't run policy”. */
    undecided: Violation[];
    evaluations: Evaluation[];
    /** Resources that a pack has looked at, whether or not a rule had anything to say. */
    judged: string[];
    /** Whether a pack has looked at the stack as a whole. */
    stackJudged: boolean;
}

const CANNOT_RUN = /^can't run policy '([^']*)' from policy pack '([^']*)'/;

export function summarize(events: readonly EngineEvent[]): Summary {
    const summary: Summary = {
        changes: {},
        steps: [],
        diagnostics: [],
        violations: [],
        undecided: [],
        evaluations: [],
        judged: [],
        stackJudged: false,
    };
    for (const event of events) {
        if (event.summaryEvent) summary.changes = event.summaryEvent.resourceChanges;
        if (event.resourcePreEvent) summary.steps.push(event.resourcePreEvent.metadata);
        const diagnostic = event.diagnosticEvent;
        if (diagnostic && !diagnostic.ephemeral && diagnostic.severity !== "debug") {
            summary.diagnostics.push({ ...diagnostic, message: plain(diagnostic.message) });
        }
        if (event.policyEvent) {
            const violation = toViolation(event.policyEvent);
            (CANNOT_RUN.test(plain(event.policyEvent.message)) ? summary.undecided : summary.violations).push(
                violation,
            );
        }
        const judged = event.policyAnalyzeSummaryEvent ?? event.policyAnalyzeStackSummaryEvent;
        if (judged) {
            const urn = event.policyAnalyzeSummaryEvent?.resourceUrn;
            const pack = judged.policyPackName;
            if (urn) summary.judged.push(urn);
            else summary.stackJudged = true;
            for (const rule of judged.passed ?? []) summary.evaluations.push({ rule, pack, urn, passed: true });
            for (const rule of judged.failed ?? []) summary.evaluations.push({ rule, pack, urn, passed: false });
        }
    }
    summary.evaluations = summary.evaluations.filter(
        (evaluation) => evaluation.passed || hasFailed(evaluation, summary),
    );
    return summary;
}

/** The engine counts a rule that could not be run as failed; it judged nothing. A stack rule's findings may name resources. */
function hasFailed({ rule, pack, urn }: Evaluation, { violations, undecided }: Summary): boolean {
    const isOfIt = (other: Violation) =>
        other.rule === rule && other.pack === pack && (urn === undefined || other.urn === urn);
    return violations.some(isOfIt) || !undecided.some(isOfIt);
}

function toViolation(event: PolicyEvent): Violation {
    const message = plain(event.message);
    return {
        // An undecided rule is named in its message too, which is the one that is sure.
        rule: CANNOT_RUN.exec(message)?.[1] ?? event.policyName,
        pack: event.policyPackName,
        level: event.enforcementLevel,
        urn: event.resourceUrn || undefined,
        message,
    };
}

/** The engine writes colours as `<{%reset%}>`, whatever `--color` says. */
function plain(message: string): string {
    return message.replaceAll(/<\{%.*?%\}>/g, "").trim();
}

// The engine's events, as `--event-log` writes them: the parts that are read here.
// Source: sdk/go/common/apitype/events.go of pulumi/pulumi 3.246.

export interface EngineEvent {
    sequence: number;
    /** Unix time in seconds. */
    timestamp: number;
    diagnosticEvent?: DiagnosticEvent;
    preludeEvent?: { config: Record<string, string> };
    summaryEvent?: SummaryEvent;
    resourcePreEvent?: { metadata: StepMetadata; planning?: boolean };
    resOutputsEvent?: { metadata: StepMetadata; planning?: boolean };
    resOpFailedEvent?: { metadata: StepMetadata; status: number; steps: number };
    policyEvent?: PolicyEvent;
    policyAnalyzeSummaryEvent?: PolicySummary & { resourceUrn: string };
    policyAnalyzeStackSummaryEvent?: PolicySummary;
    cancelEvent?: object;
}

export interface DiagnosticEvent {
    urn?: string;
    message: string;
    severity: "debug" | "info" | "info#err" | "warning" | "error";
    /** Progress, overwritten by the next line. */
    ephemeral?: boolean;
}

export interface SummaryEvent {
    durationSeconds: number;
    /** Resources by operation: `create`, `update`, `replace`, `delete`, `same`, `read`, … */
    resourceChanges: Record<string, number>;
}

export interface StepMetadata {
    /** `create`, `update`, `same`, `replace`, `create-replacement`, `delete-replaced`, `delete`, `read`, `import`, `refresh`, … */
    op: string;
    urn: string;
    type: string;
    old?: StepState;
    new?: StepState;
    /** Properties that force a replacement. */
    keys?: string[];
    diffs?: string[];
    detailedDiff?: Record<string, { diffKind: string; inputDiff: boolean }>;
    provider: string;
}

export interface StepState {
    id: string;
    custom?: boolean;
    protect?: boolean;
    parent: string;
    inputs: Record<string, unknown>;
    outputs: Record<string, unknown>;
}

export interface PolicyEvent {
    resourceUrn?: string;
    message: string;
    policyName: string;
    policyPackName: string;
    policyPackVersionTag: string;
    enforcementLevel: string;
    severity?: string;
}

export interface PolicySummary {
    policyPackName: string;
    /** Rules that found nothing wrong. A rule that said `notApplicable` is in neither list. */
    passed?: string[];
    failed?: string[];
}

import { duration } from "../progress";
import type { Status } from "./checklist";
import { type Finding, nameOf, type Report } from "./report";

const WIDTH = 100;

const SIGNS: Record<Status, string> = {
    met: "✓",
    "not met": "✗",
    undecided: "?",
    exempt: "–",
    "not in use": "·",
};

/** The report for people: at most 100 columns. */
export function renderTable(report: Report): string {
    const { resources, policies, unjudged, checklist } = report;
    const counts = Object.entries(resources).filter(([, count]) => count > 0);
    const decided = policies.undecided.filter(({ decidedByUp }) => decidedByUp !== "no").length;
    const unexpected = policies.undecided.filter(({ expected }) => !expected).length;
    return [
        heading(`${report.stack}, cluster ${report.cluster}, in ${duration(report.seconds * 1000)}`),
        row("resources", counts.map(([op, count]) => `${count} ${op}`).join(", ") || "none"),
        row("policies", `${policies.rules} rules, ${policies.evaluations} evaluations`),
        row(
            "findings",
            `${policies.mandatory.length} mandatory, ${policies.advisory.length} advisory, ${policies.undecided.length} undecided in the preview` +
                (policies.undecided.length > 0 ? ` (${decided} decided by the up, ${unexpected} unexpected)` : ""),
        ),
        row("unjudged", unjudged.length === 0 ? "nothing" : `${unjudged.length}, listed below`),
        ...section("mandatory", policies.mandatory.map(describe)),
        ...section("advisory", policies.advisory.map(describe)),
        ...section(
            "undecided in the preview",
            policies.undecided.map(
                (one) =>
                    `${one.rule}${on(one)}: the up: ${one.decidedByUp}; ${one.expected ? "expected" : "not listed as expected"}`,
            ),
        ),
        ...section("unjudged", grouped(unjudged.map(({ what, why }) => `${what}: ${why}`))),
        "",
        heading(`checklist: ${checklist.filter(({ status }) => status === "met").length} met`),
        ...checklist.flatMap(({ item, status, evidence, awaits }) => {
            const shown =
                evidence.length > 0 ? `${evidence.length} ${evidence.length === 1 ? "resource" : "resources"}` : "";
            const line = `${SIGNS[status]} ${item.padEnd(48)} ${status.padEnd(11)} ${shown}`.trimEnd();
            return [line, ...(awaits && status !== "not in use" ? wrap(`awaits ${awaits}`, "    ") : [])];
        }),
    ].join("\n");
}

function heading(text: string): string {
    return `── ${text} ${"─".repeat(Math.max(0, WIDTH - text.length - 4))}`.slice(0, WIDTH);
}

function row(name: string, text: string): string {
    const [first, ...rest] = wrap(text, " ".repeat(12));
    return [`${name.padEnd(12)}${first.trimStart()}`, ...rest].join("\n");
}

function section(title: string, entries: string[]): string[] {
    return entries.length === 0 ? [] : ["", `${title}:`, ...entries.flatMap((entry) => wrap(entry, "    ", "  - "))];
}

function describe(finding: Finding): string {
    return `${finding.rule}${on(finding)}: ${finding.message}`;
}

function on({ urn }: Finding): string {
    return urn ? ` (${nameOf(urn)})` : "";
}

/** The same words once, with how often. */
function grouped(texts: string[]): string[] {
    const counts = new Map<string, number>();
    for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
    return [...counts].map(([text, count]) => (count > 1 ? `${text} (${count} ×)` : text));
}

function wrap(text: string, indent: string, first = indent): string[] {
    const lines: string[] = [];
    let line = first;
    let empty = true;
    for (const paragraph of text.split("\n")) {
        if (!empty) {
            lines.push(line);
            line = indent;
            empty = true;
        }
        for (const word of paragraph.split(/\s+/).filter(Boolean)) {
            if (!empty && line.length + 1 + word.length > WIDTH) {
                lines.push(line);
                line = indent;
                empty = true;
            }
            line += empty ? word : ` ${word}`;
            empty = false;
        }
    }
    return empty ? lines : [...lines, line];
}

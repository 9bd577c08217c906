import type { Evaluation, Violation } from "../engine";
import type { Catalogue } from "./catalogue";

/** The production checklist's items, and each tool for backups as a line of its own. Source: the design's first table. */
export const ITEMS = [
    "access by group from Entra ID, never by user",
    "network policies between pods",
    "control plane on several nodes",
    "cloud load balancer across them",
    "applications across availability zones",
    "autoscaling (pods and nodes)",
    "Prometheus, Grafana, alerting, logging",
    "scheduled snapshots through cron jobs",
    "Velero",
    "Kasten K10",
    "Rancher backup",
    "Azure Disk snapshots",
    "AWS EBS snapshots",
    "GCP disk snapshots",
    "pg_dump",
    "mysqldump",
    "vertical and horizontal pod autoscaling tuned",
    "affinity, taints and tolerations",
    "all of it, on every deployment",
] as const;

/** Alternatives to each other: one that is off is not a fault. */
const TOOLS: ReadonlySet<string> = new Set(ITEMS.slice(ITEMS.indexOf("Velero"), ITEMS.indexOf("mysqldump") + 1));

export type Status = "met" | "not met" | "undecided" | "exempt" | "not in use";

export interface ChecklistLine {
    item: string;
    status: Status;
    /** Resources on which a rule of the item passed. */
    evidence: string[];
    /** What the item asks for and no rule judges yet. */
    awaits?: string;
}

export interface Judged {
    evaluations: readonly Evaluation[];
    violations: readonly Violation[];
    /** What nobody has decided by now: not the preview, not the `up`. */
    undecided: readonly Violation[];
    /** Whether the `up` went through: what a preview alone, or half a deployment, shows is no evidence yet. */
    deployed: boolean;
    /** Every resource of the deployment. */
    resources: readonly { urn: string; type: string }[];
}

/**
 * Says of each item whether it is met: the deployment went through, a rule of the item passed on at least one resource that
 * it concerned, none is violated, none is undecided, and nothing of the item is left to rules that do not exist yet.
 */
export function judgeChecklist(catalogue: Catalogue | undefined, judged: Judged): ChecklistLine[] {
    const known = new Map(catalogue?.items.map((entry) => [entry.item, entry]));
    const items = new Set<string>([...ITEMS, ...known.keys()]);
    return [...items].map((item) => {
        const { rules = [], awaits } = known.get(item) ?? {};
        const names = new Set(rules);
        const evidence = [...new Set(rules.flatMap((rule) => evidenceOf(rule, catalogue, judged)))];
        const status = ((): Status => {
            if (judged.violations.some(({ rule }) => names.has(rule))) return "not met";
            if (judged.undecided.some(({ rule }) => names.has(rule))) return "undecided";
            if (evidence.length === 0) return TOOLS.has(item) ? "not in use" : "not met";
            if (awaits) return "not met";
            return judged.deployed ? "met" : "undecided";
        })();
        return { item, status, evidence, ...(awaits ? { awaits } : {}) };
    });
}

function evidenceOf(rule: string, catalogue: Catalogue | undefined, { evaluations, resources }: Judged): string[] {
    return evaluations.flatMap((evaluation) => {
        if (evaluation.rule !== rule || !evaluation.passed) return [];
        if (evaluation.urn) return [evaluation.urn];
        // A stack rule passes on any stack; what shows that it concerned this one are the resources of its kinds.
        const kinds = catalogue?.rules[rule]?.kinds ?? [];
        return resources.filter(({ type }) => kinds.includes(type)).map(({ urn }) => urn);
    });
}

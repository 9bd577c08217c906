import * as pulumi from "@pulumi/pulumi";
import { allConfig } from "@pulumi/pulumi/runtime/config";
import { formatProblems, type Problem } from "./problem";

/** Which deployment settings are of. */
export interface Deployment {
    project: string;
    stack: string;
    /** Keys of settings that are encrypted in the stack's file. */
    secrets?: readonly string[];
}

/** Settings that cannot be used: all that is wrong with them, for the person who wrote them. */
export class SettingsError extends pulumi.RunError {
    constructor(
        stack: string,
        readonly problems: readonly Problem[],
    ) {
        super(formatProblems(stack, problems));
    }
}

const NAMESPACE = "mainstay:";

/** What the stack's file says under `mainstay:`, unchecked, and of which deployment. */
export function readRaw(): { raw: Record<string, unknown>; deployment: Required<Deployment> } {
    const config = Object.entries(allConfig()).filter(([key]) => key.startsWith(NAMESPACE));
    return {
        raw: Object.fromEntries(config.map(([key, value]) => [key.slice(NAMESPACE.length), parseValue(value)])),
        deployment: {
            project: pulumi.getProject(),
            stack: pulumi.getStack(),
            secrets: JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS ?? "[]") as string[],
        },
    };
}

/** @throws SettingsError where there are problems */
export function refuse({ stack, secrets = [] }: Deployment, problems: readonly Problem[]): void {
    if (problems.length === 0) return;
    throw new SettingsError(
        stack,
        problems.map((problem) =>
            // What somebody has encrypted is not shown, whatever is wrong with it.
            secrets.some((key) => problem.path.startsWith(key)) ? { ...problem, given: "(a secret)" } : problem,
        ),
    );
}

/** Pulumi hands structured values over as JSON and everything else as text. */
function parseValue(value: string): unknown {
    if (!/^\s*[[{]/.test(value)) return value;
    try {
        return JSON.parse(value);
    } catch {
        return value;
    }
}

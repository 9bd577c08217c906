import * as pulumi from "@pulumi/pulumi";
import { allConfig } from "@pulumi/pulumi/runtime/config";
import { addressAt, parseRange } from "./components/network/addressPlan";
import type { Environment } from "./components/site";
import { formatProblems, type Problem } from "./settings/problem";
import { ruleProblems } from "./settings/rules";
import type { ClusterSettings } from "./settings/cluster";
import type { ControlPlaneSettings } from "./settings/controlPlane";
import { schema, type Settings as StackSettings } from "./settings/schema";
import { shapeProblems } from "./settings/shape";

/** Settings of a stack, checked, with everything filled in that was left out. */
export interface Settings {
    environment: Environment;
    network: Required<StackSettings["network"]>;
    cluster: ClusterSettings;
    /** There where the cluster is self-managed; may be there where it is not, so that the kind is one line. */
    controlPlane?: ControlPlaneSettings;
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

/** The stack's settings. @throws SettingsError with every problem at once, before anything is registered. */
export function readSettings(): Settings {
    const project = pulumi.getProject();
    const stack = pulumi.getStack();
    const config = Object.entries(allConfig()).filter(([key]) => key.startsWith(NAMESPACE));
    const raw = Object.fromEntries(config.map(([key, value]) => [key.slice(NAMESPACE.length), parseValue(value)]));
    const secrets = JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS ?? "[]") as string[];
    return checkSettings(raw, { project, stack, secrets });
}

/** Plain values to settings. */
export function checkSettings(
    raw: Record<string, unknown>,
    { project, stack, secrets = [] }: { project: string; stack: string; secrets?: readonly string[] },
): Settings {
    const problems = [...nameProblems(project, stack), ...shapeProblems(raw), ...ruleProblems(raw)].map((problem) =>
        // What somebody has encrypted is not shown, whatever is wrong with it.
        secrets.some((key) => problem.path.startsWith(key)) ? { ...problem, given: "(a secret)" } : problem,
    );
    if (problems.length > 0) throw new SettingsError(stack, problems);

    const { owner, location, zones, tags, network, cluster, controlPlane } = schema.parse(raw);
    return {
        environment: {
            prefix: `${project}-${stack}`,
            location,
            zones,
            tags: { ...tags, owner, environment: stack, project, "managed-by": "pulumi" },
        },
        network: { ...network, dnsServiceIP: network.dnsServiceIP ?? addressAt(parseRange(network.serviceCidr), 10) },
        cluster,
        controlPlane,
    };
}

/** Azure's names are made of the project's and the stack's: the strictest of them decides what those may be. */
function nameProblems(project: string, stack: string): Problem[] {
    const prefix = `${project}-${stack}`;
    if (/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(prefix) && prefix.length <= 32) return [];
    return [
        {
            path: "the stack's name",
            given: stack,
            allowed: `a name that makes ${project}-NAME at most 32 lower-case letters, digits and single hyphens`,
            mend: "name the stack so: pulumi stack rename",
        },
    ];
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

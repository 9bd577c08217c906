import { z } from "zod";
import type { Environment } from "../components/site";
import { location, owner, tags, zones } from "../settings/environment";
import { cidr, guided, text } from "../settings/guidance";
import { readRaw, refuse } from "../settings/raw";
import { part, problem } from "../settings/rules/part";
import { readRange } from "../settings/rules/ranges";
import { shapeProblems } from "../settings/shape";
import type { Problem } from "../settings/problem";

const environment = z.strictObject({
    name: text(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "the name of a stack: lower-case letters, digits, hyphens", "prod"),
    issuer: text(
        /^https:\/\/\S+$/,
        "the https address of an issuer of tokens",
        "https://token.actions.githubusercontent.com",
    )
        .default("https://token.actions.githubusercontent.com")
        .describe("Who issues the tokens that the pipeline signs in with."),
    subject: text(
        /^\S{1,600}$/,
        "the subject of the pipeline's tokens",
        "repo:example/platform:environment:prod",
        "for GitHub: repo:OWNER/REPOSITORY:environment:NAME",
    ).describe("Whose tokens they are. Nobody else deploys this environment."),
});

const runners = guided(
    z.strictObject({ addressSpace: cidr("10.60.0.0/24").default("10.60.0.0/24") }),
    "the runners' network",
    { addressSpace: "10.60.0.0/24" },
).prefault({});

const schema = z.strictObject({
    owner,
    location,
    zones,
    tags,
    runners,
    environments: guided(z.array(environment).min(1), "a list of at least one environment", [
        { name: "prod", subject: "repo:example/platform:environment:prod" },
    ]),
});

/** Settings of the foundation, checked. */
export interface FoundationSettings {
    environment: Environment;
    runners: { addressSpace: string };
    environments: z.output<typeof environment>[];
}

/** @throws SettingsError with every problem at once, before anything is registered */
export function readSettings(): FoundationSettings {
    const { raw, deployment } = readRaw();
    refuse(deployment, [...shapeProblems(schema, raw), ...rangeProblems(raw), ...nameProblems(raw)]);
    const { owner, location, zones, tags, runners, environments } = schema.parse(raw);
    return {
        environment: {
            // Not the stack's name: environments look for it under this one.
            prefix: "mainstay",
            location,
            zones,
            tags: { ...tags, owner, environment: "shared", project: deployment.project, "managed-by": "pulumi" },
        },
        runners,
        environments,
    };
}

/** A quarter of the range is a zone's subnet, and Azure's smallest subnet is a /29. */
function rangeProblems(raw: Record<string, unknown>): Problem[] {
    const given = part(runners, raw.runners);
    if (!given) return [];
    const path = ["runners", "addressSpace"];
    const result = readRange(path, given.addressSpace);
    if ("wrong" in result) return [result.wrong];
    if (result.range.size >= 32) return [];
    return [problem(path, given.addressSpace, "a range of /27 or wider", "use a prefix of /24")];
}

function nameProblems(raw: Record<string, unknown>): Problem[] {
    const given = part(schema.shape.environments, raw.environments) ?? [];
    return given.flatMap(({ name }, index) =>
        given.findIndex((other) => other.name === name) === index
            ? []
            : [problem(["environments", index, "name"], name, "a name that no other environment has", "rename it")],
    );
}

import { awaited, checklist } from "./checklist";
import { documentation as addressOf } from "./documentation";
import { rules } from "./rules";

/** What reports and the documentation know of the pack: events of the engine carry a rule's name and little more. */
export const catalogue = {
    pack: "mainstay",
    items: Object.values(checklist).map((item) => {
        const own = rules.filter((rule) => rule.item === item).map((rule) => rule.name);
        const awaits = own.length === 0 ? "everything" : awaited[item];
        return { item, rules: own, ...(awaits && { awaits }) };
    }),
    rules: Object.fromEntries(
        rules.map(({ name, item, title, severity, enforcement, scope, kinds, why, mend, config }) => [
            name,
            {
                item,
                title,
                severity,
                enforcement,
                scope,
                kinds,
                why,
                mend,
                url: addressOf(name),
                ...(config && { config }),
            },
        ]),
    ),
};

export type Catalogue = typeof catalogue;

/** docs/policies.md */
export const documentation = [
    "# Policies",
    "",
    "Written by `npm run build` in `policy/` from the rules themselves; change it there.",
    "",
    "The pack judges any Pulumi program that puts Kubernetes on Azure, this one among them:",
    "`pulumi preview --policy-pack policy`. A mandatory rule stops the deployment, an advisory one warns. A rule over a",
    "_resource_ speaks before that resource is made; one over the _stack_ in the preview and at the end of an `up`.",
    "",
    "A file given with `--policy-pack-config` changes how a rule is enforced, and what it asks for:",
    "",
    "```json",
    JSON.stringify(
        { "image-cleaner": "mandatory", "required-tags": { tags: ["environment", "owner", "cost-center"] } },
        undefined,
        4,
    ),
    "```",
    "",
    "A rule that meets a value which only the deployment will know says “can't run policy” in the preview and judges",
    "during the `up`.",
    "",
    "## By checklist item",
    "",
    ...catalogue.items.map(({ item, rules, awaits }) => {
        const linked = rules.map((name) => `[${name}](#${name})`).join(", ") || "no rule yet";
        return `- **${item}**: ${linked}.${awaits && rules.length > 0 ? ` Not judged yet: ${awaits}.` : ""}`;
    }),
    "",
    "## Rules",
    ...rules.flatMap((rule) => [
        "",
        `### ${rule.name}`,
        "",
        `**${rule.title}.** ${rule.severity}, ${rule.enforcement}, over the ${rule.scope}; “${rule.item}”.`,
        "",
        `Why: ${rule.why}`,
        "",
        `Mend: ${rule.mend}`,
        "",
        ...settings(rule.config),
        `Concerns: ${rule.kinds.map((kind) => `\`${kind}\``).join(", ")}.`,
    ]),
].join("\n");

function settings(config: (typeof rules)[number]["config"]): string[] {
    if (!config) return [];
    const lines = Object.entries(config).map(
        ([name, schema]) => `- \`${name}\` (default \`${JSON.stringify(schema.default)}\`): ${schema.description}`,
    );
    return ["Settings:", "", ...lines, ""];
}

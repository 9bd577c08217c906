import { READ, type Role, type RoleRule, WRITE } from "./role";
import { roles } from "./roles";

const BEGIN = "<!-- roles: begin. Made from components/groupRbac/roles by `npm run settings` -->";
const END = "<!-- roles: end -->";

/** Puts every role with its reasons between its marks in docs/access.md. */
export function withRoles(document: string): string {
    const begin = document.indexOf(BEGIN);
    const end = document.indexOf(END);
    if (begin < 0 || end < begin) throw new Error("docs/access.md has lost the marks that the roles go between");
    return `${document.slice(0, begin + BEGIN.length)}\n\n${roles.map(section).join("\n\n")}\n\n${document.slice(end)}`;
}

/** A rule that a role has of another's is told there. */
function section(role: Role): string {
    const others = roles.filter((other) => other !== role && includes(role, other));
    const included = others.filter((other) => !others.some((more) => more !== other && includes(more, other)));
    const own = role.rules.filter((rule) => !others.some(({ rules }) => rules.includes(rule)));
    return [
        `### \`${role.name}\``,
        role.describes,
        [
            ...included.map(({ name }) => `- All of \`${name}\`.`),
            ...own.map(({ why, resources, verbs }) => `- ${why} _${wordsFor(verbs)}_: ${resources.join(", ")}`),
        ].join("\n"),
    ].join("\n\n");
}

/** As the tables above them say it. */
function wordsFor(verbs: RoleRule["verbs"]): string {
    if (verbs === READ) return "read";
    return verbs === WRITE ? "write" : verbs.join(", ");
}

function includes(role: Role, other: Role): boolean {
    return other.rules.length < role.rules.length && other.rules.every((rule) => role.rules.includes(rule));
}

import type { access } from "../access";
import type { Path, Problem } from "../problem";
import { type Part, problem } from "./part";

/** Roles of the platform that may all that another one may, and more. */
const platformRoles = {
    administrators: ["operators", "onCall", "auditors"],
    onCall: ["operators"],
};

export function accessRules(given: Part<typeof access>): Problem[] {
    return given ? groupRules(["access", "groups"], given.groups, platformRoles) : [];
}

/**
 * A group stands once in each list, and not in a role beside one that includes it: whoever takes it out of the wider one
 * later would leave rights behind that nobody sees.
 *
 * @param includes - roles that a role includes
 */
export function groupRules(
    path: Path,
    given: Record<string, string[]>,
    includes: Record<string, readonly string[]>,
): Problem[] {
    return Object.entries(given).flatMap(([role, groups]) =>
        groups.flatMap((group, index) => {
            const at = [...path, role, index];
            if (groups.indexOf(group) < index)
                return [problem(at, group, "each group once", `remove it: ${role} has it already`)];
            const wider = Object.keys(includes).find(
                (other) => includes[other].includes(role) && given[other].includes(group),
            );
            return wider
                ? [
                      problem(
                          at,
                          group,
                          `groups that are not among ${wider} too, who may all of this`,
                          `remove it here, or from ${wider}`,
                      ),
                  ]
                : [];
        }),
    );
}

import type { CheckFailure } from "../../provider/provider";
import { sameId } from "../arm/id";
import { isBuiltInRole } from "./builtInRoles";
import { at, type Candidate, objectsAt, refuse, type Rule, textAt, textsAt } from "./rule";

const TYPE = "Microsoft.Authorization/roleDefinitions";

/** A role of one's own: a name that no other has, somewhere to be given, something to be allowed. */
export const roleDefinition: Rule = function* ({ inputs, id, cloud, subscription }) {
    const name = textAt(inputs, "roleName");
    if (inputs.roleName === undefined) yield refuse("roleName", "`roleName` is missing.", "InvalidRoleDefinition");
    const twin =
        name &&
        cloud
            .siblings(TYPE, `/subscriptions/${subscription}`)
            .find(
                (other) =>
                    /\/roleDefinitions\//i.test(other.id) &&
                    !(id && sameId(other.id, id)) &&
                    textAt(other.inputs, "roleName") === name,
            );
    if (twin)
        yield refuse(
            "roleName",
            `A custom role with the same name already exists in this directory. Use a different \`roleName\` than '${name}': ${twin.id} has it.`,
            "RoleDefinitionWithSameNameExists",
        );
    if (
        Array.isArray(inputs.assignableScopes)
            ? inputs.assignableScopes.length === 0
            : inputs.assignableScopes === undefined
    )
        yield refuse(
            "assignableScopes",
            "`assignableScopes` is missing or empty: a custom role has at least one scope.",
            "MissingAssignableScopes",
        );
    for (const [index, scope] of textsAt(inputs, "assignableScopes").entries()) {
        if (
            !/^\/(subscriptions\/[^/]+(\/resourceGroups\/[^/]+)?|providers\/Microsoft\.Management\/managementGroups\/[^/]+)$/i.test(
                scope,
            )
        ) {
            const path = `assignableScopes[${index}]`;
            yield refuse(
                path,
                `\`${path}\` must be a management group, a subscription or a resource group, but ${JSON.stringify(scope)} was given.`,
                "InvalidAssignableScopes",
            );
        }
    }
    for (const [index, permission] of objectsAt(inputs, "permissions").entries()) {
        for (const list of ["actions", "notActions", "dataActions", "notDataActions"]) {
            for (const [place, action] of textsAt(permission, list).entries()) {
                const path = `permissions[${index}].${list}[${place}]`;
                if (!/^(\*|\*?\/?[\w.*-]+(\/[\w.*-]+)+)$/.test(action) || /\/$/.test(action)) {
                    yield refuse(
                        path,
                        `'${action}' (\`${path}\`) does not match any of the actions supported by the providers.`,
                        "InvalidActionOrNotAction",
                    );
                }
            }
        }
    }
};

/** The role that is given exists: Azure's own, or one of the program's where it may be given. */
export function* knownRole({ inputs, cloud, subscription, all }: Candidate): Generator<CheckFailure> {
    const role = textAt(inputs, "roleDefinitionId");
    const guid = /\/roleDefinitions\/([0-9a-f-]{36})$/i.exec(role ?? "")?.[1];
    if (!guid || isBuiltInRole(guid)) return;
    const own =
        cloud
            .siblings(TYPE, `/subscriptions/${subscription}`)
            .find((definition) => definition.id.toLowerCase().endsWith(`/roledefinitions/${guid.toLowerCase()}`)) ??
        all().find(
            (resource) =>
                resource.type.toLowerCase() === TYPE.toLowerCase() &&
                resource.id.toLowerCase().endsWith(guid.toLowerCase()),
        );
    if (!own) {
        yield refuse(
            "roleDefinitionId",
            `The specified role definition with ID '${guid.replaceAll("-", "")}' (\`roleDefinitionId\`) does not exist. (Built-in roles are in this simulation's rules/builtInRoles.ts.)`,
            "RoleDefinitionDoesNotExist",
        );
        return;
    }
    const scopes = at(own.inputs, "assignableScopes");
    const scope = textAt(inputs, "scope");
    if (!scope || !Array.isArray(scopes) || scopes.some((one) => typeof one !== "string")) return;
    const inside = (one: string): boolean =>
        `${scope.toLowerCase()}/`.startsWith(`${one.toLowerCase().replace(/\/$/, "")}/`);
    // A management group is above what this simulation knows.
    if (!scopes.some((one) => inside(String(one)) || /managementGroups/i.test(String(one)))) {
        yield refuse(
            "scope",
            `\`scope\` ${scope} is not within the assignable scopes of role ${textAt(own.inputs, "roleName")}: ${scopes.join(", ")}.`,
            "RoleAssignmentScopeNotAssignableToRoleDefinition",
        );
    }
}

import { objectsAt, textAt, textsAt } from "../../azure/rules/rule";
import type { Cloud, CloudResource } from "../../azure/state/cloud";
import { at } from "../../provider/values";
import { BootError } from "./bootError";

/**
 * Azure's roles that may read a vault's secrets: Key Vault Secrets User, Key Vault Secrets Officer, Key Vault Administrator.
 * https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/security
 */
const secretReaders = [
    "4633458b-17de-408a-b874-0445c86b69e6",
    "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
    "00482a5a-887f-4fb3-b363-3b7fe8e74483",
];

/**
 * Secrets out of the simulated vault, as a machine reads them with its identity.
 *
 * @throws BootError where the vault, a secret, the way to it or the right to read it is missing
 */
export function readSecrets(
    cloud: Cloud,
    machine: CloudResource,
    vaultUrl: string,
    names: string[],
): Map<string, string> {
    const vault = vaultOf(cloud, vaultUrl);
    refuseWithoutWay(cloud, vault);
    const secrets = new Map<string, string>();
    for (const name of names) {
        const id = `${vault.id}/secrets/${name}`;
        refuseWithoutRight(cloud, machine, vault, id);
        const value = textAt(cloud.get(id)?.inputs, "properties", "value");
        if (value === undefined)
            throw new BootError(
                "secrets",
                `404 Not Found (SecretNotFound): A secret with (name/id) ${name} was not found in this key vault ${vault.name}`,
                "the program has to put it there before the machine boots",
            );
        secrets.set(name, value);
    }
    return secrets;
}

/**
 * What a machine that reads a secret of that vault once it is written needs beforehand.
 *
 * @throws BootError where the vault, the way to it or the right to read it is missing
 */
export function requireReader(cloud: Cloud, machine: CloudResource, vaultUrl: string, secret: string): void {
    const vault = vaultOf(cloud, vaultUrl);
    refuseWithoutWay(cloud, vault);
    refuseWithoutRight(cloud, machine, vault, `${vault.id}/secrets/${secret}`);
}

function vaultOf(cloud: Cloud, url: string): CloudResource {
    const name = hostOf(url).split(".")[0];
    const vault = cloud
        .list("Microsoft.KeyVault/vaults")
        .find((vault) => vault.name.toLowerCase() === name.toLowerCase());
    if (vault) return vault;
    throw new BootError("secrets", `${url}: there is no such vault`, "check the vaults' addresses in facts.env");
}

function hostOf(url: string): string {
    try {
        return new URL(url).hostname;
    } catch {
        throw new BootError("secrets", `${JSON.stringify(url)} is no vault's address`, "check facts.env");
    }
}

/** A vault that is closed to the Internet is reached through a private endpoint, or not at all. */
function refuseWithoutWay(cloud: Cloud, vault: CloudResource): void {
    if (textAt(vault.inputs, "properties", "publicNetworkAccess")?.toLowerCase() !== "disabled") return;
    const reached = cloud
        .list("Microsoft.Network/privateEndpoints")
        .some(({ inputs }) =>
            objectsAt(inputs, "privateLinkServiceConnections").some(
                (connection) => lower(textAt(connection, "privateLinkServiceId")) === lower(vault.id),
            ),
        );
    if (!reached)
        throw new BootError(
            "secrets",
            `403 Forbidden (ForbiddenByConnection): Public network access is disabled for ${vault.name} and the request does not come by an approved private link`,
            "give the vault a private endpoint in the machines' network",
        );
}

function refuseWithoutRight(cloud: Cloud, machine: CloudResource, vault: CloudResource, secretId: string): void {
    const principals = principalsOf(cloud, machine);
    const byRoles = at(vault.inputs, "properties", "enableRbacAuthorization") !== false;
    const allowed = byRoles
        ? cloud
              .list("Microsoft.Authorization/roleAssignments")
              .some(
                  ({ inputs }) =>
                      principals.includes(textAt(inputs, "principalId") ?? "") &&
                      secretReaders.includes(lower(textAt(inputs, "roleDefinitionId")).split("/").at(-1)!) &&
                      isWithin(secretId, textAt(inputs, "scope")),
              )
        : objectsAt(vault.inputs, "properties", "accessPolicies").some(
              (policy) =>
                  principals.includes(textAt(policy, "objectId") ?? "") &&
                  textsAt(policy, "permissions", "secrets").some((right) => /^(get|all)$/i.test(right)),
          );
    if (allowed) return;
    const who = principals.length > 0 ? `oid=${principals.join(", ")}` : "a machine without an identity";
    throw new BootError(
        "secrets",
        `403 Forbidden (${byRoles ? "ForbiddenByRbac" : "AccessDenied"}): Caller is not authorized to perform action on resource: ${who} does not have secrets get permission on ${secretId}`,
        byRoles
            ? "assign Key Vault Secrets User on the vault to the machine's identity"
            : "add an access policy for the machine's identity",
    );
}

/** Object IDs as which a machine may act. */
function principalsOf(cloud: Cloud, machine: CloudResource): string[] {
    const given = at(machine.inputs, "identity", "userAssignedIdentities");
    const ids = Array.isArray(given) ? given : Object.keys(given && typeof given === "object" ? given : {});
    const assigned = ids.flatMap((id) => (typeof id === "string" ? textAt(cloud.get(id)?.outputs, "principalId") : []));
    return [...assigned, textAt(machine.outputs, "identity", "principalId")].filter(
        (id): id is string => id !== undefined,
    );
}

function isWithin(id: string, scope: string | undefined): boolean {
    if (scope === undefined) return false;
    const above = `/${lower(scope).replace(/^\/|\/$/g, "")}`;
    return lower(id) === above || lower(id).startsWith(`${above === "/" ? "" : above}/`);
}

function lower(text: string | undefined): string {
    return (text ?? "").toLowerCase();
}

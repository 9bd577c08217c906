import { createHash } from "node:crypto";
import { RoleAssignment } from "@pulumi/azure-native/authorization/roleAssignment";
import { UserAssignedIdentity } from "@pulumi/azure-native/managedidentity/userAssignedIdentity";
import * as pulumi from "@pulumi/pulumi";
import type { Site } from "../site";
import { ROLES } from "./roles";

/** One thing that an identity may do. */
export interface Grant {
    role: keyof typeof ROLES;
    /** Resource ID. */
    scope: pulumi.Input<string>;
    /** Short name of the scope, part of the resource's name. */
    on: string;
    /** Narrows the role, in Azure's language of conditions (version 2.0). */
    condition?: string;
}

/** Arguments of {@link createIdentity}. */
export interface IdentityArgs {
    /** Its name in Azure. */
    resourceName: string;
    resourceGroupName: pulumi.Input<string>;
    grants: Grant[];
    /** Who has it, for the descriptions of its role assignments, such as `the cluster's control plane`. */
    describes: string;
}

/** A user-assigned identity, and all that it may do. Whoever relies on what it may do has to wait for `grants`. */
export interface Identity {
    id: pulumi.Output<string>;
    name: pulumi.Output<string>;
    /** Object in Entra ID: what roles are assigned to. */
    principalId: pulumi.Output<string>;
    /** What workloads sign in as. */
    clientId: pulumi.Output<string>;
    grants: RoleAssignment[];
}

export function createIdentity(
    name: string,
    site: Site,
    { resourceName, resourceGroupName, grants, describes }: IdentityArgs,
    child: pulumi.CustomResourceOptions,
): Identity {
    const identity = new UserAssignedIdentity(
        `${name}-identity`,
        { resourceName, resourceGroupName, location: site.location, tags: site.tags },
        child,
    );
    const { id, name: identityName, principalId, clientId } = identity;
    const assignments = createGrants(name, site, { principalId, grants, describes }, child);
    return { id, name: identityName, principalId, clientId, grants: assignments };
}

/** Arguments of {@link createGrants}. */
export interface GrantsArgs extends Pick<IdentityArgs, "grants" | "describes"> {
    /** Object ID in Entra ID. */
    principalId: pulumi.Input<string>;
    /** Identities are service principals. A person is given nothing: only groups are. @default "ServicePrincipal" */
    principalType?: "ServicePrincipal" | "Group";
}

/** Lets an identity do something, also one that Azure made; or the members of a group. */
export function createGrants(
    name: string,
    site: Site,
    { principalId, principalType = "ServicePrincipal", grants, describes }: GrantsArgs,
    child: pulumi.CustomResourceOptions,
): RoleAssignment[] {
    return grants.map(
        ({ role, scope, on, condition }) =>
            new RoleAssignment(
                `${name}-may-use-${on}`,
                {
                    roleAssignmentName: roleAssignmentName(site.prefix, name, role, on),
                    scope,
                    roleDefinitionId: pulumi.output(scope).apply((id) => roleDefinitionId(id, role)),
                    principalId,
                    // Without it Azure looks the new identity up in Entra ID, which may not know it yet.
                    principalType,
                    description: `${site.prefix}: ${describes} uses ${on}`,
                    ...(condition && { condition, conditionVersion: "2.0" }),
                },
                // Another principal needs another assignment, and two cannot have one name.
                { ...child, deleteBeforeReplace: true },
            ),
    );
}

/**
 * A GUID that is the same in every run: after a crash the assignment is found again instead of being refused as a second
 * one of the same content.
 */
export function roleAssignmentName(...parts: string[]): string {
    const hash = createHash("sha256").update(parts.join("\n")).digest();
    hash[6] = (hash[6] & 0x0f) | 0x80; // version 8: made by a rule of our own
    hash[8] = (hash[8] & 0x3f) | 0x80;
    return hash
        .toString("hex")
        .slice(0, 32)
        .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function roleDefinitionId(scope: string, role: keyof typeof ROLES): string {
    const subscription = /^\/subscriptions\/[^/]+/i.exec(scope)?.[0] ?? "";
    return `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${ROLES[role]}`;
}

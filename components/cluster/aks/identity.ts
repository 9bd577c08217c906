import { createHash } from "node:crypto";
import { RoleAssignment } from "@pulumi/azure-native/authorization/roleAssignment";
import { UserAssignedIdentity } from "@pulumi/azure-native/managedidentity/userAssignedIdentity";
import * as pulumi from "@pulumi/pulumi";
import type { Site } from "../../site";

/** Built-in roles: their IDs are the same in every tenant. */
const ROLES = {
    "Network Contributor": "4d97b98b-1d4f-4787-a291-c67834d212e7",
    "Private DNS Zone Contributor": "b12aa53e-6015-4669-85d0-8515ebb3ae7f",
} as const;

/** One thing that an identity may do. */
export interface Grant {
    role: keyof typeof ROLES;
    /** Resource ID. */
    scope: pulumi.Input<string>;
    /** Short name of the scope, part of the resource's name. */
    on: string;
}

/** The control plane's identity, and all that it may do. A cluster has to wait for `grants`. */
export interface ClusterIdentity {
    id: pulumi.Output<string>;
    grants: RoleAssignment[];
}

export function createIdentity(
    name: string,
    site: Site,
    resourceGroupName: pulumi.Input<string>,
    grants: Grant[],
    child: pulumi.CustomResourceOptions,
): ClusterIdentity {
    const identity = new UserAssignedIdentity(
        `${name}-identity`,
        {
            resourceName: `${site.prefix}-cluster`,
            resourceGroupName,
            location: site.location,
            tags: site.tags,
        },
        child,
    );
    const assignments = grants.map(
        ({ role, scope, on }) =>
            new RoleAssignment(
                `${name}-may-use-${on}`,
                {
                    roleAssignmentName: roleAssignmentName(site.prefix, name, role, on),
                    scope,
                    roleDefinitionId: pulumi.output(scope).apply((id) => roleDefinitionId(id, role)),
                    principalId: identity.principalId,
                    // Without it Azure looks the new identity up in Entra ID, which may not know it yet.
                    principalType: "ServicePrincipal",
                    description: `${site.prefix}: the cluster's control plane uses ${on}`,
                },
                // Another principal needs another assignment, and two cannot have one name.
                { ...child, deleteBeforeReplace: true },
            ),
    );
    return { id: identity.id, grants: assignments };
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

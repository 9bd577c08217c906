import { textAt } from "../../../../rehearsal/azure/rules/rule";
import type { Cloud, CloudResource } from "../../../../rehearsal/azure/state/cloud";
import { at } from "../../../../rehearsal/provider/values";

/** Azure's roles that may do something with data. https://learn.microsoft.com/azure/role-based-access-control/built-in-roles */
export const rolesThat = {
    readSecrets: [
        "4633458b-17de-408a-b874-0445c86b69e6", // Key Vault Secrets User
        "b86a8fe4-44ce-4948-aee5-eccb2c155cd7", // Key Vault Secrets Officer
        "00482a5a-887f-4fb3-b363-3b7fe8e74483", // Key Vault Administrator
    ],
    writeSecrets: ["b86a8fe4-44ce-4948-aee5-eccb2c155cd7", "00482a5a-887f-4fb3-b363-3b7fe8e74483"],
    readBlobs: [
        "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1", // Storage Blob Data Reader
        "ba92f5b4-2d11-453d-a403-e96b0029c9fe", // Storage Blob Data Contributor
        "b7e6dc6d-f1e8-4753-8033-0f276bb0955b", // Storage Blob Data Owner
    ],
    writeBlobs: ["ba92f5b4-2d11-453d-a403-e96b0029c9fe", "b7e6dc6d-f1e8-4753-8033-0f276bb0955b"],
};

/** Whether the program granted an identity, by its object ID, one of these roles at this place or above. */
export function isGranted(cloud: Cloud, principalId: string, roles: string[], scope: string): boolean {
    return cloud.list("Microsoft.Authorization/roleAssignments").some(({ inputs }) => {
        const role = textAt(inputs, "roleDefinitionId")?.toLowerCase().split("/").at(-1) ?? "";
        const above = (textAt(inputs, "scope") ?? "").toLowerCase().replace(/\/$/, "");
        return (
            textAt(inputs, "principalId") === principalId &&
            roles.includes(role) &&
            `${scope.toLowerCase()}/`.startsWith(`${above}/`)
        );
    });
}

export interface Identity {
    principalId: string;
    clientId: string;
    tenantId: string;
}

/** The user-assigned identities of a machine. */
export function identitiesOf(cloud: Cloud, machine: CloudResource): Identity[] {
    const given = at(machine.inputs, "identity", "userAssignedIdentities");
    const ids = Array.isArray(given) ? given : Object.keys(given && typeof given === "object" ? given : {});
    return ids.flatMap((id) => {
        const outputs = cloud.get(String(id))?.outputs;
        const [principalId, clientId, tenantId] = ["principalId", "clientId", "tenantId"].map((key) =>
            textAt(outputs, key),
        );
        return principalId && clientId && tenantId ? [{ principalId, clientId, tenantId }] : [];
    });
}

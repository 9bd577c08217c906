import assert from "node:assert/strict";
import { createIdentity, roleAssignmentName, ROLES } from "../../components/identity";
import { idOf, record, subscription } from "./recordedProgram";

const site = {
    prefix: "mainstay-prod",
    location: "westeurope",
    zones: ["1"],
    tags: { owner: "platform" },
    ...subscription,
};
const scope = `/subscriptions/${subscription.subscriptionId}/resourceGroups/a/providers/Microsoft.KeyVault/vaults/b`;

describe("an identity", () => {
    it("may do what it is given and nothing else, each on the one resource", async () => {
        const { recording, result } = await record(() =>
            createIdentity(
                "machines",
                site,
                {
                    resourceName: "mainstay-prod-machines",
                    resourceGroupName: "a",
                    grants: [{ role: "Key Vault Secrets User", scope, on: "secrets" }],
                    describes: "machines",
                },
                {},
            ),
        );
        assert.equal(recording.one("machines-identity").inputs.resourceName, "mainstay-prod-machines");
        const assignments = recording.ofType("azure-native:authorization:RoleAssignment");
        assert.equal(assignments.length, 1);
        const { inputs, deleteBeforeReplace } = assignments[0];
        assert.equal(inputs.scope, scope);
        assert.ok(inputs.roleDefinitionId.endsWith(ROLES["Key Vault Secrets User"]));
        assert.ok(inputs.roleDefinitionId.startsWith(`/subscriptions/${subscription.subscriptionId}/`));
        assert.equal(inputs.principalType, "ServicePrincipal");
        assert.equal(inputs.principalId, "22222222-2222-4222-8222-222222222222");
        assert.equal(inputs.description, "mainstay-prod: machines uses secrets");
        assert.ok(deleteBeforeReplace);
        assert.equal(result.grants.length, 1);
        assert.ok(idOf("machines-identity"));
    });

    it("has assignments of the same names in every run, and others for every other role, scope and environment", () => {
        const name = roleAssignmentName("mainstay-prod", "machines", "Key Vault Secrets User", "secrets");
        assert.equal(name, roleAssignmentName("mainstay-prod", "machines", "Key Vault Secrets User", "secrets"));
        assert.match(name, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        const others = [
            roleAssignmentName("mainstay-staging", "machines", "Key Vault Secrets User", "secrets"),
            roleAssignmentName("mainstay-prod", "workers", "Key Vault Secrets User", "secrets"),
            roleAssignmentName("mainstay-prod", "machines", "Key Vault Secrets Officer", "secrets"),
            roleAssignmentName("mainstay-prod", "machines", "Key Vault Secrets User", "join"),
        ];
        assert.equal(new Set([name, ...others]).size, 5);
    });

    it("takes no role that hands out roles as it likes, and passes a condition on", async () => {
        const OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
        const USER_ACCESS_ADMINISTRATOR = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9";
        for (const id of Object.values(ROLES)) assert.ok(![OWNER, USER_ACCESS_ADMINISTRATOR].includes(id));
        const condition = "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})))";
        const { recording } = await record(() =>
            createIdentity(
                "deployment",
                site,
                {
                    resourceName: "d",
                    resourceGroupName: "a",
                    grants: [{ role: "Key Vault Secrets User", scope, on: "secrets", condition }],
                    describes: "deployments",
                },
                {},
            ),
        );
        const { inputs } = recording.one("deployment-may-use-secrets");
        assert.deepEqual([inputs.condition, inputs.conditionVersion], [condition, "2.0"]);
    });
});

import assert from "node:assert/strict";
import { build, inGroup, secretValue } from "./recordedControlPlane";
import { ROLES } from "../../components/identity";
import { subscription } from "./recordedProgram";

const vaults = ["control-plane-secrets", "control-plane-join"];

describe("a control plane's vaults", function () {
    this.timeout(30_000);

    it("are closed to the internet, opened by roles alone, and lose nothing for good in 90 days", async () => {
        const { recording } = await build();
        for (const name of vaults) {
            const { properties } = recording.one(name).inputs;
            assert.equal(properties.tenantId, subscription.tenantId);
            assert.equal(properties.enableRbacAuthorization, true);
            assert.equal(properties.enablePurgeProtection, true);
            assert.equal(properties.softDeleteRetentionInDays, 90);
            assert.equal(properties.publicNetworkAccess, "Disabled");
            assert.equal(properties.networkAcls.defaultAction, "Deny");
            assert.equal(properties.accessPolicies, undefined);
            const endpoint = recording.one(`${name}-endpoint`).inputs;
            assert.deepEqual(endpoint.privateLinkServiceConnections[0].groupIds, ["vault"]);
        }
    });

    it("hold every key under the name that machines look for, marked secret, and keep it when the program goes", async () => {
        const { recording } = await build();
        const secrets = recording.ofType("azure-native:keyvault:Secret");
        const vaultName = recording.one("control-plane-secrets").inputs.vaultName;
        const names = secrets.map(({ inputs }) => inputs.secretName).sort();
        for (const name of [
            "kubernetes-ca-crt",
            "kubernetes-ca-key",
            "service-account-key",
            "encryption",
            "administrator-kubeconfig",
        ])
            assert.ok(names.includes(name), `${name} in ${names}`);
        for (const { name, inputs, retainOnDelete } of secrets) {
            assert.equal(inputs.vaultName, vaultName, name);
            assert.ok(
                secretValue(inputs.properties.value) ?? secretValue(inputs.properties),
                `${name} is not marked secret`,
            );
            // Deleting goes through the data plane, whose firewall is closed.
            assert.ok(retainOnDelete, name);
        }
    });

    it("open the one with keys to the control plane alone, and the one to join by to workers for reading", async () => {
        const { recording } = await build();
        const mayUse = (vault: string) =>
            recording
                .ofType("azure-native:authorization:RoleAssignment")
                .filter(
                    ({ inputs }) =>
                        inputs.scope === inGroup(`Microsoft.KeyVault/vaults/${recording.one(vault).inputs.vaultName}`),
                )
                .map(({ name, inputs }) => [name, inputs.roleDefinitionId.split("/").at(-1)])
                .sort();
        assert.deepEqual(mayUse("control-plane-secrets"), [
            ["control-plane-may-use-secrets", ROLES["Key Vault Secrets User"]],
        ]);
        assert.deepEqual(mayUse("control-plane-join"), [
            ["control-plane-may-use-join", ROLES["Key Vault Secrets Officer"]],
            ["control-plane-worker-may-use-join", ROLES["Key Vault Secrets User"]],
        ]);
    });
});

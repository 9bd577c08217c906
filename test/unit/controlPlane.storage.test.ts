import assert from "node:assert/strict";
import { ROLES } from "../../components/identity";
import { build, inGroup } from "./recordedControlPlane";

const all = ["issuer", "state", "etcd"];

describe("a control plane's storage", function () {
    this.timeout(30_000);

    it("knows no keys, no old TLS and no other tenant, in copies over three zones", async () => {
        const { recording } = await build();
        for (const name of all) {
            const { inputs } = recording.one(`control-plane-storage-${name}`);
            assert.equal(inputs.allowSharedKeyAccess, false, name);
            assert.equal(inputs.allowBlobPublicAccess, false, name);
            assert.equal(inputs.allowCrossTenantReplication, false, name);
            assert.equal(inputs.isLocalUserEnabled, false, name);
            assert.equal(inputs.minimumTlsVersion, "TLS1_2", name);
            assert.equal(inputs.enableHttpsTrafficOnly, true, name);
            assert.equal(inputs.encryption.requireInfrastructureEncryption, true, name);
            assert.equal(inputs.sku.name, "Standard_ZRS", name);
            assert.match(inputs.accountName, /^[a-z0-9]{3,24}$/);
        }
    });

    it("is reached from the network alone, but for the issuer's documents, which anybody may read", async () => {
        const { recording } = await build();
        for (const name of ["state", "etcd"]) {
            const { publicNetworkAccess, networkRuleSet } = recording.one(`control-plane-storage-${name}`).inputs;
            assert.deepEqual([publicNetworkAccess, networkRuleSet.defaultAction], ["Disabled", "Deny"], name);
            const endpoint = recording.one(`control-plane-storage-${name}-endpoint`).inputs;
            assert.deepEqual(endpoint.privateLinkServiceConnections[0].groupIds, ["blob"]);
        }
        assert.equal(recording.one("control-plane-storage-issuer").inputs.publicNetworkAccess, "Enabled");
        assert.equal(recording.ofType("azure-native:storage:StorageAccountStaticWebsite").length, 1);
        assert.ok(!recording.resources.some(({ name }) => name === "control-plane-storage-issuer-endpoint"));
    });

    it("brings back what was overwritten or deleted, and lets nothing current go by age", async () => {
        const { recording } = await build();
        for (const name of ["state", "etcd"]) {
            const service = recording.one(`control-plane-storage-${name}-blobs`).inputs;
            assert.equal(service.isVersioningEnabled, true);
            assert.equal(service.deleteRetentionPolicy.enabled, true);
            assert.equal(service.containerDeleteRetentionPolicy.enabled, true);
            const { rules } = recording.one(`control-plane-storage-${name}-lifecycle`).inputs.policy;
            // A rule on current blobs would take the last good snapshot when no new ones come.
            for (const { definition } of rules) assert.deepEqual(Object.keys(definition.actions), ["version"]);
        }
    });

    it("is written by the control plane's identity: two containers and the issuer's account, and nothing else", async () => {
        const { recording } = await build();
        const account = (name: string) =>
            inGroup(
                `Microsoft.Storage/storageAccounts/${recording.one(`control-plane-storage-${name}`).inputs.accountName}`,
            );
        const scopes = recording
            .ofType("azure-native:authorization:RoleAssignment")
            .filter(({ inputs }) => inputs.scope.includes("/storageAccounts/"))
            .map(({ inputs }) => {
                assert.ok(inputs.roleDefinitionId.endsWith(ROLES["Storage Blob Data Contributor"]));
                return inputs.scope;
            });
        assert.deepEqual(
            scopes.sort(),
            [
                account("issuer"),
                `${account("state")}/blobServices/default/containers/cluster`,
                `${account("etcd")}/blobServices/default/containers/snapshots`,
            ].sort(),
        );
    });
});

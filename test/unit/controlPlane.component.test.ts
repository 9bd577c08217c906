import assert from "node:assert/strict";
import { build, buildOtherwise, inGroup, registryId, secretValue } from "./recordedControlPlane";
import { valueOf } from "./recordedProgram";

describe("control plane", function () {
    this.timeout(30_000);

    it("tells where the API is: by its private name, or by the public one where a stack asks for it", async () => {
        assert.equal((await build()).result.endpoint, "https://api.mainstay-prod.internal:6443");
        const open = await buildOtherwise();
        assert.equal(open.result.endpoint, "https://mainstay-prod.westeurope.cloudapp.azure.com:6443");
        // Machines are behind both balancers, and nodes use the private name all the same.
        const [address] = open.recording.one("control-plane-nic-1").inputs.ipConfigurations;
        assert.equal(address.loadBalancerBackendAddressPools.length, 2);
        assert.equal((await valueOf(open.result.plan)).apiName, "api.mainstay-prod.internal");
        assert.match(await valueOf(open.result.administratorKubeconfig), /mainstay-prod\.westeurope\.cloudapp/);
    });

    it("publishes its issuer where Azure serves the account's website, without a slash at its end", async () => {
        const { recording, result } = await build();
        const { accountName } = recording.one("control-plane-storage-issuer").inputs;
        assert.equal(await valueOf(result.oidcIssuerUrl), `https://${accountName}.z6.web.core.windows.net`);
        assert.equal((await valueOf(result.plan)).issuerUrl, await valueOf(result.oidcIssuerUrl));
    });

    it("has five machines where asked, and the first three stay what they were", async () => {
        const [three, five] = [await build(), await buildOtherwise()];
        assert.deepEqual(
            five.result.machines.map(({ name, zone }) => [name, zone]),
            [
                ["mainstay-prod-cp-1", "1"],
                ["mainstay-prod-cp-2", "2"],
                ["mainstay-prod-cp-3", "3"],
                ["mainstay-prod-cp-4", "1"],
                ["mainstay-prod-cp-5", "2"],
            ],
        );
        const places = ({ result }: typeof three) =>
            result.machines.slice(0, 3).map(({ zone, address }) => [zone, address]);
        assert.deepEqual(places(five), places(three));
        assert.equal(new Set(five.result.machines.map(({ address }) => address)).size, 5);
    });

    it("gives workers an identity of their own and the address of what they join by", async () => {
        const { recording, result } = await build();
        const { vaultName } = recording.one("control-plane-join").inputs;
        assert.deepEqual(result.joinVault, {
            url: `https://${vaultName}.vault.azure.net`,
            id: inGroup(`Microsoft.KeyVault/vaults/${vaultName}`),
            secret: "discovery",
        });
        assert.notEqual(
            recording.one("control-plane-identity").inputs.resourceName,
            recording.one("control-plane-worker-identity").inputs.resourceName,
        );
    });

    it("lets machines and workers pull from a private registry where there is one", async () => {
        const { recording, result } = await buildOtherwise();
        for (const name of ["control-plane-may-use-registry", "control-plane-worker-may-use-registry"]) {
            const { scope, roleDefinitionId } = recording.one(name).inputs;
            assert.equal(scope, registryId);
            assert.ok(roleDefinitionId.startsWith("/subscriptions/99999999-9999-4999-8999-999999999999/"));
        }
        assert.equal((await valueOf(result.plan)).registry, "example.azurecr.io");
    });

    it("keeps private keys secret: none is in an input that is not marked so", async () => {
        const { recording } = await build();
        const plain = (value: any): string => {
            if (Array.isArray(value)) return value.map(plain).join();
            if (typeof value !== "object" || value === null) return String(value);
            return secretValue(value) === undefined ? Object.values(value).map(plain).join() : "";
        };
        for (const { name, inputs } of recording.resources) assert.doesNotMatch(plain(inputs), /PRIVATE KEY/, name);
    });

    it("puts everything into the cluster's group and tags it", async () => {
        const { recording } = await build();
        const untagged =
            /^mainstay:|^pulumi:|^tls:|^random:|RoleAssignment|:Subnet$|BlobContainer|BlobServiceProperties|ManagementPolicy|StaticWebsite|:Table$|RuleAssociation|ZoneGroup|RecordSet/;
        for (const { type, name, inputs } of recording.resources.filter((one) =>
            one.name.startsWith("control-plane"),
        )) {
            if (untagged.test(type)) continue;
            assert.equal(inputs.tags?.owner, "platform", `${type} ${name}`);
            assert.equal(inputs.resourceGroupName, "mainstay-prod-cluster", name);
        }
    });
});

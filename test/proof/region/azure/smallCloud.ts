import { join } from "node:path";
import { parseArmId } from "../../../../rehearsal/azure/arm/id";
import { Cloud } from "../../../../rehearsal/azure/state/cloud";
import type { Properties } from "../../../../rehearsal/provider/values";

const subscription = "/subscriptions/00000000-0000-0000-0000-000000000001";
const group = `${subscription}/resourceGroups/small`;
const network = `${group}/providers/Microsoft.Network`;
const tenant = "11111111-1111-1111-1111-111111111111";
const roles = {
    secretsUser: "4633458b-17de-408a-b874-0445c86b69e6",
    secretsOfficer: "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
    blobContributor: "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
};

/** A few resources in a simulated Azure, put there by hand: quicker than a program, for trying the services alone. */
export function smallCloud(folder: string): Cloud {
    const cloud = new Cloud(join(folder, "azure"));
    const put = (id: string, inputs: Properties, outputs: Properties = {}) => {
        const { type, names } = parseArmId(id)!;
        const about = { id, type, name: names.at(-1)!, token: type, urn: id, createdAt: new Date().toISOString() };
        cloud.create({ ...about, inputs, body: inputs, outputs });
    };
    const grant = (principalId: string, role: string, scope: string) =>
        put(`${scope}/providers/Microsoft.Authorization/roleAssignments/${principalId}`, {
            scope,
            principalId,
            roleDefinitionId: `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
        });

    const machine = (name: string, principalId: string) => {
        const identity = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
        put(identity, {}, { principalId, clientId: `client-of-${name}`, tenantId: tenant });
        put(`${group}/providers/Microsoft.Compute/virtualMachines/${name}`, {
            identity: { type: "UserAssigned", userAssignedIdentities: [identity] },
        });
    };
    machine("small-cp-1", "machine");
    machine("stranger", "stranger");

    const subnet = `${network}/virtualNetworks/small/subnets/endpoints`;
    put(subnet, { addressPrefix: "10.9.8.0/24" });
    for (const zone of ["small.internal", "privatelink.vaultcore.azure.net", "privatelink.blob.core.windows.net"]) {
        put(`${network}/privateDnsZones/${zone}`, {});
        put(`${network}/privateDnsZones/${zone}/virtualNetworkLinks/small`, {});
    }
    put(`${network}/privateDnsZones/small.internal/A/api`, { aRecords: [{ ipv4Address: "10.9.0.4" }] });
    // Linked to no network.
    put(`${network}/privateDnsZones/apart.internal`, {});
    put(`${network}/privateDnsZones/apart.internal/A/api`, { aRecords: [{ ipv4Address: "10.9.0.4" }] });

    const privateEndpoint = (name: string, service: string, zoneName: string) => {
        const id = `${network}/privateEndpoints/${name}`;
        put(id, { subnet: { id: subnet }, privateLinkServiceConnections: [{ privateLinkServiceId: service }] });
        put(`${id}/privateDnsZoneGroups/default`, {
            privateDnsZoneConfigs: [{ privateDnsZoneId: `${network}/privateDnsZones/${zoneName}` }],
        });
    };
    const vault = `${group}/providers/Microsoft.KeyVault/vaults/smallvault`;
    put(vault, {});
    put(`${vault}/secrets/key`, { properties: { value: 'a\n"key"\\ü\n' } });
    privateEndpoint("smallvault", vault, "privatelink.vaultcore.azure.net");
    grant("machine", roles.secretsOfficer, vault);

    const readOnly = `${group}/providers/Microsoft.KeyVault/vaults/readonly`;
    put(readOnly, {});
    put(`${readOnly}/secrets/key`, { properties: { value: "read me" } });
    grant("machine", roles.secretsUser, readOnly);

    const account = (name: string) => {
        const id = `${group}/providers/Microsoft.Storage/storageAccounts/${name}`;
        put(id, {}, { primaryEndpoints: { blob: `https://${name}.blob.core.windows.net/` } });
        return id;
    };
    const state = account("smallstate");
    privateEndpoint("smallstate", state, "privatelink.blob.core.windows.net");
    for (const name of ["cluster", "other"])
        put(`${state}/blobServices/default/containers/${name}`, { accountName: "smallstate" });
    grant("machine", roles.blobContributor, `${state}/blobServices/default/containers/cluster`);

    const issuer = account("smallissuer");
    put(`${issuer}/staticWebsite`, { accountName: "smallissuer" });
    grant("machine", roles.blobContributor, issuer);
    return cloud;
}

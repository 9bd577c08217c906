import { Secret } from "@pulumi/azure-native/keyvault/secret";
import { Vault } from "@pulumi/azure-native/keyvault/vault";
import * as pulumi from "@pulumi/pulumi";
import { createPrivateEndpoint, type Network } from "../../network";
import { resourceId, type Site } from "../../site";

/** A vault for machines to read from. */
export interface MachineVault {
    /** Plain: what it will be is known before it exists. */
    id: string;
    /** Data plane, such as `https://secrets….vault.azure.net`. Reached from the network alone. */
    url: string;
    vaultName: string;
    vault: Vault;
    /** What has to be there before a machine can read: the vault, and the address that it has in the network. */
    reachable: pulumi.Resource[];
}

/** Longest that Azure knows: whoever deletes a vault by mistake may notice late. */
const SOFT_DELETE_DAYS = 90;

/**
 * A Key Vault that only role assignments open and only the network reaches.
 *
 * Its firewall is closed to everybody, this program included: secrets are written through Resource Manager, which is not
 * the vault's data plane, asks neither firewall nor the vault's roles, and takes them from whoever may deploy to the group.
 *
 * Purge protection cannot be taken back, and a deleted vault keeps its name for 90 days. So whoever destroys an environment
 * and wants it again in that time gives the stack another name, which makes other names of vaults; or recovers the vaults
 * (`az keyvault recover`) and adopts them and their secrets (`pulumi import`).
 */
export function createVault(
    name: string,
    site: Site,
    args: { vaultName: string; resourceGroupName: string; network: Network },
    child: pulumi.CustomResourceOptions,
): MachineVault {
    const { vaultName, resourceGroupName } = args;
    const vault = new Vault(
        name,
        {
            vaultName,
            resourceGroupName,
            location: site.location,
            properties: {
                tenantId: site.tenantId,
                sku: { family: "A", name: "standard" },
                enableRbacAuthorization: true,
                enableSoftDelete: true,
                softDeleteRetentionInDays: SOFT_DELETE_DAYS,
                enablePurgeProtection: true,
                enabledForDeployment: false,
                enabledForDiskEncryption: false,
                enabledForTemplateDeployment: false,
                publicNetworkAccess: "Disabled",
                networkAcls: { defaultAction: "Deny", bypass: "AzureServices" },
            },
            tags: site.tags,
        },
        child,
    );
    const endpoint = createPrivateEndpoint(
        `${name}-endpoint`,
        site,
        {
            network: args.network,
            target: { id: vault.id, groupId: "vault" },
            resourceGroupName,
            nameInAzure: vaultName,
        },
        child,
    );
    return {
        id: resourceId(site, resourceGroupName, "Microsoft.KeyVault/vaults", vaultName),
        url: `https://${vaultName}.vault.azure.net`,
        vaultName,
        vault,
        reachable: [vault, endpoint],
    };
}

/** What a secret is, for people who look at the vault. */
function contentType(secretName: string): string {
    return /-(crt|key|pub)$/.test(secretName) ? "application/x-pem-file" : "application/yaml";
}

/**
 * Puts secrets into a vault: name → value.
 *
 * None is ever deleted by itself: that would go through the data plane, where the firewall is closed. They go with the
 * vault.
 */
export function putSecrets(
    name: string,
    site: Site,
    { vault, resourceGroupName }: { vault: MachineVault; resourceGroupName: string },
    secrets: Record<string, pulumi.Input<string>>,
    child: pulumi.CustomResourceOptions,
): Secret[] {
    return Object.entries(secrets).map(
        ([secretName, value]) =>
            new Secret(
                `${name}-${secretName}`,
                {
                    vaultName: vault.vaultName,
                    resourceGroupName,
                    secretName,
                    properties: {
                        value: pulumi.secret(value),
                        contentType: contentType(secretName),
                        attributes: { enabled: true },
                    },
                    tags: site.tags,
                },
                { ...child, dependsOn: [vault.vault], retainOnDelete: true },
            ),
    );
}

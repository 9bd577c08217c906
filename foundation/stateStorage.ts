import { ManagementLockByScope } from "@pulumi/azure-native/authorization/managementLockByScope";
import { Key } from "@pulumi/azure-native/keyvault/key";
import { Vault } from "@pulumi/azure-native/keyvault/vault";
import { BlobContainer } from "@pulumi/azure-native/storage/blobContainer";
import { BlobServiceProperties } from "@pulumi/azure-native/storage/blobServiceProperties";
import { StorageAccount } from "@pulumi/azure-native/storage/storageAccount";
import * as pulumi from "@pulumi/pulumi";
import { globalName, type Site, siteOf } from "../components/site";

/** How long a state that was overwritten or deleted can be brought back. */
const UNDELETE_DAYS = 90;

/** Where stacks keep their state, and the key that encrypts the secrets in it. */
export class StateStorage extends pulumi.ComponentResource {
    /** For `pulumi login`. */
    public readonly backend: pulumi.Output<string>;
    /** For `pulumi stack init --secrets-provider`. */
    public readonly secretsProvider: pulumi.Output<string>;
    public readonly accountId: pulumi.Output<string>;
    public readonly vaultId: pulumi.Output<string>;

    constructor(
        name: string,
        args: Site & { resourceGroupName: pulumi.Input<string> },
        opts?: pulumi.ComponentResourceOptions,
    ) {
        super("mainstay:foundation:StateStorage", name, {}, opts);
        const child = { parent: this };
        const site = siteOf(args);
        const { resourceGroupName } = args;
        const common = { resourceGroupName, location: site.location, tags: site.tags };

        const account = new StorageAccount(
            `${name}-account`,
            {
                ...common,
                accountName: globalName(site, "pulumi"),
                kind: "StorageV2",
                // A second region: states are what one rebuilds a lost region from.
                sku: { name: "Standard_GZRS" },
                accessTier: "Hot",
                allowSharedKeyAccess: false,
                defaultToOAuthAuthentication: true,
                isLocalUserEnabled: false,
                allowBlobPublicAccess: false,
                allowCrossTenantReplication: false,
                enableHttpsTrafficOnly: true,
                minimumTlsVersion: "TLS1_2",
                // From anywhere, with a token: the first deployment of this very project runs on somebody's desk.
                publicNetworkAccess: "Enabled",
                networkRuleSet: { defaultAction: "Allow", bypass: "None" },
            },
            child,
        );
        const keep = { enabled: true, days: UNDELETE_DAYS };
        new BlobServiceProperties(
            `${name}-blobs`,
            {
                accountName: account.name,
                blobServicesName: "default",
                resourceGroupName,
                isVersioningEnabled: true,
                deleteRetentionPolicy: keep,
                containerDeleteRetentionPolicy: keep,
            },
            child,
        );
        const container = new BlobContainer(
            `${name}-container`,
            { accountName: account.name, containerName: "state", resourceGroupName, publicAccess: "None" },
            child,
        );
        new ManagementLockByScope(
            `${name}-lock`,
            {
                lockName: "keep",
                scope: account.id,
                level: "CanNotDelete",
                notes: "Without the states nobody knows what there is",
            },
            { ...child, dependsOn: [container] },
        );

        const vault = new Vault(
            `${name}-vault`,
            {
                ...common,
                vaultName: globalName(site, "pulumi"),
                properties: {
                    tenantId: site.tenantId,
                    sku: { family: "A", name: "standard" },
                    enableRbacAuthorization: true,
                    enablePurgeProtection: true,
                    enableSoftDelete: true,
                    softDeleteRetentionInDays: 90,
                    publicNetworkAccess: "Enabled",
                    networkAcls: { defaultAction: "Allow", bypass: "None" },
                },
            },
            child,
        );
        const key = new Key(
            `${name}-key`,
            {
                vaultName: vault.name,
                resourceGroupName,
                keyName: "pulumi",
                properties: { kty: "RSA", keySize: 3072, keyOps: ["encrypt", "decrypt"] },
                tags: site.tags,
            },
            child,
        );

        this.accountId = account.id;
        this.vaultId = vault.id;
        this.backend = pulumi.interpolate`azblob://${container.name}?storage_account=${account.name}`;
        this.secretsProvider = pulumi.interpolate`azurekeyvault://${vault.name}.vault.azure.net/keys/${key.name}`;
        this.registerOutputs({ backend: this.backend, secretsProvider: this.secretsProvider });
    }
}

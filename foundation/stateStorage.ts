import { ManagementLockByScope } from "@pulumi/azure-native/authorization/managementLockByScope";
import { Key } from "@pulumi/azure-native/keyvault/key";
import { Vault } from "@pulumi/azure-native/keyvault/vault";
import { BlobServiceProperties } from "@pulumi/azure-native/storage/blobServiceProperties";
import * as pulumi from "@pulumi/pulumi";
import { globalName, type Site, siteOf } from "../components/site";
import { createAccount, createContainer } from "../components/storage";

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
        args: Site & { resourceGroupName: string; group: pulumi.Resource },
        opts?: pulumi.ComponentResourceOptions,
    ) {
        super("mainstay:foundation:StateStorage", name, {}, opts);
        // The group's name is plain here, so the group itself has to be waited for.
        const child = { parent: this, dependsOn: [args.group] };
        const site = siteOf(args);
        const { resourceGroupName } = args;
        const common = { resourceGroupName, location: site.location, tags: site.tags };

        // From anywhere, with a token: the first deployment of this very project runs on somebody's desk. In a second region
        // as well: states are what one rebuilds a lost region from.
        const storage = createAccount(
            `${name}-account`,
            site,
            { accountName: globalName(site, "pulumi"), resourceGroupName, reach: "public", copies: "GZRS" },
            child,
        );
        const { account } = storage;
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
        const { container } = createContainer(
            `${name}-container`,
            storage,
            { containerName: "state", resourceGroupName },
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
            { ...child, dependsOn: [args.group, container] },
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

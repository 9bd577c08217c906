import { BlobContainer } from "@pulumi/azure-native/storage/blobContainer";
import { StorageAccount } from "@pulumi/azure-native/storage/storageAccount";
import type * as pulumi from "@pulumi/pulumi";
import { createPrivateEndpoint, type Network } from "../network";
import { resourceId, type Site } from "../site";

/** Arguments of {@link createAccount}. */
export interface AccountArgs {
    accountName: string;
    resourceGroupName: string;
    /** Where it has its private address; `public` for what is asked from anywhere. */
    reach: Network | "public";
    /** `ZRS`: copies in three zones. `GZRS`: and in a second region. @default ZRS */
    copies?: "ZRS" | "GZRS";
}

/** A storage account for blobs. */
export interface Account {
    account: StorageAccount;
    /** Plain, as are the names of what is in it: wait for the account. */
    accountName: string;
    /** Plain: what it will be is known before it exists. */
    id: string;
    /** Data plane, such as `https://state….blob.core.windows.net`. */
    blobUrl: string;
    /** What has to be there before a machine can read and write. */
    reachable: pulumi.Resource[];
}

/**
 * A storage account that knows no keys: only roles open it.
 *
 * Copies in three zones, for what a cluster of this region has: every region with zones has that, also those without a
 * pair. A second region is for what one rebuilds a lost region from.
 */
export function createAccount(
    name: string,
    site: Site,
    { accountName, resourceGroupName, reach, copies = "ZRS" }: AccountArgs,
    child: pulumi.CustomResourceOptions,
): Account {
    const isPublic = reach === "public";
    const account = new StorageAccount(
        name,
        {
            accountName,
            resourceGroupName,
            location: site.location,
            kind: "StorageV2",
            sku: { name: `Standard_${copies}` },
            accessTier: "Hot",
            allowSharedKeyAccess: false,
            defaultToOAuthAuthentication: true,
            isLocalUserEnabled: false,
            // A static website is served all the same: this is about containers that one opens to anybody.
            allowBlobPublicAccess: false,
            allowCrossTenantReplication: false,
            enableHttpsTrafficOnly: true,
            minimumTlsVersion: "TLS1_2",
            encryption: {
                keySource: "Microsoft.Storage",
                requireInfrastructureEncryption: true,
                services: { blob: { enabled: true, keyType: "Account" } },
            },
            publicNetworkAccess: isPublic ? "Enabled" : "Disabled",
            networkRuleSet: { defaultAction: isPublic ? "Allow" : "Deny", bypass: "None" },
            tags: site.tags,
        },
        child,
    );
    const reachable: pulumi.Resource[] = [account];
    if (!isPublic) {
        reachable.push(
            createPrivateEndpoint(
                `${name}-endpoint`,
                site,
                {
                    network: reach,
                    target: { id: account.id, groupId: "blob" },
                    resourceGroupName,
                    nameInAzure: accountName,
                },
                child,
            ),
        );
    }
    return {
        account,
        accountName,
        id: resourceId(site, resourceGroupName, "Microsoft.Storage/storageAccounts", accountName),
        blobUrl: `https://${accountName}.blob.core.windows.net`,
        reachable,
    };
}

/** A container of an account, and what machines have to know of it. */
export interface Container {
    container: BlobContainer;
    /** To assign roles on. */
    id: string;
    url: string;
}

export function createContainer(
    name: string,
    { account, accountName, id, blobUrl }: Account,
    { containerName, resourceGroupName }: { containerName: string; resourceGroupName: string },
    child: pulumi.CustomResourceOptions,
): Container {
    return {
        container: new BlobContainer(
            name,
            { accountName, containerName, resourceGroupName, publicAccess: "None" },
            { ...child, dependsOn: [account] },
        ),
        id: `${id}/blobServices/default/containers/${containerName}`,
        url: `${blobUrl}/${containerName}`,
    };
}

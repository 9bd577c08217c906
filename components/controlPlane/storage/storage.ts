import { BlobServiceProperties } from "@pulumi/azure-native/storage/blobServiceProperties";
import { ManagementPolicy } from "@pulumi/azure-native/storage/managementPolicy";
import { StorageAccountStaticWebsite } from "@pulumi/azure-native/storage/storageAccountStaticWebsite";
import type * as pulumi from "@pulumi/pulumi";
import type { Network } from "../../network";
import type { Site } from "../../site";
import { type Account, createAccount, createContainer } from "../../storage";

/** Storage of what a control plane writes beside etcd. */
export interface ControlPlaneStorage {
    /** The issuer's documents, for everybody to read. */
    issuer: { url: pulumi.Output<string>; blobUrl: string };
    /** Container with the lock and the mark of who initialises the cluster. */
    stateUrl: string;
    /** Container with etcd's snapshots. */
    snapshotUrl: string;
    /** On what the machines have to write, for role assignments: IDs, plain. */
    scopes: { issuer: string; state: string; snapshots: string };
    /** What has to be there before a machine can write. */
    reachable: pulumi.Resource[];
}

/** Arguments of {@link createStorage}. */
export interface StorageArgs {
    resourceGroupName: string;
    network: Network;
    accountNames: { issuer: string; state: string; snapshots: string };
}

/** How long what was overwritten or deleted can be brought back. Each day costs a day's snapshots. */
const UNDELETE_DAYS = 7;

export function createStorage(
    name: string,
    site: Site,
    { resourceGroupName, network, accountNames }: StorageArgs,
    child: pulumi.CustomResourceOptions,
): ControlPlaneStorage {
    const issuer = createIssuer(`${name}-issuer`, site, { resourceGroupName, accountName: accountNames.issuer }, child);

    const state = createAccount(
        `${name}-state`,
        site,
        { resourceGroupName, accountName: accountNames.state, reach: network },
        child,
    );
    const stateVersions = keepVersions(`${name}-state`, state, resourceGroupName, child);
    const cluster = createContainer(
        `${name}-state-cluster`,
        state,
        { resourceGroupName, containerName: "cluster" },
        child,
    );

    const etcd = createAccount(
        `${name}-etcd`,
        site,
        { resourceGroupName, accountName: accountNames.snapshots, reach: network },
        child,
    );
    const etcdVersions = keepVersions(`${name}-etcd`, etcd, resourceGroupName, child);
    const snapshots = createContainer(
        `${name}-etcd-snapshots`,
        etcd,
        { resourceGroupName, containerName: "snapshots" },
        child,
    );

    return {
        issuer: { url: issuer.url, blobUrl: issuer.blobUrl },
        stateUrl: cluster.url,
        snapshotUrl: snapshots.url,
        scopes: { issuer: issuer.id, state: cluster.id, snapshots: snapshots.id },
        reachable: [
            ...issuer.reachable,
            ...[...state.reachable, ...stateVersions, cluster.container],
            ...[...etcd.reachable, ...etcdVersions, snapshots.container],
        ],
    };
}

/** The account that serves the issuer's discovery document and keys as a static website: whoever checks a token reads them. */
function createIssuer(
    name: string,
    site: Site,
    { resourceGroupName, accountName }: { resourceGroupName: string; accountName: string },
    child: pulumi.CustomResourceOptions,
) {
    const issuer = createAccount(name, site, { resourceGroupName, accountName, reach: "public" }, child);
    // Makes the container `$web`. The one thing here that goes through the data plane: with a token, not with a key.
    const website = new StorageAccountStaticWebsite(
        `${name}-website`,
        { accountName, resourceGroupName },
        { ...child, dependsOn: [issuer.account] },
    );
    return {
        ...issuer,
        // Which zone of Azure's DNS it is in is Azure's to choose.
        url: issuer.account.primaryEndpoints.apply(({ web }) => web.replace(/\/$/, "")),
        reachable: [...issuer.reachable, website],
    };
}

/**
 * Keeps what is overwritten or deleted, for some days.
 *
 * Only what is no longer current goes by age. The newest snapshots never do: if they stopped being made, age would take
 * the last one. The machines take older ones away, and only behind a newer good one; they cannot delete versions.
 */
function keepVersions(
    name: string,
    { account, accountName }: Account,
    resourceGroupName: string,
    child: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
    const keep = { enabled: true, days: UNDELETE_DAYS };
    const service = new BlobServiceProperties(
        `${name}-blobs`,
        {
            accountName,
            blobServicesName: "default",
            resourceGroupName,
            isVersioningEnabled: true,
            deleteRetentionPolicy: keep,
            containerDeleteRetentionPolicy: keep,
        },
        { ...child, dependsOn: [account] },
    );
    const policy = new ManagementPolicy(
        `${name}-lifecycle`,
        {
            accountName,
            managementPolicyName: "default",
            resourceGroupName,
            policy: {
                rules: [
                    {
                        name: "old-versions",
                        type: "Lifecycle",
                        enabled: true,
                        definition: {
                            filters: { blobTypes: ["blockBlob"] },
                            actions: { version: { delete: { daysAfterCreationGreaterThan: UNDELETE_DAYS } } },
                        },
                    },
                ],
            },
        },
        { ...child, dependsOn: [service] },
    );
    return [service, policy];
}

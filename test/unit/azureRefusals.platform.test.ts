import type { Properties } from "../../rehearsal/provider/values";
import { assertTaken, itRefuses, type Refusal } from "./azureRefusal";
import { AzureRun, base, changed } from "./azureRun";

type Good = Awaited<ReturnType<typeof goodInputs>>;

const VAULT = "keyvault:Vault";
const SECRET = "keyvault:Secret";
const ACCOUNT = "storage:StorageAccount";
const CONTAINER = "storage:BlobContainer";
const SERVICE = "storage:BlobServiceProperties";
const POLICY = "storage:ManagementPolicy";
const ENDPOINT = "network:PrivateEndpoint";
const ZONES = "network:PrivateDnsZoneGroup";
const RECORD = "privatedns:PrivateRecordSet";
const LINK = "privatedns:VirtualNetworkLink";
const ROLE = "authorization:RoleDefinition";
const ASSIGNMENT = "authorization:RoleAssignment";
const CREDENTIAL = "managedidentity:FederatedIdentityCredential";
const COLLECTION = "monitor:DataCollectionRule";
const ASSOCIATION = "monitor:DataCollectionRuleAssociation";
const TABLE = "operationalinsights:Table";

const id = (type: string, name: string): string => `/subscriptions/SUB/resourceGroups/rg/providers/${type}/${name}`;
const role = (guid: string): string => `/subscriptions/SUB/providers/Microsoft.Authorization/roleDefinitions/${guid}`;

const REFUSALS: Refusal<Good>[] = [
    // vaults
    {
        what: "a vault that forgets after three days",
        type: VAULT,
        from: (good) => good.vault,
        set: ["properties.softDeleteRetentionInDays", 3],
        property: "properties.softDeleteRetentionInDays",
        says: /from 7 to 90|>= 7/,
    },
    {
        what: "a vault without soft delete",
        type: VAULT,
        from: (good) => good.vault,
        set: ["properties.enableSoftDelete", false],
        property: "properties.enableSoftDelete",
        says: /cannot be set to false/,
    },
    {
        what: "a vault that lets nobody in by role or policy",
        type: VAULT,
        from: (good) => good.vault,
        set: ["properties.enableRbacAuthorization", undefined],
        property: "properties.accessPolicies",
        says: /is not specified/,
    },
    {
        what: "the recovery of a vault that was never deleted",
        type: VAULT,
        from: (good) => good.vault,
        set: ["properties.createMode", "recover"],
        property: "properties.createMode",
        says: /no vault 'fresh' in deleted state/,
    },
    {
        what: "the name of a deleted vault",
        type: VAULT,
        from: (good) => good.vault,
        set: ["vaultName", "deleted"],
        property: "vaultName",
        says: /A vault with the same name already exists in deleted state.*purge protection.*ConflictError/,
    },
    {
        what: "a secret's name with a dot",
        type: SECRET,
        from: (good) => good.secret,
        set: ["secretName", "ca.key"],
        property: "secretName",
        says: /letters, digits and dashes|must match/,
    },
    {
        what: "a secret of more than 25 kB",
        type: SECRET,
        from: (good) => good.secret,
        set: ["properties.value", "x".repeat(25_601)],
        property: "properties.value",
        says: /has 25601 bytes/,
    },
    {
        what: "a secret without a value",
        type: SECRET,
        from: (good) => good.secret,
        set: ["properties.value", undefined],
        property: "properties.value",
        says: /missing/,
    },
    {
        what: "a secret in a vault that does not exist",
        type: SECRET,
        from: (good) => good.secret,
        set: ["vaultName", "gone"],
        property: "vaultName",
        says: /ParentResourceNotFound/,
    },
    {
        what: "the name of a deleted secret",
        type: SECRET,
        from: (good) => good.secret,
        set: ["secretName", "gone"],
        property: "secretName",
        says: /deleted but recoverable state.*ObjectIsDeletedButRecoverable/,
    },

    // storage
    {
        what: "a general-purpose account with a block blob account's SKU",
        type: ACCOUNT,
        from: (good) => good.account,
        set: ["sku.name", "Premium_ZRS"],
        property: "sku.name",
        says: /kind StorageV2/,
    },
    {
        what: "zone redundancy in a region without zones",
        type: ACCOUNT,
        from: (good) => good.account,
        set: ["location", "westus"],
        property: "sku.name",
        says: /RedundancyConfigurationNotAvailableInRegion/,
    },
    {
        what: "an account of kind BlobStorage without its tier",
        type: ACCOUNT,
        from: (good) => changed(good.account, "sku.name", "Standard_LRS"),
        set: ["kind", "BlobStorage"],
        property: "accessTier",
        says: /AccessTierRequired/,
    },
    {
        what: "a container that is open where its account is not",
        type: CONTAINER,
        from: (good) => good.container,
        set: ["publicAccess", "Blob"],
        property: "publicAccess",
        says: /PublicAccessNotPermitted/,
    },
    {
        what: "a container in capitals",
        type: CONTAINER,
        from: (good) => good.container,
        set: ["containerName", "Snapshots"],
        property: "containerName",
        says: /lower-case/,
    },
    {
        what: "the container that a website brings along",
        type: CONTAINER,
        from: (good) => good.container,
        set: ["containerName", "$web"],
        property: "containerName",
        says: /cannot create already existing resource/,
    },
    {
        what: "a blob where keys are off",
        type: "storage:Blob",
        from: (good) => good.blob,
        set: ["blobName", "other"],
        property: "accountName",
        says: /KeyBasedAuthenticationNotPermitted/,
    },
    {
        what: "a website of an account for files",
        type: "storage:StorageAccountStaticWebsite",
        from: (good) => good.website,
        set: ["accountName", "filesofmainstay"],
        property: "accountName",
        says: /kind FileStorage/,
    },
    {
        what: "a website whose index is in a folder",
        type: "storage:StorageAccountStaticWebsite",
        from: (good) => good.website,
        set: ["indexDocument", "pages/index.html"],
        property: "indexDocument",
        says: /without a slash/,
    },
    {
        what: "a service of blobs by another name",
        type: SERVICE,
        from: (good) => good.service,
        set: ["blobServicesName", "mine"],
        property: "blobServicesName",
        says: /default/,
    },
    {
        what: "deleted blobs that are kept for no known time",
        type: SERVICE,
        from: (good) => good.service,
        set: ["deleteRetentionPolicy", { enabled: true }],
        property: "deleteRetentionPolicy.days",
        says: /missing/,
    },
    {
        what: "a restore without versions",
        type: SERVICE,
        from: (good) => good.service,
        set: ["restorePolicy", { enabled: true, days: 5 }],
        property: "restorePolicy.enabled",
        says: /isVersioningEnabled and changeFeed/,
    },
    {
        what: "an archive of zone-redundant blobs",
        type: POLICY,
        from: (good) => good.policy,
        set: ["policy.rules[0].definition.actions.baseBlob.tierToArchive", { daysAfterModificationGreaterThan: 30 }],
        property: "policy.rules[0].definition.actions.baseBlob.tierToArchive",
        says: /not supported for an account of SKU Standard_ZRS/,
    },
    {
        what: "a lifecycle rule that does nothing",
        type: POLICY,
        from: (good) => good.policy,
        set: ["policy.rules[0].definition.actions", {}],
        property: "policy.rules[0].definition.actions",
        says: /empty/,
    },
    {
        what: "two lifecycle rules of one name",
        type: POLICY,
        from: (good) => good.policy,
        set: [
            "policy.rules[1]",
            {
                name: "old",
                type: "Lifecycle",
                definition: {
                    actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 3 } } },
                    filters: { blobTypes: ["blockBlob"] },
                },
            },
        ],
        property: "policy.rules[1].name",
        says: /there twice/,
    },
    {
        what: "a lifecycle policy by another name",
        type: POLICY,
        from: (good) => good.policy,
        set: ["managementPolicyName", "mine"],
        property: "managementPolicyName",
        says: /default/,
    },

    // private endpoints and names
    {
        what: "an endpoint for what a vault does not have",
        type: ENDPOINT,
        from: (good) => good.endpoint,
        set: ["privateLinkServiceConnections[0].groupIds", ["blob"]],
        property: "privateLinkServiceConnections[0].groupIds",
        says: /It has: vault/,
    },
    {
        what: "an endpoint for two parts at once",
        type: ENDPOINT,
        from: (good) => changed(good.endpoint, "privateLinkServiceConnections[0].privateLinkServiceId", good.accountId),
        set: ["privateLinkServiceConnections[0].groupIds", ["blob", "web"]],
        property: "privateLinkServiceConnections[0].groupIds",
        says: /must name one part/,
    },
    {
        what: "an endpoint to nothing",
        type: ENDPOINT,
        from: (good) => good.endpoint,
        set: ["privateLinkServiceConnections", []],
        property: "privateLinkServiceConnections",
        says: /one connection, but 0/,
    },
    {
        what: "an endpoint in no subnet",
        type: ENDPOINT,
        from: (good) => good.endpoint,
        set: ["subnet", undefined],
        property: "subnet",
        says: /is in a subnet/,
    },
    {
        what: "an endpoint in another region than its network",
        type: ENDPOINT,
        from: (good) => good.endpoint,
        set: ["location", "northeurope"],
        property: "subnet.id",
        says: /InvalidResourceReference/,
    },
    {
        what: "a second group of zones",
        type: ZONES,
        from: (good) => good.zones,
        set: ["privateDnsZoneGroupName", "second"],
        property: "privateDnsZoneGroupName",
        says: /may have one group/,
    },
    {
        what: "a zone of an endpoint that does not exist",
        type: ZONES,
        from: (good) => good.zones,
        set: [
            "privateDnsZoneConfigs[0].privateDnsZoneId",
            id("Microsoft.Network/privateDnsZones", "privatelink.gone.net"),
        ],
        property: "privateDnsZoneConfigs[0].privateDnsZoneId",
        says: /does not exist/,
    },
    {
        what: "a zone of an endpoint twice",
        type: ZONES,
        from: (good) => good.zones,
        set: [
            "privateDnsZoneConfigs[1]",
            { name: "again", privateDnsZoneId: id("Microsoft.Network/privateDnsZones", "mainstay.internal") },
        ],
        property: "privateDnsZoneConfigs[1].privateDnsZoneId",
        says: /there twice/,
    },
    {
        what: "a private zone in a region",
        type: "privatedns:PrivateZone",
        from: (good) => good.zone,
        set: ["location", "westeurope"],
        property: "location",
        says: /global/,
    },
    {
        what: "a second link of a network to one name",
        type: LINK,
        from: (good) => good.link,
        set: ["virtualNetworkLinkName", "again"],
        property: "virtualNetwork.id",
        says: /overlapping namespaces/,
    },
    {
        what: "a record in a zone that does not exist",
        type: RECORD,
        from: (good) => good.record,
        set: ["privateZoneName", "gone.internal"],
        property: "privateZoneName",
        says: /ParentResourceNotFound/,
    },
    {
        what: "a record of no address",
        type: RECORD,
        from: (good) => good.record,
        set: ["aRecords[0].ipv4Address", "10.1.0"],
        property: "aRecords[0].ipv4Address",
        says: /must be an address/,
    },
    {
        what: "a record set without records",
        type: RECORD,
        from: (good) => good.record,
        set: ["aRecords", undefined],
        property: "aRecords",
        says: /has no records/,
    },
    {
        what: "an alias beside an address",
        type: RECORD,
        from: (good) => changed(good.record, "cnameRecord", { cname: "other.internal" }),
        set: ["recordType", "CNAME"],
        property: "relativeRecordSetName",
        says: /alone under its name/,
    },
    {
        what: "a record that nobody may remember",
        type: RECORD,
        from: (good) => good.record,
        set: ["ttl", 0],
        property: "ttl",
        says: /from 1/,
    },

    // roles and identities
    {
        what: "a role that is none",
        type: ASSIGNMENT,
        from: (good) => good.assignment,
        set: ["roleDefinitionId", role("00000000-1111-4222-8333-444444444444")],
        property: "roleDefinitionId",
        says: /RoleDefinitionDoesNotExist/,
    },
    {
        what: "a custom role outside of where it may be given",
        type: ASSIGNMENT,
        from: (good) => changed(good.assignment, "scope", good.otherGroup),
        set: ["roleDefinitionId", role("aaaaaaaa-1111-4222-8333-444444444444")],
        property: "scope",
        says: /not within the assignable scopes of role mainstay-made/,
    },
    {
        what: "a custom role by a name that is taken",
        type: ROLE,
        from: (good) => good.role,
        set: ["roleName", "mainstay-made"],
        property: "roleName",
        says: /RoleDefinitionWithSameNameExists/,
    },
    {
        what: "a custom role for nowhere",
        type: ROLE,
        from: (good) => good.role,
        set: ["assignableScopes", []],
        property: "assignableScopes",
        says: /MissingAssignableScopes/,
    },
    {
        what: "a custom role for a single resource",
        type: ROLE,
        from: (good) => good.role,
        set: ["assignableScopes", [id("Microsoft.KeyVault/vaults", "keys")]],
        property: "assignableScopes[0]",
        says: /resource group, but/,
    },
    {
        what: "an action that is none",
        type: ROLE,
        from: (good) => good.role,
        set: ["permissions[0].actions", ["read everything"]],
        property: "permissions[0].actions[0]",
        says: /InvalidActionOrNotAction/,
    },
    {
        what: "an issuer with a query",
        type: CREDENTIAL,
        from: (good) => good.credential,
        set: ["issuer", "https://issuer.example/?a=b"],
        property: "issuer",
        says: /without query/,
    },
    {
        what: "a credential for nobody",
        type: CREDENTIAL,
        from: (good) => good.credential,
        set: ["subject", ""],
        property: "subject",
        says: /may not be empty/,
    },
    {
        what: "a credential for no audience",
        type: CREDENTIAL,
        from: (good) => good.credential,
        set: ["audiences", []],
        property: "audiences",
        says: /must have one entry/,
    },
    {
        what: "a credential of two letters",
        type: CREDENTIAL,
        from: (good) => good.credential,
        set: ["federatedIdentityCredentialResourceName", "ab"],
        property: "federatedIdentityCredentialResourceName",
        says: /3 to 120|must match/,
    },

    // collection of logs
    {
        what: "a flow to a destination that the rule does not have",
        type: COLLECTION,
        from: (good) => good.collection,
        set: ["dataFlows[0].destinations", ["elsewhere"]],
        property: "dataFlows[0].destinations[0]",
        says: /InvalidPayload/,
    },
    {
        what: "an endpoint of another region",
        type: COLLECTION,
        from: (good) => good.collection,
        set: ["dataCollectionEndpointId", id("Microsoft.Insights/dataCollectionEndpoints", "faraway")],
        property: "dataCollectionEndpointId",
        says: /in northeurope, the rule in westeurope/,
    },
    {
        what: "an association with nothing",
        type: ASSOCIATION,
        from: (good) => good.association,
        set: ["dataCollectionRuleId", undefined],
        property: "dataCollectionRuleId",
        says: /has to be given/,
    },
    {
        what: "a workspace that remembers for a week",
        type: "operationalinsights:Workspace",
        from: (good) => good.workspace,
        set: ["retentionInDays", 7],
        property: "retentionInDays",
        says: /from 30 to 730/,
    },
    {
        what: "a table that keeps less than it shows",
        type: TABLE,
        from: (good) => good.table,
        set: ["totalRetentionInDays", 10],
        property: "totalRetentionInDays",
        says: /less than retentionInDays 30/,
    },
    {
        what: "a table whose schema has another name",
        type: TABLE,
        from: (good) => good.table,
        set: ["schema.name", "Other_CL"],
        property: "schema.name",
        says: /must be the table's name/,
    },
];

describe("the simulated Azure refuses of vaults, storage, names, roles and logs", function () {
    this.timeout(60_000);
    let run: AzureRun;
    let good: Good;

    before(async () => {
        run = new AzureRun();
        good = await goodInputs(run);
    });
    after(() => run.end());

    it("nothing of what Azure takes", () =>
        assertTaken(run, [
            [VAULT, good.vault],
            [SECRET, good.secret],
            [ACCOUNT, good.account],
            [CONTAINER, good.container],
            [SERVICE, good.service],
            [POLICY, good.policy],
            [ENDPOINT, good.endpoint],
            [ZONES, good.zones],
            ["privatedns:PrivateZone", good.zone],
            [LINK, good.link],
            [RECORD, good.record],
            [ROLE, good.role],
            [ASSIGNMENT, good.assignment],
            [CREDENTIAL, good.credential],
            [COLLECTION, good.collection],
            [ASSOCIATION, good.association],
            [TABLE, good.table],
            ["operationalinsights:Workspace", good.workspace],
            ["storage:StorageAccountStaticWebsite", good.website],
        ]));

    itRefuses(REFUSALS, () => ({ run, good }));
});

async function goodInputs(run: AzureRun) {
    const { group, subnet, network } = await base(run);
    const inGroup = { resourceGroupName: "rg" };
    const subscription = group.id.split("/")[2];
    const other = await run.make("resources:ResourceGroup", { resourceGroupName: "other", location: "westeurope" });
    const vault = {
        ...inGroup,
        vaultName: "fresh",
        properties: {
            tenantId: "11111111-2222-4333-8444-555555555555",
            sku: { family: "A", name: "standard" },
            enableRbacAuthorization: true,
            enablePurgeProtection: true,
            softDeleteRetentionInDays: 90,
        },
    } satisfies Properties;
    const keys = await run.make(VAULT, { ...vault, vaultName: "keys" });
    await run.remove(VAULT, await run.make(VAULT, { ...vault, vaultName: "deleted" }));
    const secret = {
        ...inGroup,
        vaultName: "keys",
        secretName: "kubernetes-ca-key",
        properties: { value: "secret" },
    } satisfies Properties;
    await run.remove(SECRET, await run.make(SECRET, { ...secret, secretName: "gone" }));

    const account = {
        ...inGroup,
        accountName: "stateofmainstay",
        location: "westeurope",
        kind: "StorageV2",
        sku: { name: "Standard_ZRS" },
        allowSharedKeyAccess: false,
        allowBlobPublicAccess: false,
    } satisfies Properties;
    const issuer = await run.make(ACCOUNT, { ...account, accountName: "issuerofmainstay" });
    await run.make(ACCOUNT, {
        ...account,
        accountName: "filesofmainstay",
        kind: "FileStorage",
        sku: { name: "Premium_LRS" },
    });
    const inAccount = { ...inGroup, accountName: "issuerofmainstay" };
    const website = { ...inAccount, indexDocument: "index.html" } satisfies Properties;
    await run.make("storage:StorageAccountStaticWebsite", website);

    const zone = {
        ...inGroup,
        privateZoneName: "mainstay.internal",
        location: "global",
    } satisfies Properties;
    const names = await run.make("privatedns:PrivateZone", zone);
    const link = {
        ...inGroup,
        privateZoneName: "mainstay.internal",
        virtualNetworkLinkName: "network",
        location: "global",
        registrationEnabled: false,
        virtualNetwork: { id: network.id },
    } satisfies Properties;
    await run.make(LINK, link);
    const record = {
        ...inGroup,
        privateZoneName: "mainstay.internal",
        recordType: "A",
        relativeRecordSetName: "api",
        ttl: 300,
        aRecords: [{ ipv4Address: "10.1.0.4" }],
    } satisfies Properties;
    await run.make(RECORD, record);
    const endpoint = {
        ...inGroup,
        privateEndpointName: "keys",
        subnet: { id: subnet.id },
        privateLinkServiceConnections: [{ name: "keys", privateLinkServiceId: keys.id, groupIds: ["vault"] }],
    } satisfies Properties;
    await run.make(ENDPOINT, endpoint);
    const zones = {
        ...inGroup,
        privateEndpointName: "keys",
        privateDnsZoneGroupName: "default",
        privateDnsZoneConfigs: [{ name: "names", privateDnsZoneId: names.id }],
    } satisfies Properties;
    await run.make(ZONES, zones);

    const identity = await run.make("managedidentity:UserAssignedIdentity", { ...inGroup, resourceName: "identity" });
    const definition = {
        scope: `/subscriptions/${subscription}`,
        roleDefinitionId: "bbbbbbbb-1111-4222-8333-444444444444",
        roleName: "mainstay-cloud-provider",
        roleType: "CustomRole",
        assignableScopes: [group.id],
        permissions: [{ actions: ["Microsoft.Compute/virtualMachines/read"], notActions: [] }],
    } satisfies Properties;
    await run.make(ROLE, {
        ...definition,
        roleDefinitionId: "aaaaaaaa-1111-4222-8333-444444444444",
        roleName: "mainstay-made",
    });
    const workspace = {
        ...inGroup,
        workspaceName: "logs",
        sku: { name: "PerGB2018" },
        retentionInDays: 30,
    } satisfies Properties;
    const logs = await run.make("operationalinsights:Workspace", workspace);
    const near = await run.make("monitor:DataCollectionEndpoint", {
        ...inGroup,
        dataCollectionEndpointName: "near",
    });
    await run.make("monitor:DataCollectionEndpoint", {
        ...inGroup,
        dataCollectionEndpointName: "faraway",
        location: "northeurope",
    });
    const collection = {
        ...inGroup,
        dataCollectionRuleName: "audit",
        dataCollectionEndpointId: near.id,
        destinations: { logAnalytics: [{ name: "workspace", workspaceResourceId: logs.id }] },
        dataFlows: [{ streams: ["Microsoft-Syslog"], destinations: ["workspace"] }],
    } satisfies Properties;
    const rule = await run.make(COLLECTION, collection);
    return {
        subscription,
        otherGroup: other.id,
        accountId: issuer.id,
        vault,
        secret,
        account,
        website,
        container: { ...inAccount, containerName: "snapshots" } satisfies Properties,
        blob: { ...inAccount, containerName: "snapshots", blobName: "mark", type: "Block" } satisfies Properties,
        service: {
            ...inAccount,
            blobServicesName: "default",
            deleteRetentionPolicy: { enabled: true, days: 7 },
        } satisfies Properties,
        policy: {
            ...inAccount,
            managementPolicyName: "default",
            policy: {
                rules: [
                    {
                        name: "old",
                        type: "Lifecycle",
                        enabled: true,
                        definition: {
                            actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 30 } } },
                            filters: { blobTypes: ["blockBlob"] },
                        },
                    },
                ],
            },
        } satisfies Properties,
        endpoint,
        zones,
        zone,
        link,
        record,
        role: definition,
        assignment: {
            scope: group.id,
            principalId: identity.outputs.principalId,
            principalType: "ServicePrincipal",
            roleDefinitionId: role("aaaaaaaa-1111-4222-8333-444444444444").replace("SUB", subscription),
        } satisfies Properties,
        credential: {
            ...inGroup,
            resourceName: "identity",
            federatedIdentityCredentialResourceName: "workload",
            issuer: "https://issuer.example",
            subject: "system:serviceaccount:a:b",
            audiences: ["api://AzureADTokenExchange"],
        } satisfies Properties,
        workspace,
        collection,
        association: {
            resourceUri: keys.id,
            associationName: "audit",
            dataCollectionRuleId: rule.id,
        } satisfies Properties,
        table: {
            ...inGroup,
            workspaceName: "logs",
            tableName: "Audit_CL",
            plan: "Analytics",
            retentionInDays: 30,
            totalRetentionInDays: 365,
            schema: { name: "Audit_CL", columns: [{ name: "TimeGenerated", type: "dateTime" }] },
        } satisfies Properties,
    };
}

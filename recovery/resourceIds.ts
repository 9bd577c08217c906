/** The inputs of a resource, as they stand in the state file. */
export type Inputs = Record<string, unknown>;

/**
 * ARM's paths, by azure-native type. A crash leaves no ID behind, only inputs, so the ID has to follow from those.
 * A type that the platform uses and that is missing here fails `test/proof/crash.test.ts`, which compares this table
 * with the IDs that a rehearsal made.
 */
const armPaths: Record<string, string> = {
    "authorization:ManagementLockByScope": "{scope}/providers/Microsoft.Authorization/locks/{lockName}",
    "authorization:RoleAssignment": "{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
    "compute:Disk": "{group}/providers/Microsoft.Compute/disks/{diskName}",
    "compute:VirtualMachine": "{group}/providers/Microsoft.Compute/virtualMachines/{vmName}",
    "compute:VirtualMachineExtension":
        "{group}/providers/Microsoft.Compute/virtualMachines/{vmName}/extensions/{vmExtensionName}",
    "compute:VirtualMachineScaleSet": "{group}/providers/Microsoft.Compute/virtualMachineScaleSets/{vmScaleSetName}",
    "containerservice:AgentPool":
        "{group}/providers/Microsoft.ContainerService/managedClusters/{resourceName}/agentPools/{agentPoolName}",
    "containerservice:MaintenanceConfiguration":
        "{group}/providers/Microsoft.ContainerService/managedClusters/{resourceName}/maintenanceConfigurations/{configName}",
    "containerservice:ManagedCluster": "{group}/providers/Microsoft.ContainerService/managedClusters/{resourceName}",
    "keyvault:Key": "{group}/providers/Microsoft.KeyVault/vaults/{vaultName}/keys/{keyName}",
    "keyvault:Secret": "{group}/providers/Microsoft.KeyVault/vaults/{vaultName}/secrets/{secretName}",
    "keyvault:Vault": "{group}/providers/Microsoft.KeyVault/vaults/{vaultName}",
    "managedidentity:FederatedIdentityCredential":
        "{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}/federatedIdentityCredentials/{federatedIdentityCredentialResourceName}",
    "managedidentity:UserAssignedIdentity":
        "{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}",
    "monitor:DataCollectionEndpoint":
        "{group}/providers/Microsoft.Insights/dataCollectionEndpoints/{dataCollectionEndpointName}",
    "monitor:DataCollectionRule": "{group}/providers/Microsoft.Insights/dataCollectionRules/{dataCollectionRuleName}",
    "monitor:DataCollectionRuleAssociation":
        "{resourceUri}/providers/Microsoft.Insights/dataCollectionRuleAssociations/{associationName}",
    "monitor:DiagnosticSetting": "{resourceUri}/providers/Microsoft.Insights/diagnosticSettings/{name}",
    "network:LoadBalancer": "{group}/providers/Microsoft.Network/loadBalancers/{loadBalancerName}",
    "network:NatGateway": "{group}/providers/Microsoft.Network/natGateways/{natGatewayName}",
    "network:NetworkInterface": "{group}/providers/Microsoft.Network/networkInterfaces/{networkInterfaceName}",
    "network:NetworkSecurityGroup":
        "{group}/providers/Microsoft.Network/networkSecurityGroups/{networkSecurityGroupName}",
    "network:PrivateDnsZoneGroup":
        "{group}/providers/Microsoft.Network/privateEndpoints/{privateEndpointName}/privateDnsZoneGroups/{privateDnsZoneGroupName}",
    "network:PrivateEndpoint": "{group}/providers/Microsoft.Network/privateEndpoints/{privateEndpointName}",
    "network:PublicIPAddress": "{group}/providers/Microsoft.Network/publicIPAddresses/{publicIpAddressName}",
    "network:Subnet": "{group}/providers/Microsoft.Network/virtualNetworks/{virtualNetworkName}/subnets/{subnetName}",
    "network:VirtualNetworkPeering":
        "{group}/providers/Microsoft.Network/virtualNetworks/{virtualNetworkName}/virtualNetworkPeerings/{virtualNetworkPeeringName}",
    "network:VirtualNetwork": "{group}/providers/Microsoft.Network/virtualNetworks/{virtualNetworkName}",
    "operationalinsights:Table":
        "{group}/providers/Microsoft.OperationalInsights/workspaces/{workspaceName}/tables/{tableName}",
    "operationalinsights:Workspace": "{group}/providers/Microsoft.OperationalInsights/workspaces/{workspaceName}",
    "privatedns:PrivateRecordSet":
        "{group}/providers/Microsoft.Network/privateDnsZones/{privateZoneName}/{recordType}/{relativeRecordSetName}",
    "privatedns:PrivateZone": "{group}/providers/Microsoft.Network/privateDnsZones/{privateZoneName}",
    "privatedns:VirtualNetworkLink":
        "{group}/providers/Microsoft.Network/privateDnsZones/{privateZoneName}/virtualNetworkLinks/{virtualNetworkLinkName}",
    "resources:ResourceGroup": "{group}",
    "storage:BlobContainer":
        "{group}/providers/Microsoft.Storage/storageAccounts/{accountName}/blobServices/default/containers/{containerName}",
    "storage:BlobServiceProperties":
        "{group}/providers/Microsoft.Storage/storageAccounts/{accountName}/blobServices/{blobServicesName}",
    "storage:ManagementPolicy":
        "{group}/providers/Microsoft.Storage/storageAccounts/{accountName}/managementPolicies/{managementPolicyName}",
    "storage:StorageAccount": "{group}/providers/Microsoft.Storage/storageAccounts/{accountName}",
    "storage:StorageAccountStaticWebsite":
        "{group}/providers/Microsoft.Storage/storageAccounts/{accountName}/staticWebsite",
};

/**
 * The ID that a resource has if its creation got through: ARM's path, or Kubernetes' `namespace/name`.
 * `null` where nothing exists outside the state (random, tls); `undefined` where the inputs do not tell.
 */
export function resourceId(
    type: string,
    inputs: Inputs,
    subscriptionId: string | undefined,
): string | null | undefined {
    const provider = type.split(":")[0];
    switch (provider) {
        case "azure-native":
            return armId(type.slice("azure-native:".length), inputs, subscriptionId);
        case "kubernetes":
            return kubernetesId(type, inputs);
        case "random":
        case "tls":
            return null;
        default:
            return undefined;
    }
}

function armId(type: string, inputs: Inputs, subscriptionId: string | undefined): string | undefined {
    const path = armPaths[type];
    if (path === undefined) return undefined;
    const groupName = text(inputs.resourceGroupName);
    const group = subscriptionId && groupName && `/subscriptions/${subscriptionId}/resourceGroups/${groupName}`;
    let known = true;
    const id = path.replace(/\{(\w+)\}/g, (_, parameter: string) => {
        const value = parameter === "group" ? group : text(inputs[parameter]);
        if (!value) known = false;
        return value ?? "";
    });
    return known ? id : undefined;
}

function kubernetesId(type: string, inputs: Inputs): string | undefined {
    if (type.startsWith("kubernetes:helm.sh/")) return namespaced(inputs.namespace, inputs.name);
    const metadata = (inputs.metadata ?? {}) as Inputs;
    return namespaced(metadata.namespace, metadata.name);
}

function namespaced(namespace: unknown, name: unknown): string | undefined {
    const [prefix, own] = [text(namespace), text(name)];
    return own && (prefix ? `${prefix}/${own}` : own);
}

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);

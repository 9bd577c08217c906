// Types only: loading the classes would cost every deployment a second.
import type { RoleAssignmentArgs } from "@pulumi/azure-native/authorization/roleAssignment";
import type { DiskArgs } from "@pulumi/azure-native/compute/disk";
import type { VirtualMachineArgs } from "@pulumi/azure-native/compute/virtualMachine";
import type { VirtualMachineScaleSetArgs } from "@pulumi/azure-native/compute/virtualMachineScaleSet";
import type { AgentPoolArgs } from "@pulumi/azure-native/containerservice/agentPool";
import type { MaintenanceConfigurationArgs } from "@pulumi/azure-native/containerservice/maintenanceConfiguration";
import type { ManagedClusterArgs } from "@pulumi/azure-native/containerservice/managedCluster";
import type { VaultArgs } from "@pulumi/azure-native/keyvault/vault";
import type { DataCollectionRuleArgs } from "@pulumi/azure-native/monitor/dataCollectionRule";
import type { DataCollectionRuleAssociationArgs } from "@pulumi/azure-native/monitor/dataCollectionRuleAssociation";
import type { DiagnosticSettingArgs } from "@pulumi/azure-native/monitor/diagnosticSetting";
import type { LoadBalancerArgs } from "@pulumi/azure-native/network/loadBalancer";
import type { NatGatewayArgs } from "@pulumi/azure-native/network/natGateway";
import type { NetworkInterfaceArgs } from "@pulumi/azure-native/network/networkInterface";
import type { NetworkSecurityGroupArgs } from "@pulumi/azure-native/network/networkSecurityGroup";
import type { PrivateEndpointArgs } from "@pulumi/azure-native/network/privateEndpoint";
import type { PublicIPAddressArgs } from "@pulumi/azure-native/network/publicIPAddress";
import type { SecurityRuleArgs } from "@pulumi/azure-native/network/securityRule";
import type { SubnetArgs } from "@pulumi/azure-native/network/subnet";
import type { VirtualNetworkArgs } from "@pulumi/azure-native/network/virtualNetwork";
import type { BlobContainerArgs } from "@pulumi/azure-native/storage/blobContainer";
import type { StorageAccountArgs } from "@pulumi/azure-native/storage/storageAccount";
import type { Unwrap } from "@pulumi/pulumi";
import type { KubernetesKinds } from "./kubernetesKinds";

/** Anything that carries tags; nothing else of it is read. */
export interface Tagged {
    tags?: Record<string, string>;
}

/** A chart that is installed, with values of its own shape. */
export interface Installed {
    chart?: string;
    values?: Record<string, any>;
}

/** A certificate, or a request for one. */
export interface Certified {
    subject?: { organization?: string };
}

/** The kinds of resource that rules read, with the inputs of each. */
export interface Kinds extends KubernetesKinds {
    "azure-native:authorization:RoleAssignment": Unwrap<RoleAssignmentArgs>;
    "azure-native:compute:Disk": Unwrap<DiskArgs>;
    "azure-native:compute:VirtualMachine": Unwrap<VirtualMachineArgs>;
    "azure-native:compute:VirtualMachineExtension": Tagged & { settings?: unknown };
    "azure-native:compute:VirtualMachineScaleSet": Unwrap<VirtualMachineScaleSetArgs>;
    "azure-native:containerservice:AgentPool": Unwrap<AgentPoolArgs>;
    "azure-native:containerservice:MaintenanceConfiguration": Unwrap<MaintenanceConfigurationArgs>;
    "azure-native:containerservice:ManagedCluster": Unwrap<ManagedClusterArgs>;
    "azure-native:keyvault:Secret": { vaultName?: string };
    "azure-native:keyvault:Vault": Unwrap<VaultArgs>;
    "azure-native:managedidentity:UserAssignedIdentity": Tagged;
    "azure-native:monitor:DataCollectionRule": Unwrap<DataCollectionRuleArgs>;
    "azure-native:monitor:DataCollectionRuleAssociation": Unwrap<DataCollectionRuleAssociationArgs>;
    "azure-native:monitor:DiagnosticSetting": Unwrap<DiagnosticSettingArgs>;
    "azure-native:network:LoadBalancer": Unwrap<LoadBalancerArgs>;
    "azure-native:network:NatGateway": Unwrap<NatGatewayArgs>;
    "azure-native:network:NetworkInterface": Unwrap<NetworkInterfaceArgs>;
    "azure-native:network:NetworkSecurityGroup": Unwrap<NetworkSecurityGroupArgs>;
    "azure-native:network:PrivateEndpoint": Unwrap<PrivateEndpointArgs>;
    "azure-native:network:PublicIPAddress": Unwrap<PublicIPAddressArgs>;
    "azure-native:network:SecurityRule": Unwrap<SecurityRuleArgs>;
    "azure-native:network:Subnet": Unwrap<SubnetArgs>;
    "azure-native:network:VirtualNetwork": Unwrap<VirtualNetworkArgs>;
    "azure-native:operationalinsights:Workspace": Tagged;
    "azure-native:privatedns:PrivateZone": Tagged;
    "azure-native:resources:ResourceGroup": Tagged;
    "azure-native:storage:BlobContainer": Unwrap<BlobContainerArgs>;
    "azure-native:storage:StorageAccount": Unwrap<StorageAccountArgs>;
    "kubernetes:helm.sh/v3:Release": Installed;
    "tls:index/certRequest:CertRequest": Certified;
    "tls:index/locallySignedCert:LocallySignedCert": { certRequestPem?: string };
    "tls:index/selfSignedCert:SelfSignedCert": Certified;
}

export type Kind = keyof Kinds;

/** A resource as a rule sees it. Reading an unknown property throws `UnknownValueError`, which the engine understands. */
export type Judged<K extends Kind> = { [k in K]: { kind: k; name: string; props: Kinds[k] } }[K];

// Types only: loading the classes would cost every deployment a second.
import type { RoleAssignmentArgs } from "@pulumi/azure-native/authorization/roleAssignment";
import type { VirtualMachineArgs } from "@pulumi/azure-native/compute/virtualMachine";
import type { VirtualMachineScaleSetArgs } from "@pulumi/azure-native/compute/virtualMachineScaleSet";
import type { AgentPoolArgs } from "@pulumi/azure-native/containerservice/agentPool";
import type { MaintenanceConfigurationArgs } from "@pulumi/azure-native/containerservice/maintenanceConfiguration";
import type { ManagedClusterArgs } from "@pulumi/azure-native/containerservice/managedCluster";
import type { DiagnosticSettingArgs } from "@pulumi/azure-native/monitor/diagnosticSetting";
import type { LoadBalancerArgs } from "@pulumi/azure-native/network/loadBalancer";
import type { NatGatewayArgs } from "@pulumi/azure-native/network/natGateway";
import type { NetworkInterfaceArgs } from "@pulumi/azure-native/network/networkInterface";
import type { NetworkSecurityGroupArgs } from "@pulumi/azure-native/network/networkSecurityGroup";
import type { PublicIPAddressArgs } from "@pulumi/azure-native/network/publicIPAddress";
import type { SecurityRuleArgs } from "@pulumi/azure-native/network/securityRule";
import type { SubnetArgs } from "@pulumi/azure-native/network/subnet";
import type { VirtualNetworkArgs } from "@pulumi/azure-native/network/virtualNetwork";
import type { Unwrap } from "@pulumi/pulumi";

/** A role binding, of the whole cluster or of a namespace. */
export interface Binding {
    subjects?: { kind: string; name: string }[];
}

/** Anything that carries tags; nothing else of it is read. */
export interface Tagged {
    tags?: Record<string, string>;
}

/** The kinds of resource that rules read, with the inputs of each. */
export interface Kinds {
    "azure-native:authorization:RoleAssignment": Unwrap<RoleAssignmentArgs>;
    "azure-native:compute:Disk": Tagged;
    "azure-native:compute:VirtualMachine": Unwrap<VirtualMachineArgs>;
    "azure-native:compute:VirtualMachineScaleSet": Unwrap<VirtualMachineScaleSetArgs>;
    "azure-native:containerservice:AgentPool": Unwrap<AgentPoolArgs>;
    "azure-native:containerservice:MaintenanceConfiguration": Unwrap<MaintenanceConfigurationArgs>;
    "azure-native:containerservice:ManagedCluster": Unwrap<ManagedClusterArgs>;
    "azure-native:keyvault:Vault": Tagged;
    "azure-native:managedidentity:UserAssignedIdentity": Tagged;
    "azure-native:monitor:DiagnosticSetting": Unwrap<DiagnosticSettingArgs>;
    "azure-native:network:LoadBalancer": Unwrap<LoadBalancerArgs>;
    "azure-native:network:NatGateway": Unwrap<NatGatewayArgs>;
    "azure-native:network:NetworkInterface": Unwrap<NetworkInterfaceArgs>;
    "azure-native:network:NetworkSecurityGroup": Unwrap<NetworkSecurityGroupArgs>;
    "azure-native:network:PublicIPAddress": Unwrap<PublicIPAddressArgs>;
    "azure-native:network:SecurityRule": Unwrap<SecurityRuleArgs>;
    "azure-native:network:Subnet": Unwrap<SubnetArgs>;
    "azure-native:network:VirtualNetwork": Unwrap<VirtualNetworkArgs>;
    "azure-native:operationalinsights:Workspace": Tagged;
    "azure-native:privatedns:PrivateZone": Tagged;
    "azure-native:resources:ResourceGroup": Tagged;
    "azure-native:storage:StorageAccount": Tagged;
    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding": Binding;
    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBindingPatch": Binding;
    "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding": Binding;
    "kubernetes:rbac.authorization.k8s.io/v1:RoleBindingPatch": Binding;
}

export type Kind = keyof Kinds;

/** A resource as a rule sees it. Reading an unknown property throws `UnknownValueError`, which the engine understands. */
export type Judged<K extends Kind> = { [k in K]: { kind: k; name: string; props: Kinds[k] } }[K];

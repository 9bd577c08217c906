import type { CheckFailure } from "../../provider/provider";
import type { Candidate, Rule } from "./rule";
import { existingParent, existingReferences } from "./references";
import { scaleSet, virtualMachine } from "./compute";
import { diagnosticSetting, federatedCredential, roleAssignment, vault } from "./identity";
import { agentPool, maintenance, managedCluster } from "./managedCluster";
import { names } from "./names";
import { loadBalancer, natGateway, networkInterface, publicAddress, securityGroup, securityRule } from "./network";
import { peering, subnet, virtualNetwork } from "./virtualNetwork";
import { regions } from "./placement";

/** Rules for every type. */
const GENERAL: readonly Rule[] = [names, regions, existingParent, existingReferences];

/** Rules by ARM type, lower case. */
const BY_TYPE: Record<string, readonly Rule[]> = {
    "microsoft.authorization/roleassignments": [roleAssignment],
    "microsoft.compute/virtualmachines": [virtualMachine],
    "microsoft.compute/virtualmachinescalesets": [scaleSet],
    "microsoft.containerservice/managedclusters": [managedCluster],
    "microsoft.containerservice/managedclusters/agentpools": [agentPool],
    "microsoft.containerservice/managedclusters/maintenanceconfigurations": [maintenance],
    "microsoft.insights/diagnosticsettings": [diagnosticSetting],
    "microsoft.keyvault/vaults": [vault],
    "microsoft.managedidentity/userassignedidentities/federatedidentitycredentials": [federatedCredential],
    "microsoft.network/loadbalancers": [loadBalancer],
    "microsoft.network/natgateways": [natGateway],
    "microsoft.network/networkinterfaces": [networkInterface],
    "microsoft.network/networksecuritygroups": [securityGroup],
    "microsoft.network/networksecuritygroups/securityrules": [securityRule],
    "microsoft.network/publicipaddresses": [publicAddress],
    "microsoft.network/virtualnetworks": [virtualNetwork],
    "microsoft.network/virtualnetworks/subnets": [subnet],
    "microsoft.network/virtualnetworks/virtualnetworkpeerings": [peering],
};

/** Everything that Azure would say no to beyond its schemas: all of it at once. */
export function checkRules(candidate: Candidate): CheckFailure[] {
    return [...GENERAL, ...(BY_TYPE[candidate.armType] ?? [])].flatMap((rule) => [...rule(candidate)]);
}

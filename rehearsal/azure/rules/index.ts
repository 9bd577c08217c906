import type { CheckFailure } from "../../provider/provider";
import type { Candidate, Rule } from "./rule";
import { existingParent, existingReferences } from "./references";
import { disk } from "./disk";
import { extension } from "./extension";
import { diagnosticSetting, federatedCredential, roleAssignment } from "./identity";
import { agentPool, maintenance, managedCluster } from "./managedCluster";
import { dataCollectionRule, dataCollectionRuleAssociation, table, workspace } from "./monitoring";
import { names } from "./names";
import { natGateway, publicAddress } from "./network";
import { loadBalancer } from "./loadBalancer";
import { networkInterface } from "./networkInterface";
import { securityGroup, securityRule } from "./securityRules";
import { peering, subnet, virtualNetwork } from "./virtualNetwork";
import { regions } from "./placement";
import { globalLocation, networkLink, recordSet } from "./privateDns";
import { privateDnsZoneGroup, privateEndpoint } from "./privateLink";
import { roleDefinition } from "./roleDefinition";
import { scaleSet } from "./scaleSet";
import { blob, blobService, container, managementPolicy, staticWebsite, storageAccount } from "./storage";
import { secret, vault } from "./vault";
import { virtualMachine } from "./virtualMachine";

/** Rules for every type. */
const GENERAL: readonly Rule[] = [names, regions, existingParent, existingReferences];

/** Rules by ARM type, lower case. */
const BY_TYPE: Record<string, readonly Rule[]> = {
    "microsoft.authorization/roleassignments": [roleAssignment],
    "microsoft.authorization/roledefinitions": [roleDefinition],
    "microsoft.compute/disks": [disk],
    "microsoft.compute/virtualmachines": [virtualMachine],
    "microsoft.compute/virtualmachines/extensions": [extension],
    "microsoft.compute/virtualmachinescalesets/extensions": [extension],
    "microsoft.compute/virtualmachinescalesets": [scaleSet],
    "microsoft.containerservice/managedclusters": [managedCluster],
    "microsoft.containerservice/managedclusters/agentpools": [agentPool],
    "microsoft.containerservice/managedclusters/maintenanceconfigurations": [maintenance],
    "microsoft.insights/datacollectionruleassociations": [dataCollectionRuleAssociation],
    "microsoft.insights/datacollectionrules": [dataCollectionRule],
    "microsoft.insights/diagnosticsettings": [diagnosticSetting],
    "microsoft.keyvault/vaults": [vault],
    "microsoft.keyvault/vaults/secrets": [secret],
    "microsoft.managedidentity/userassignedidentities/federatedidentitycredentials": [federatedCredential],
    "microsoft.network/loadbalancers": [loadBalancer],
    "microsoft.network/natgateways": [natGateway],
    "microsoft.network/networkinterfaces": [networkInterface],
    "microsoft.network/networksecuritygroups": [securityGroup],
    "microsoft.network/networksecuritygroups/securityrules": [securityRule],
    "microsoft.network/privatednszones": [globalLocation],
    "microsoft.network/privatednszones/virtualnetworklinks": [globalLocation, networkLink],
    "microsoft.network/privateendpoints": [privateEndpoint],
    "microsoft.network/privateendpoints/privatednszonegroups": [privateDnsZoneGroup],
    "microsoft.network/publicipaddresses": [publicAddress],
    "microsoft.network/virtualnetworks": [virtualNetwork],
    "microsoft.network/virtualnetworks/subnets": [subnet],
    "microsoft.network/virtualnetworks/virtualnetworkpeerings": [peering],
    "microsoft.operationalinsights/workspaces": [workspace],
    "microsoft.operationalinsights/workspaces/tables": [table],
    "microsoft.storage/storageaccounts": [storageAccount],
    "microsoft.storage/storageaccounts/blobservices": [blobService],
    "microsoft.storage/storageaccounts/blobservices/containers": [container],
    "microsoft.storage/storageaccounts/blobservices/containers/blobs": [blob],
    "microsoft.storage/storageaccounts/managementpolicies": [managementPolicy],
    "microsoft.storage/storageaccounts/staticwebsite": [staticWebsite],
};

/** Everything that Azure would say no to beyond its schemas: all of it at once. */
export function checkRules(candidate: Candidate): CheckFailure[] {
    // Record sets are a type for each type of record.
    const record = /^microsoft\.network\/privatednszones\/(a|aaaa|cname|mx|ptr|soa|srv|txt)$/.test(candidate.armType);
    return [...GENERAL, ...(record ? [recordSet] : (BY_TYPE[candidate.armType] ?? []))].flatMap((rule) => [
        ...rule(candidate),
    ]);
}

import { Secret } from "@pulumi/kubernetes/core/v1/secret";
import * as pulumi from "@pulumi/pulumi";
import type { Network } from "../../../network";
import type { Site } from "../../../site";
import { selfManagedNames } from "../names";
import { workersSecurityGroup } from "../workers";
import { NAMESPACE } from "./charts";

/** Where a pod of the cloud provider finds its token, as its chart mounts it. */
const TOKEN_FILE = "/var/run/secrets/azure/tokens/azure-identity-token";

/** What Azure's programs in the cluster know of Azure: where machines, disks and load balancers are. No secret in it. */
export function cloudConfig(
    site: Site,
    network: { name: string; resourceGroupName: string },
    clientId?: string,
): Record<string, unknown> {
    const { nodeResourceGroup } = selfManagedNames(site);
    return {
        cloud: "AzurePublicCloud",
        tenantId: site.tenantId,
        subscriptionId: site.subscriptionId,
        location: site.location,
        resourceGroup: nodeResourceGroup,
        vnetName: network.name,
        vnetResourceGroup: network.resourceGroupName,
        // Internal load balancers of Services have their addresses there; Standard ones are in all zones wherever that is.
        subnetName: `zone-${site.zones[0]}`,
        securityGroupName: workersSecurityGroup(site),
        securityGroupResourceGroup: nodeResourceGroup,
        // Workers are scale sets, and the control plane's machines stand alone, which goes by “availability set nodes”.
        vmType: "vmss",
        disableAvailabilitySetNodes: false,
        loadBalancerSku: "standard",
        // By address: otherwise it writes into the scale sets' models, which are the program's.
        loadBalancerBackendPoolConfigurationType: "nodeIP",
        // The way out is the zone's NAT gateway.
        disableOutboundSNAT: true,
        excludeMasterFromStandardLB: true,
        useInstanceMetadata: true,
        ...(clientId === undefined
            ? {}
            : {
                  useFederatedWorkloadIdentityExtension: true,
                  aadClientId: clientId,
                  aadFederatedTokenFile: TOKEN_FILE,
              }),
    };
}

/** The configuration as the Secret that Azure's programs want it in. */
export function createCloudConfig(
    name: string,
    site: Site,
    { network, secretName, clientId }: { network: Network; secretName: string; clientId?: pulumi.Input<string> },
    opts: pulumi.CustomResourceOptions,
): Secret {
    const text = pulumi.all([network.virtualNetworkId, clientId]).apply(([id, clientId]) => {
        const [, resourceGroupName = "", virtualNetwork = ""] =
            /\/resourceGroups\/([^/]+)\/.*\/virtualNetworks\/([^/]+)$/i.exec(id) ?? [];
        return JSON.stringify(cloudConfig(site, { name: virtualNetwork, resourceGroupName }, clientId), undefined, 2);
    });
    return new Secret(
        `${name}-${secretName}`,
        { metadata: { name: secretName, namespace: NAMESPACE }, stringData: { "cloud-config": text } },
        opts,
    );
}

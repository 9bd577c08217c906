import { at, type Properties, type Value } from "../../provider/values";
import { digits, guid } from "../guid";
import { NODE_IMAGE, fullVersion } from "../rules/kubernetesVersions";
import { identityIds, listOf, regionOf, text } from "./computed";
import type { Written } from "./outputs";

/** What AKS answers for a cluster: names of the API server, versions, the issuer, the identities that it makes. */
export function clusterOutputs({ id, name, inputs, subscription, tenant }: Written): Properties {
    const region = regionOf(inputs);
    const group = text(inputs.resourceGroupName);
    const prefix = text(inputs.dnsPrefix) || text(inputs.fqdnSubdomain) || `${name}-${group}`.slice(0, 40);
    const label = `${prefix}-${digits(8, "fqdn", id)}`;
    const access = inputs.apiServerAccessProfile;
    const isPrivate = at(access, "enablePrivateCluster") === true;
    const publicName = !isPrivate || at(access, "enablePrivateClusterPublicFQDN") !== false;
    const version = text(inputs.kubernetesVersion);
    const nodeResourceGroup = text(inputs.nodeResourceGroup) || `MC_${group}_${name}_${region}`.slice(0, 80);
    const nodeGroupId = `/subscriptions/${subscription}/resourceGroups/${nodeResourceGroup}`;
    const managed = (identity: string): Properties => {
        const resourceId = `${nodeGroupId}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${identity}`;
        const { clientId, principalId } = identityIds(resourceId);
        return { resourceId, clientId, objectId: principalId };
    };
    const given = at(inputs.identityProfile, "kubeletidentity", "resourceId");
    const kubelet =
        typeof given === "string"
            ? { resourceId: given, clientId: identityIds(given).clientId, objectId: identityIds(given).principalId }
            : managed(`${name}-agentpool`);
    const overlay = at(inputs.networkProfile, "networkPluginMode") === "overlay";

    return {
        currentKubernetesVersion: fullVersion(version),
        kubernetesVersion: version || fullVersion(""),
        maxAgentPools: 100,
        nodeResourceGroup,
        powerState: { code: "Running" },
        resourceUID: digits(24, "uid", id),
        azurePortalFQDN: `${label}.portal.hcp.${region}.azmk8s.io`,
        ...(publicName ? { fqdn: `${label}.hcp.${region}.azmk8s.io` } : {}),
        ...(isPrivate ? { privateFQDN: `${label}.${guid("zone", id)}.privatelink.${region}.azmk8s.io` } : {}),
        identityProfile: { kubeletidentity: kubelet },
        ...(at(inputs.oidcIssuerProfile, "enabled") === true
            ? {
                  oidcIssuerProfile: {
                      issuerURL: `https://${region}.oic.prod-aks.azure.com/${tenant}/${guid("issuer", id)}/`,
                  },
              }
            : {}),
        networkProfile: {
            dnsServiceIP: at(inputs.networkProfile, "dnsServiceIP") ?? "10.0.0.10",
            serviceCidr: at(inputs.networkProfile, "serviceCidr") ?? "10.0.0.0/16",
            loadBalancerSku: at(inputs.networkProfile, "loadBalancerSku") ?? "standard",
            outboundType: at(inputs.networkProfile, "outboundType") ?? "loadBalancer",
            ...(overlay ? { podCidr: at(inputs.networkProfile, "podCidr") ?? "10.244.0.0/16" } : {}),
        },
        agentPoolProfiles: listOf(inputs.agentPoolProfiles).map((pool) => ({ ...pool, ...poolOutputs(pool, inputs) })),
        addonProfiles: addons(inputs, name, managed),
        ...(at(inputs.ingressProfile, "webAppRouting", "enabled") === true
            ? { ingressProfile: { webAppRouting: { identity: managed(`webapprouting-${name}`) } } }
            : {}),
    };
}

/** What AKS answers for a node pool, inline or on its own. */
export function poolOutputs(pool: Properties, owner: Properties): Properties {
    const version = text(pool.orchestratorVersion) || text(owner.kubernetesVersion);
    return {
        count: pool.count ?? 1,
        currentOrchestratorVersion: fullVersion(version),
        orchestratorVersion: version || fullVersion(""),
        mode: pool.mode ?? "User",
        nodeImageVersion: NODE_IMAGE,
        osType: pool.osType ?? "Linux",
        osSKU: pool.osSKU ?? "Ubuntu",
        powerState: { code: "Running" },
        provisioningState: "Succeeded",
        type: pool.type ?? "VirtualMachineScaleSets",
        eTag: guid("pool", text(pool.name), JSON.stringify(pool)),
    };
}

function addons(inputs: Properties, name: string, managed: (identity: string) => Properties): Properties {
    const profiles = (inputs.addonProfiles ?? {}) as { [addon: string]: Value };
    const enabled = Object.keys(profiles).filter((addon) => at(profiles[addon], "enabled") === true);
    return Object.fromEntries(enabled.map((addon) => [addon, { identity: managed(`${addon.toLowerCase()}-${name}`) }]));
}

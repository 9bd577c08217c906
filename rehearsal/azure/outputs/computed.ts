import { at, type Properties, type Value } from "../../provider/values";
import { digits, guid } from "../guid";
import { clusterOutputs, poolOutputs } from "./containerService";
import type { Written } from "./outputs";

/** What Azure itself makes up for a resource, by ARM type (lower case). Merged over what was put in. */
const COMPUTED: Record<string, (written: Written) => Properties> = {
    "microsoft.containerservice/managedclusters": clusterOutputs,
    "microsoft.containerservice/managedclusters/agentpools": (written) => poolOutputs(written.inputs, written.inputs),
    "microsoft.managedidentity/userassignedidentities": ({ id, tenant }) => ({ ...identityIds(id), tenantId: tenant }),
    "microsoft.network/publicipaddresses": ({ id, inputs }) => {
        const label = text(at(inputs, "dnsSettings", "domainNameLabel"));
        const region = regionOf(inputs);
        return {
            ipAddress:
                inputs.publicIPAddressVersion === "IPv6"
                    ? `2603:1020:${digits(4, id)}::${digits(3, id, "6")}`
                    : publicAddress(id),
            ...(label ? { dnsSettings: { fqdn: `${label}.${region}.cloudapp.azure.com` } } : {}),
        };
    },
    "microsoft.network/publicipprefixes": ({ id, inputs }) => ({
        ipPrefix: `${publicAddress(id).replace(/\.\d+$/, ".0")}/${Number(inputs.prefixLength ?? 28)}`,
    }),
    "microsoft.network/networkinterfaces": ({ id, inputs }) => ({
        macAddress: `00-0D-3A-${digits(6, id)
            .toUpperCase()
            .replace(/(..)(..)(..)/, "$1-$2-$3")}`,
        ipConfigurations: listOf(inputs.ipConfigurations).map((configuration) => ({
            ...configuration,
            id: `${id}/ipConfigurations/${text(configuration.name)}`,
            privateIPAddress: configuration.privateIPAddress ?? privateAddress(id),
            provisioningState: "Succeeded",
        })),
    }),
    "microsoft.network/privateendpoints": ({ id }) => ({
        networkInterfaces: [
            { id: `${id.replace(/privateEndpoints\/([^/]+)$/i, "networkInterfaces/$1.nic")}.${guid("nic", id)}` },
        ],
    }),
    "microsoft.network/privatednszones": () => ({
        maxNumberOfRecordSets: 25_000,
        maxNumberOfVirtualNetworkLinks: 1000,
        numberOfRecordSets: 1,
    }),
    "microsoft.network/privatednszones/virtualnetworklinks": () => ({ virtualNetworkLinkState: "Completed" }),
    "microsoft.operationalinsights/workspaces": ({ id }) => ({ customerId: guid("workspace", id) }),
    "microsoft.storage/storageaccounts": ({ name, inputs, createdAt }) => {
        const services = ["blob", "dfs", "file", "queue", "table", "web"];
        return {
            creationTime: createdAt,
            primaryEndpoints: Object.fromEntries(
                services.map((service) => [
                    service,
                    `https://${name}.${service === "web" ? `z${websiteZone(regionOf(inputs))}.web` : service}.core.windows.net/`,
                ]),
            ),
            primaryLocation: regionOf(inputs),
            statusOfPrimary: "available",
        };
    },
    "microsoft.storage/storageaccounts/staticwebsite": () => ({ containerName: "$web" }),
    "microsoft.storage/storageaccounts/blobservices/containers/blobs": ({ name, inputs }) => ({
        name,
        type: inputs.type ?? "Block",
        url: `https://${text(inputs.accountName)}.blob.core.windows.net/${text(inputs.containerName)}/${name}`,
    }),
    "microsoft.authorization/roledefinitions": ({ createdAt, tenant }) => ({
        roleType: "CustomRole",
        createdBy: guid("deployer", tenant),
        createdOn: createdAt,
        updatedBy: guid("deployer", tenant),
        updatedOn: createdAt,
    }),
    "microsoft.keyvault/vaults": ({ name }) => ({
        properties: { vaultUri: `https://${name}.vault.azure.net/`, provisioningState: "Succeeded" },
    }),
    "microsoft.keyvault/vaults/secrets": ({ name, inputs, id, revision }) => {
        const uri = `https://${text(inputs.vaultName)}.vault.azure.net/secrets/${name}`;
        return { properties: { secretUri: uri, secretUriWithVersion: `${uri}/${digits(32, id, String(revision))}` } };
    },
    "microsoft.keyvault/vaults/keys": ({ name, inputs, id }) => {
        const uri = `https://${text(inputs.vaultName)}.vault.azure.net/keys/${name}`;
        return { keyUri: uri, keyUriWithVersion: `${uri}/${digits(32, id)}` };
    },
    "microsoft.containerregistry/registries": ({ name, createdAt }) => ({
        loginServer: `${name.toLowerCase()}.azurecr.io`,
        creationDate: createdAt,
    }),
    "microsoft.monitor/accounts": ({ id, name, inputs, subscription }) => {
        const region = regionOf(inputs);
        const managed = `/subscriptions/${subscription}/resourceGroups/MA_${name}_${region}_managed/providers/Microsoft.Insights`;
        return {
            accountId: guid("account", id),
            internalId: guid("internal", id),
            metrics: {
                internalId: guid("metrics", id),
                prometheusQueryEndpoint: `https://${name}-${digits(4, id)}.${region}.prometheus.monitor.azure.com`,
            },
            defaultIngestionSettings: {
                dataCollectionEndpointResourceId: `${managed}/dataCollectionEndpoints/${name}`,
                dataCollectionRuleResourceId: `${managed}/dataCollectionRules/${name}`,
            },
        };
    },
    "microsoft.insights/datacollectionendpoints": ({ id, name, inputs }) => {
        const host = `${name}-${digits(4, id)}.${regionOf(inputs)}-1`;
        return {
            immutableId: `dce-${digits(32, id)}`,
            logsIngestion: { endpoint: `https://${host}.ingest.monitor.azure.com` },
            metricsIngestion: { endpoint: `https://${host}.metrics.ingest.monitor.azure.com` },
            configurationAccess: { endpoint: `https://${host}.handler.control.monitor.azure.com` },
        };
    },
    "microsoft.insights/datacollectionrules": ({ id }) => ({ immutableId: `dcr-${digits(32, id)}` }),
    "microsoft.dashboard/grafana": ({ id, name, inputs }) => ({
        properties: {
            endpoint: `https://${name}-${digits(4, id)}.${regionOf(inputs).slice(0, 3)}.grafana.azure.com`,
            provisioningState: "Succeeded",
        },
    }),
    "microsoft.compute/virtualmachines": ({ id, createdAt }) => ({ vmId: guid("vm", id), timeCreated: createdAt }),
    "microsoft.compute/virtualmachinescalesets": ({ id, createdAt }) => ({
        uniqueId: guid("vmss", id),
        timeCreated: createdAt,
    }),
    "microsoft.compute/disks": ({ id, createdAt }) => ({
        uniqueId: guid("disk", id),
        timeCreated: createdAt,
        diskState: "Unattached",
    }),
    "microsoft.authorization/roleassignments": ({ createdAt, tenant }) => ({
        createdBy: guid("deployer", tenant),
        createdOn: createdAt,
        updatedBy: guid("deployer", tenant),
        updatedOn: createdAt,
    }),
};

/** Numbers in the addresses of static websites that are known by region; elsewhere one is made up. */
const WEBSITE_ZONES: Record<string, number> = {
    centralus: 19,
    eastus: 13,
    eastus2: 20,
    francecentral: 28,
    northeurope: 16,
    southeastasia: 23,
    uksouth: 33,
    westeurope: 6,
    westus2: 5,
};

function websiteZone(region: string): number {
    return WEBSITE_ZONES[region] ?? (parseInt(digits(2, "website", region), 16) % 40) + 1;
}

export function computedOutputs(written: Written): Properties {
    const { type, armType, inputs, id, tenant } = written;
    const record = /^microsoft\.network\/privatednszones\/(a|aaaa|cname|mx|ptr|soa|srv|txt)$/i.test(armType);
    return {
        ...(type.sdk.outputs.has("identity") ? identityOutputs(inputs, id, tenant) : {}),
        ...(record ? { fqdn: recordName(inputs), isAutoRegistered: false } : {}),
        ...COMPUTED[armType.toLowerCase()]?.(written),
    };
}

/** Client and principal of an identity: what role assignments name. */
export function identityIds(id: string): { clientId: string; principalId: string } {
    return { clientId: guid("client", id), principalId: guid("principal", id) };
}

function identityOutputs(inputs: Properties, id: string, tenant: string): Properties {
    const identity = inputs.identity;
    if (typeof identity !== "object" || identity === null || Array.isArray(identity)) return {};
    const users = identity.userAssignedIdentities;
    const assigned = Array.isArray(users) ? users.map(String) : Object.keys((users as Properties | undefined) ?? {});
    return {
        identity: {
            ...(/SystemAssigned/i.test(text(identity.type))
                ? { principalId: guid("principal", id), tenantId: tenant }
                : {}),
            ...(assigned.length > 0
                ? { userAssignedIdentities: Object.fromEntries(assigned.map((user) => [user, identityIds(user)])) }
                : {}),
        },
    };
}

/** An address that belongs to nobody outside: from 198.18.0.0/15, set aside for tests (RFC 2544), spread over its 131,072. */
function publicAddress(id: string): string {
    const number = parseInt(digits(5, "address", id), 16);
    return `198.${18 + ((number >> 16) & 1)}.${(number >> 8) & 255}.${number & 255}`;
}

function privateAddress(id: string): string {
    const number = parseInt(digits(4, "private", id), 16);
    return `10.0.${number >> 8}.${Math.max(4, number & 255)}`;
}

function recordName(inputs: Properties): string {
    const relative = text(inputs.relativeRecordSetName);
    return `${relative === "@" ? "" : `${relative}.`}${text(inputs.privateZoneName)}.`;
}

export function regionOf(inputs: Properties): string {
    return text(inputs.location).toLowerCase().replaceAll(" ", "");
}

export function text(value: Value | undefined): string {
    return typeof value === "string" ? value : "";
}

export function listOf(value: Value | undefined): Properties[] {
    return Array.isArray(value) ? (value as Properties[]) : [];
}

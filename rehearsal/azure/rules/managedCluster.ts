import type { CheckFailure } from "../../provider/provider";
import type { Properties } from "../../provider/values";
import { type Cidr, offsetIn, overlap, parseCidr } from "./cidr";
import { LONG_TERM_ONLY, minorOf } from "./kubernetesVersions";
import { kubernetesVersion, nodePool, poolOfCluster, versionStep } from "./nodePool";
import { at, type Candidate, objectsAt, refuse, type Rule, textAt, textsAt } from "./rule";
import { readCidr, spaceOf, subnetInputs } from "./virtualNetwork";

export const managedCluster: Rule = function* (candidate) {
    yield* pools(candidate);
    yield* access(candidate);
    yield* identity(candidate);
    yield* network(candidate);
    const { inputs, current } = candidate;
    yield* kubernetesVersion(inputs.kubernetesVersion, "kubernetesVersion");
    yield* versionStep(textAt(current?.inputs, "kubernetesVersion"), inputs.kubernetesVersion, "kubernetesVersion");
    yield* tier(inputs);
};

export const agentPool: Rule = function* (candidate) {
    const { inputs, id, cloud, current } = candidate;
    yield* nodePool(inputs, "", current !== undefined);
    const cluster = id ? cloud.inputs(id.split("/").slice(0, -2).join("/")) : undefined;
    if (cluster) yield* poolOfCluster(candidate, cluster);
};

export const maintenance: Rule = function* ({ inputs, name }) {
    const known = ["default", "aksManagedAutoUpgradeSchedule", "aksManagedNodeOSUpgradeSchedule"];
    if (name && !known.includes(name)) {
        yield refuse(
            "configName",
            `\`configName\` must be one of ${known.join(", ")}, but ${JSON.stringify(name)} was given.`,
            "InvalidMaintenanceConfigurationName",
        );
    }
    const window = inputs.maintenanceWindow;
    if (name && name !== "default" && known.includes(name) && window === undefined) {
        yield refuse(
            "maintenanceWindow",
            `\`maintenanceWindow\` is missing: ${name} takes one (timeInWeek is for default).`,
            "InvalidParameter",
        );
    }
    const hours = at(window, "durationHours");
    if (typeof hours === "number" && (hours < 4 || hours > 24)) {
        yield refuse(
            "maintenanceWindow.durationHours",
            `\`maintenanceWindow.durationHours\` must be from 4 to 24, but ${hours} was given.`,
            "InvalidParameter",
        );
    }
    const schedules = Object.keys((at(window, "schedule") as Properties | undefined) ?? {});
    if (window !== undefined && typeof window === "object" && schedules.length > 1) {
        yield refuse(
            "maintenanceWindow.schedule",
            `\`maintenanceWindow.schedule\` takes one kind of schedule, but ${schedules.join(" and ")} were given.`,
            "InvalidParameter",
        );
    }
    const start = textAt(window, "startTime");
    if (start && !/^([01]\d|2[0-3]):[0-5]\d$/.test(start)) {
        yield refuse(
            "maintenanceWindow.startTime",
            `\`maintenanceWindow.startTime\` must be hours and minutes such as 02:00, but ${JSON.stringify(start)} was given.`,
            "InvalidParameter",
        );
    }
};

function* pools({ inputs, current }: Candidate): Generator<CheckFailure> {
    const inline = objectsAt(inputs, "agentPoolProfiles");
    if (
        inputs.agentPoolProfiles === undefined ||
        (Array.isArray(inputs.agentPoolProfiles) && inputs.agentPoolProfiles.length === 0)
    ) {
        if (!current)
            yield refuse(
                "agentPoolProfiles",
                "`agentPoolProfiles` is missing: a cluster cannot be made without an inline system pool.",
                "AgentPoolProfilesMissing",
            );
        return;
    }
    const names = new Set<string>();
    for (const [index, pool] of inline.entries()) {
        const base = `agentPoolProfiles[${index}].`;
        yield* nodePool(pool, base, current !== undefined);
        const name = textAt(pool, "name");
        if (name && names.has(name))
            yield refuse(
                `${base}name`,
                `\`${base}name\` ${JSON.stringify(name)} is there twice.`,
                "DuplicateAgentPoolName",
            );
        if (name) names.add(name);
    }
    const modes = inline.map((pool) => pool.mode);
    if (inline.length > 0 && modes.every((mode) => mode === undefined || mode === "User" || mode === "Gateway")) {
        yield refuse(
            "agentPoolProfiles[0].mode",
            '`agentPoolProfiles[0].mode` must be "System": a cluster needs at least one system pool.',
            "MustDefineAtLeastOneSystemPool",
        );
    }
}

function* access({ inputs }: Candidate): Generator<CheckFailure> {
    const profile = inputs.apiServerAccessProfile;
    const isPrivate = at(profile, "enablePrivateCluster") === true;
    const ranges = at(profile, "authorizedIPRanges");
    if (isPrivate && Array.isArray(ranges) && ranges.length > 0) {
        yield refuse(
            "apiServerAccessProfile.authorizedIPRanges",
            "`apiServerAccessProfile.authorizedIPRanges` cannot be given for a private cluster: it has no public address to guard.",
            "InvalidParameter",
        );
    }
    for (const [index, range] of textsAt(profile, "authorizedIPRanges").entries()) {
        const path = `apiServerAccessProfile.authorizedIPRanges[${index}]`;
        if (!parseCidr(range.includes("/") ? range : `${range}/32`)) {
            yield refuse(
                path,
                `\`${path}\` must be an address or a range such as 203.0.113.0/24, but ${JSON.stringify(range)} was given.`,
                "InvalidParameter",
            );
        }
    }
    if (Array.isArray(ranges) && ranges.length > 200) {
        yield refuse(
            "apiServerAccessProfile.authorizedIPRanges",
            `\`apiServerAccessProfile.authorizedIPRanges\` may have 200 ranges, but has ${ranges.length}.`,
            "InvalidParameter",
        );
    }
    const zone = textAt(profile, "privateDNSZone");
    if (!isPrivate && zone && at(profile, "enableVnetIntegration") !== true) {
        yield refuse(
            "apiServerAccessProfile.privateDNSZone",
            "`apiServerAccessProfile.privateDNSZone` is for private clusters only.",
            "InvalidParameter",
        );
    }
    if (
        zone &&
        zone !== "system" &&
        zone !== "none" &&
        !/\/privateDnsZones\/([\w-]+\.)?privatelink\.[a-z0-9]+\.azmk8s\.io$/i.test(zone)
    ) {
        yield refuse(
            "apiServerAccessProfile.privateDNSZone",
            '`apiServerAccessProfile.privateDNSZone` must be "system", "none", or the ID of a zone privatelink.<region>.azmk8s.io or one below it.',
            "InvalidPrivateDnsZone",
        );
    }
    if (inputs.dnsPrefix === undefined && inputs.fqdnSubdomain === undefined) {
        yield refuse(
            "dnsPrefix",
            "`dnsPrefix` is missing: the API server's name begins with it (or give fqdnSubdomain for a private zone of your own).",
            "DnsPrefixMissing",
        );
    }
    const prefix = textAt(inputs, "dnsPrefix");
    if (prefix && !/^[A-Za-z0-9]([A-Za-z0-9-]{0,52}[A-Za-z0-9])?$/.test(prefix)) {
        yield refuse(
            "dnsPrefix",
            `\`dnsPrefix\` must be 1 to 54 letters, digits and dashes, neither first nor last a dash, but ${JSON.stringify(prefix)} was given.`,
            "InvalidDNSPrefix",
        );
    }
}

function* identity({ inputs }: Candidate): Generator<CheckFailure> {
    if (inputs.identity === undefined && inputs.servicePrincipalProfile === undefined) {
        yield refuse(
            "identity",
            '`identity` is missing: give { type: "SystemAssigned" } or a user-assigned identity.',
            "ServicePrincipalProfileMissing",
        );
    }
    const type = textAt(inputs, "identity", "type");
    const users = at(inputs, "identity", "userAssignedIdentities");
    const count = Array.isArray(users) ? users.length : Object.keys((users as Properties | undefined) ?? {}).length;
    if (type === "UserAssigned" && typeof users !== "symbol" && count !== 1) {
        yield refuse(
            "identity.userAssignedIdentities",
            `\`identity.userAssignedIdentities\` of a cluster must name one identity, but names ${count}.`,
            "InvalidParameter",
        );
    }
    if (type === "SystemAssigned" && count > 0) {
        yield refuse(
            "identity.userAssignedIdentities",
            '`identity.userAssignedIdentities` cannot be given with type "SystemAssigned".',
            "InvalidParameter",
        );
    }
    if (type === "SystemAssigned" && at(inputs, "identityProfile", "kubeletidentity") !== undefined) {
        yield refuse(
            "identityProfile.kubeletidentity",
            "`identityProfile.kubeletidentity` needs a user-assigned identity for the control plane, too.",
            "CustomKubeletIdentityOnlySupportedOnUserAssignedMSICluster",
        );
    }
    const zone = textAt(inputs, "apiServerAccessProfile", "privateDNSZone");
    if (type === "SystemAssigned" && zone?.startsWith("/")) {
        yield refuse(
            "apiServerAccessProfile.privateDNSZone",
            "`apiServerAccessProfile.privateDNSZone`: a zone of your own needs a user-assigned identity, which has a role on it.",
            "CustomPrivateDNSZoneOnlySupportedWithUserAssignedIdentity",
        );
    }
    const aad = inputs.aadProfile;
    if (inputs.disableLocalAccounts === true && aad === undefined) {
        yield refuse(
            "disableLocalAccounts",
            "`disableLocalAccounts` needs aadProfile: without local accounts and without Entra ID nobody could sign in.",
            "InvalidParameter",
        );
    }
    if (at(aad, "enableAzureRBAC") === true && at(aad, "managed") !== true && typeof at(aad, "managed") !== "symbol") {
        yield refuse(
            "aadProfile.enableAzureRBAC",
            "`aadProfile.enableAzureRBAC` needs aadProfile.managed: true.",
            "InvalidParameter",
        );
    }
    for (const [index, group] of textsAt(aad, "adminGroupObjectIDs").entries()) {
        const path = `aadProfile.adminGroupObjectIDs[${index}]`;
        if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(group)) {
            yield refuse(
                path,
                `\`${path}\` must be the object ID of a group, a GUID, but ${JSON.stringify(group)} was given.`,
                "InvalidParameter",
            );
        }
    }
    if (
        at(inputs, "securityProfile", "workloadIdentity", "enabled") === true &&
        at(inputs, "oidcIssuerProfile", "enabled") !== true
    ) {
        yield refuse(
            "securityProfile.workloadIdentity.enabled",
            "`securityProfile.workloadIdentity.enabled` needs oidcIssuerProfile.enabled: true.",
            "InvalidParameter",
        );
    }
}

function* network(candidate: Candidate): Generator<CheckFailure> {
    const { inputs } = candidate;
    const profile = (inputs.networkProfile ?? {}) as Properties;
    if (typeof profile !== "object") return;
    const plugin = profile.networkPlugin;
    const overlay = profile.networkPluginMode === "overlay";
    const cilium = profile.networkDataplane === "cilium";
    if (overlay && plugin !== "azure")
        yield refuse(
            "networkProfile.networkPluginMode",
            '`networkProfile.networkPluginMode` "overlay" needs networkPlugin "azure".',
            "InvalidParameter",
        );
    if (cilium && plugin !== "azure")
        yield refuse(
            "networkProfile.networkDataplane",
            '`networkProfile.networkDataplane` "cilium" needs networkPlugin "azure".',
            "InvalidParameter",
        );
    if (profile.networkPolicy === "cilium" && !cilium) {
        yield refuse(
            "networkProfile.networkPolicy",
            '`networkProfile.networkPolicy` "cilium" needs networkDataplane "cilium".',
            "InvalidParameter",
        );
    }
    if (cilium && (profile.networkPolicy === "azure" || profile.networkPolicy === "calico")) {
        yield refuse(
            "networkProfile.networkPolicy",
            `\`networkProfile.networkPolicy\` with the cilium data plane must be "cilium", but "${profile.networkPolicy}" was given.`,
            "InvalidParameter",
        );
    }
    if (at(profile, "advancedNetworking", "security", "enabled") === true && !cilium) {
        yield refuse(
            "networkProfile.advancedNetworking.security",
            '`networkProfile.advancedNetworking.security` needs networkDataplane "cilium".',
            "InvalidParameter",
        );
    }

    // What AKS takes where nothing is said is as binding as what is.
    const serviceText =
        textAt(profile, "serviceCidr") ?? (profile.serviceCidr === undefined ? "10.0.0.0/16" : undefined);
    const service = serviceText ? yield* readCidr("networkProfile.serviceCidr", serviceText) : undefined;
    const podText =
        textAt(profile, "podCidr") ??
        (profile.podCidr === undefined && (overlay || plugin === "kubenet") ? "10.244.0.0/16" : undefined);
    const pod = podText ? yield* readCidr("networkProfile.podCidr", podText) : undefined;
    if (textAt(profile, "podCidr") && plugin === "azure" && profile.networkPluginMode === undefined) {
        yield refuse(
            "networkProfile.podCidr",
            "`networkProfile.podCidr` is for overlay: without it, pods take addresses of the node's subnet.",
            "InvalidParameter",
        );
    }
    if (service) {
        if (service.prefixLength < 12)
            yield refuse(
                "networkProfile.serviceCidr",
                `\`networkProfile.serviceCidr\` ${service.text} is too large: /12 is the largest.`,
                "ServiceCidrTooLarge",
            );
        const dns = textAt(profile, "dnsServiceIP") ?? (profile.dnsServiceIP === undefined ? "10.0.0.10" : undefined);
        const offset = dns ? offsetIn(service, dns) : undefined;
        if (dns && offset === undefined) {
            yield refuse(
                "networkProfile.dnsServiceIP",
                `\`networkProfile.dnsServiceIP\` ${dns} is not within serviceCidr ${service.text}.`,
                "DnsServiceIpOutOfServiceCidr",
            );
        } else if (offset !== undefined && (offset < 2n || offset === service.last - service.first)) {
            yield refuse(
                "networkProfile.dnsServiceIP",
                `\`networkProfile.dnsServiceIP\` ${dns} must not be the first address of serviceCidr, nor its network or broadcast address.`,
                "InvalidDnsServiceIp",
            );
        }
    }
    if (service && pod && overlap(service, pod)) {
        yield refuse(
            "networkProfile.podCidr",
            `\`networkProfile.podCidr\` ${pod.text} overlaps with serviceCidr ${service.text}.`,
            "PodCidrOverlapServiceCidr",
        );
    }
    yield* apartFromNetwork(candidate, service, pod);
    yield* outbound(candidate, profile);
}

/** Pods and services must not take addresses of the network that the nodes are in. */
function* apartFromNetwork(
    candidate: Candidate,
    service: Cidr | undefined,
    pod: Cidr | undefined,
): Generator<CheckFailure> {
    const networks = new Set(
        objectsAt(candidate.inputs, "agentPoolProfiles").flatMap(
            (pool) => textAt(pool, "vnetSubnetID")?.split(/\/subnets\//i)[0] ?? [],
        ),
    );
    for (const id of networks) {
        const inputs = candidate.cloud.inputs(id);
        for (const range of inputs ? spaceOf(inputs) : []) {
            if (service && overlap(range, service)) {
                yield refuse(
                    "networkProfile.serviceCidr",
                    `\`networkProfile.serviceCidr\` ${service.text} overlaps with ${range.text} of the nodes' virtual network (AKS takes 10.0.0.0/16 where none is given).`,
                    "ServiceCidrOverlapExistingSubnetsCidr",
                );
            }
            if (pod && overlap(range, pod)) {
                yield refuse(
                    "networkProfile.podCidr",
                    `\`networkProfile.podCidr\` ${pod.text} overlaps with ${range.text} of the nodes' virtual network.`,
                    "PodCidrOverlapExistingSubnetsCidr",
                );
            }
        }
    }
}

function* outbound(candidate: Candidate, profile: Properties): Generator<CheckFailure> {
    const needs: Record<string, [key: string, what: string]> = {
        userAssignedNATGateway: ["natGateway", "a NAT gateway"],
        userDefinedRouting: ["routeTable", "a route table"],
    };
    const type = textAt(profile, "outboundType");
    const need = type ? needs[type] : undefined;
    if (!need) return;
    for (const [index, pool] of objectsAt(candidate.inputs, "agentPoolProfiles").entries()) {
        const path = `agentPoolProfiles[${index}].vnetSubnetID`;
        if (pool.vnetSubnetID === undefined) {
            yield refuse(
                path,
                `\`${path}\` is missing: outboundType "${type}" needs a subnet of your own, with ${need[1]}.`,
                "InvalidParameter",
            );
        }
        const id = textAt(pool, "vnetSubnetID");
        const subnet = id ? subnetInputs(candidate, id) : undefined;
        if (subnet && subnet[need[0]] === undefined) {
            yield refuse(
                path,
                `\`${path}\`: outboundType "${type}" needs ${need[1]} on the subnet, which has none.`,
                type === "userDefinedRouting"
                    ? "ExistingRouteTableNotAssociatedWithSubnet"
                    : "UserAssignedNATGatewayNotAssociatedWithSubnet",
            );
        }
    }
}

function* tier(inputs: Properties): Generator<CheckFailure> {
    const premium = textAt(inputs, "sku", "tier") === "Premium";
    const longTerm = inputs.supportPlan === "AKSLongTermSupport";
    if (longTerm && !premium)
        yield refuse("supportPlan", '`supportPlan` "AKSLongTermSupport" needs sku.tier "Premium".', "InvalidParameter");
    const version = textAt(inputs, "kubernetesVersion");
    if (version && LONG_TERM_ONLY.has(minorOf(version)) && !longTerm) {
        yield refuse(
            "kubernetesVersion",
            `\`kubernetesVersion\` ${version} is in long-term support only: it needs supportPlan "AKSLongTermSupport" and sku.tier "Premium".`,
            "K8sVersionNotSupported",
        );
    }
}

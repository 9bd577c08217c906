import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { AksCluster, type AksClusterArgs } from "../../components/cluster";
import { Network } from "../../components/network";
import { idOf, record, type Recording, subscription, valueOf } from "./recordedProgram";

const site = {
    prefix: "mainstay-prod",
    location: "westeurope",
    zones: ["1", "2", "3"],
    tags: { owner: "platform" },
    ...subscription,
};

const args: Omit<AksClusterArgs, "network"> = {
    ...site,
    kubernetesVersion: "1.34",
    api: { private: true, authorizedRanges: [] },
    adminGroups: ["5f2a1c8e-9b7d-4e36-8a10-6d3f0c4b2e91"],
    podCidr: "10.244.0.0/16",
    serviceCidr: "10.96.0.0/16",
    dnsServiceIP: "10.96.0.10",
    systemPool: { size: "Standard_D4ds_v5", minNodes: 3, maxNodes: 6, osDiskGiB: 64, maxPods: 110 },
    userPools: [
        {
            name: "general",
            size: "Standard_D8ds_v5",
            minNodesPerZone: 1,
            maxNodesPerZone: 5,
            osDiskGiB: 64,
            maxPods: 110,
            labels: {},
            taints: [],
            spot: false,
        },
    ],
    upgrades: { maxSurge: "33%", drainTimeoutMinutes: 30, nodeSoakMinutes: 5 },
    maintenance: {
        utcOffset: "+01:00",
        cluster: { day: "Saturday", start: "01:00", hours: 6 },
        nodeImage: { day: "Sunday", start: "02:00", hours: 5 },
    },
    auditLogs: { retentionDays: 90 },
};

/** Built once as it usually is, and anew for each difference. */
function build(more?: Partial<AksClusterArgs>) {
    return more ? make(more) : (usual ??= make({}));
}

let usual: ReturnType<typeof make> | undefined;

function make(more: Partial<AksClusterArgs>) {
    const all = { ...args, ...more };
    return record(() => {
        const network = new Network("network", {
            ...all,
            clusterKind: "aks",
            addressSpace: "10.64.0.0/16",
            privateApi: all.api.private,
        });
        return new AksCluster("cluster", { ...all, network });
    });
}

const cluster = (recording: Recording) => recording.one("cluster-aks");
const pools = (recording: Recording) => recording.ofType("azure-native:containerservice:AgentPool");

describe("AKS cluster", () => {
    it("is a Standard one with a user-assigned identity", async () => {
        const { recording } = await build();
        const { inputs } = cluster(recording);
        assert.deepEqual(inputs.sku, { name: "Base", tier: "Standard" });
        assert.deepEqual(inputs.identity, { type: "UserAssigned", userAssignedIdentities: [idOf("cluster-identity")] });
    });

    it("waits for what its identity may do, and names the principal's type (pitfall 9)", async () => {
        const { recording } = await build();
        const grants = recording.ofType("azure-native:authorization:RoleAssignment");
        assert.deepEqual(
            grants.map(({ inputs }) => inputs.scope).sort(),
            [idOf("network-api-zone"), idOf("network-egress-system"), idOf("network-vnet")].sort(),
        );
        for (const { name, inputs, deleteBeforeReplace } of grants) {
            assert.equal(inputs.principalType, "ServicePrincipal");
            assert.match(
                inputs.roleAssignmentName,
                /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
            );
            assert.match(inputs.roleDefinitionId, /^\/subscriptions\/1{8}-.*\/roleDefinitions\//);
            assert.ok(deleteBeforeReplace);
            assert.ok(cluster(recording).dependsOn.includes(name), `the cluster does not wait for ${name}`);
        }
        const again = await build({});
        assert.deepEqual(
            again.recording
                .ofType("azure-native:authorization:RoleAssignment")
                .map(({ inputs }) => inputs.roleAssignmentName)
                .sort(),
            grants.map(({ inputs }) => inputs.roleAssignmentName).sort(),
        );
    });

    it("knows Entra groups and no local accounts", async () => {
        const { recording } = await build();
        const { inputs } = cluster(recording);
        assert.equal(inputs.disableLocalAccounts, true);
        assert.equal(inputs.enableRBAC, true);
        assert.deepEqual(inputs.aadProfile, {
            managed: true,
            enableAzureRBAC: false,
            adminGroupObjectIDs: args.adminGroups,
        });
    });

    it("has the inline system pool over three zones, tainted, in its own subnet (pitfalls 5, 10 and 12)", async () => {
        const { recording } = await build();
        const { agentPoolProfiles } = cluster(recording).inputs;
        assert.equal(agentPoolProfiles.length, 1);
        const [system] = agentPoolProfiles;
        assert.equal(system.name, "system");
        assert.equal(system.mode, "System");
        assert.deepEqual(system.availabilityZones, ["1", "2", "3"]);
        assert.deepEqual(system.nodeTaints, ["CriticalAddonsOnly=true:NoSchedule"]);
        assert.equal(system.vnetSubnetID, idOf("network-system"));
        assert.deepEqual([system.minCount, system.count, system.maxCount], [3, 3, 6]);
    });

    it("has each user pool as resources of their own, one in each zone, in that zone's subnet (pitfalls 5 and 12)", async () => {
        const { recording } = await build();
        const made = pools(recording).map(({ inputs }) => [
            inputs.agentPoolName,
            inputs.availabilityZones,
            inputs.vnetSubnetID,
            inputs.mode,
        ]);
        assert.deepEqual(
            made.sort(),
            ["1", "2", "3"].map((zone) => [`general${zone}`, [zone], idOf(`network-zone-${zone}`), "User"]),
        );
        assert.equal(cluster(recording).inputs.autoScalerProfile.balanceSimilarNodeGroups, "true");
    });

    it("encrypts disks on the host, gives no node a public address, and scales by itself, in every pool", async () => {
        const { recording } = await build();
        for (const pool of [
            cluster(recording).inputs.agentPoolProfiles[0],
            ...pools(recording).map(({ inputs }) => inputs),
        ]) {
            assert.equal(pool.enableEncryptionAtHost, true);
            assert.equal(pool.enableNodePublicIP, false);
            assert.equal(pool.enableAutoScaling, true);
            assert.equal(pool.osDiskType, "Ephemeral");
            assert.deepEqual(pool.upgradeSettings, {
                maxSurge: "33%",
                drainTimeoutInMinutes: 30,
                nodeSoakDurationInMinutes: 5,
            });
        }
    });

    it("ignores the counts that the autoscaler moves, and nothing else (pitfall 12)", async () => {
        const { recording } = await build();
        assert.deepEqual(cluster(recording).ignoreChanges, ["agentPoolProfiles[0].count"]);
        for (const pool of pools(recording)) assert.deepEqual(pool.ignoreChanges, ["count"]);
    });

    it("names no patch version anywhere, so that Azure moves it in peace, and takes a minor step everywhere at once (pitfall 11)", async () => {
        for (const minor of ["1.34", "1.35"]) {
            const { recording } = await build({ kubernetesVersion: minor });
            const { kubernetesVersion, agentPoolProfiles } = cluster(recording).inputs;
            const versions = [
                kubernetesVersion,
                agentPoolProfiles[0].orchestratorVersion,
                ...pools(recording).map(({ inputs }) => inputs.orchestratorVersion),
            ];
            assert.deepEqual([...new Set(versions)], [minor]);
            // Ignored, the step would do nothing.
            for (const { ignoreChanges } of [cluster(recording), ...pools(recording)]) {
                assert.ok(!ignoreChanges.some((path) => /version/i.test(path)));
            }
        }
    });

    it("upgrades pools after the cluster, as their versions may not be ahead of it", async () => {
        const { recording } = await build();
        for (const pool of pools(recording)) assert.ok(pool.dependsOn.includes("cluster-aks"));
    });

    it("is private: no public name, no run-command, a zone in the network (pitfall 13)", async () => {
        const { recording, result } = await build();
        const { inputs } = cluster(recording);
        assert.deepEqual(inputs.apiServerAccessProfile, {
            disableRunCommand: true,
            enablePrivateCluster: true,
            enablePrivateClusterPublicFQDN: false,
            privateDNSZone: idOf("network-api-zone"),
        });
        // AKS takes one of the two names.
        assert.equal(inputs.fqdnSubdomain, "mainstay-prod");
        assert.equal(inputs.dnsPrefix, undefined);
        assert.equal(await valueOf(result.endpoint), "https://private.example.com:443");
    });

    it("or is public for the given ranges and its own ways out (pitfall 13)", async () => {
        const { recording, result } = await build({ api: { private: false, authorizedRanges: ["198.51.100.0/24"] } });
        const { apiServerAccessProfile: access, dnsPrefix, fqdnSubdomain } = cluster(recording).inputs;
        const own = recording.ofType("azure-native:network:PublicIPAddress");
        assert.equal(own.length, 4);
        assert.equal(access.authorizedIPRanges.length, 5);
        assert.ok(access.authorizedIPRanges.every((range: string) => /\/\d+$/.test(range)));
        assert.ok(access.authorizedIPRanges.includes("198.51.100.0/24"));
        assert.equal(access.enablePrivateCluster, false);
        assert.equal(access.disableRunCommand, true);
        assert.deepEqual([dnsPrefix, fqdnSubdomain], ["mainstay-prod", undefined]);
        assert.equal(await valueOf(result.endpoint), "https://public.example.com:443");
    });

    it("has an overlay with Cilium, and Azure's advanced networking for policies by name", async () => {
        const { recording } = await build();
        const { networkProfile } = cluster(recording).inputs;
        assert.equal(networkProfile.networkPlugin, "azure");
        assert.equal(networkProfile.networkPluginMode, "overlay");
        assert.equal(networkProfile.networkDataplane, "cilium");
        assert.equal(networkProfile.networkPolicy, "cilium");
        assert.equal(networkProfile.advancedNetworking.enabled, true);
        assert.equal(networkProfile.advancedNetworking.security.enabled, true);
    });

    it("goes out by the zone-redundant address, where no zonal gateway comes first (pitfall 10)", async () => {
        const { recording } = await build();
        const { outboundType, loadBalancerProfile } = cluster(recording).inputs.networkProfile;
        assert.equal(outboundType, "loadBalancer");
        const [{ id }, ...others] = loadBalancerProfile.outboundIPs.publicIPs;
        assert.deepEqual(others, []);
        assert.ok(id.endsWith(`/${recording.one("network-egress-system").inputs.publicIpAddressName}`));
        assert.ok(cluster(recording).dependsOn.includes("network-egress-system"));
    });

    it("upgrades by itself in two windows, named as AKS wants them", async () => {
        const { recording } = await build();
        assert.deepEqual(cluster(recording).inputs.autoUpgradeProfile, {
            upgradeChannel: "patch",
            nodeOSUpgradeChannel: "NodeImage",
        });
        const windows = recording
            .ofType("azure-native:containerservice:MaintenanceConfiguration")
            .map(({ inputs }) => [inputs.configName, inputs.maintenanceWindow]);
        assert.deepEqual(Object.fromEntries(windows), {
            aksManagedAutoUpgradeSchedule: {
                schedule: { weekly: { dayOfWeek: "Saturday", intervalWeeks: 1 } },
                startTime: "01:00",
                durationHours: 6,
                utcOffset: "+01:00",
            },
            aksManagedNodeOSUpgradeSchedule: {
                schedule: { weekly: { dayOfWeek: "Sunday", intervalWeeks: 1 } },
                startTime: "02:00",
                durationHours: 5,
                utcOffset: "+01:00",
            },
        });
    });

    it("rotates secrets of Key Vault, cleans images, and federates workloads", async () => {
        const { recording } = await build();
        const { addonProfiles, securityProfile, oidcIssuerProfile } = cluster(recording).inputs;
        assert.equal(addonProfiles.azureKeyvaultSecretsProvider.enabled, true);
        assert.equal(addonProfiles.azureKeyvaultSecretsProvider.config.enableSecretRotation, "true");
        assert.equal(securityProfile.imageCleaner.enabled, true);
        assert.equal(securityProfile.workloadIdentity.enabled, true);
        assert.equal(oidcIssuerProfile.enabled, true);
    });

    it("sends its audit log somewhere: a workspace that exists and is not in the nodes' group (pitfalls 6 and 7)", async () => {
        const { recording } = await build();
        const { inputs } = recording.one("cluster-audit");
        assert.equal(inputs.resourceUri, idOf("cluster-aks"));
        assert.equal(inputs.workspaceId, idOf("cluster-logs"));
        const sent = inputs.logs.filter(({ enabled }: any) => enabled).map(({ category }: any) => category);
        for (const category of ["kube-audit-admin", "guard"]) assert.ok(sent.includes(category));
        assert.equal(recording.one("cluster-logs").inputs.retentionInDays, 90);

        const nodes = cluster(recording).inputs.nodeResourceGroup;
        for (const { name, inputs: all } of recording.resources) assert.notEqual(all.resourceGroupName, nodes, name);
    });

    it("sets no flag that does nothing: no metrics without somewhere to send them (pitfall 7)", async () => {
        const { recording } = await build();
        assert.equal(cluster(recording).inputs.azureMonitorProfile, undefined);
        assert.equal(cluster(recording).inputs.metricsProfile, undefined);
    });

    it("gives a provider that signs in without a prompt, stays with its cluster, and applies on the server's side", async () => {
        const { recording, result } = await build();
        const provider = recording.one("cluster-kubernetes").inputs;
        assert.match(provider.kubeconfig.value ?? provider.kubeconfig, /- --login\n\s+- azurecli/);
        assert.doesNotMatch(JSON.stringify(provider.kubeconfig), /devicecode/);
        assert.equal(provider.clusterIdentifier, idOf("cluster-aks"));
        assert.equal(provider.enableServerSideApply, "true");
        assert.match(await valueOf(result.kubeconfigForPeople), /devicecode/);
        const call = recording.calls.find(({ token }) => token.endsWith("UserCredentials"));
        assert.equal(call?.args.format, "exec");
    });

    it("keeps disks in three zones by default, made where the pod is, and lets them go with the cluster", async () => {
        const { recording } = await build();
        const storage = recording.one("cluster-zone-redundant");
        assert.equal(storage.inputs.provisioner, "disk.csi.azure.com");
        assert.equal(storage.inputs.parameters.skuName, "Premium_ZRS");
        assert.equal(storage.inputs.volumeBindingMode, "WaitForFirstConsumer");
        assert.equal(storage.inputs.metadata.annotations["storageclass.kubernetes.io/is-default-class"], "true");
        assert.equal(storage.deletedWith, "cluster-aks");
    });

    it("tells what it is, as every kind of cluster does", async () => {
        const { result } = await build();
        assert.deepEqual(
            result.nodePools.map(({ name, mode, zones, minNodes, maxNodes }) => [
                name,
                mode,
                zones.join(),
                minNodes,
                maxNodes,
            ]),
            [
                ["system", "system", "1,2,3", 3, 6],
                ["general1", "user", "1", 1, 5],
                ["general2", "user", "2", 1, 5],
                ["general3", "user", "3", 1, 5],
            ],
        );
        assert.equal(await valueOf(result.oidcIssuerUrl), "https://issuer.example.com/");
        assert.equal(result.entrance.role, "Azure Kubernetes Service Cluster User Role");
        assert.equal(await valueOf(pulumi.output(result.entrance.scope)), idOf("cluster-aks"));
        assert.equal(await valueOf(result.resourceGroupName), "mainstay-prod-cluster");
        assert.equal(await valueOf(result.nodeResourceGroupName), "mainstay-prod-nodes");
    });

    it("tags everything that takes tags", async () => {
        const { recording } = await build();
        const without =
            /^mainstay:|:Subnet$|RoleAssignment|MaintenanceConfiguration|DiagnosticSetting|^pulumi:|^kubernetes:/;
        for (const { type, name, inputs } of recording.resources.filter((one) => !without.test(one.type))) {
            assert.deepEqual(inputs.tags, site.tags, `${type} ${name}`);
        }
        assert.deepEqual(cluster(recording).inputs.agentPoolProfiles[0].tags, site.tags);
    });
});

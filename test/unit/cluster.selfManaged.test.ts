import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { parse } from "yaml";
import { selfManagedNeeds } from "../../components/cluster/selfManaged";
import { autoscalerTags } from "../../components/cluster/selfManaged/workers/autoscalerTags";
import { planPools } from "../../components/cluster/selfManaged/workers/pools";
import { rollingUpgrade, surgePercent } from "../../components/cluster/selfManaged/workers/rollingUpgrade";
import { createWorkers } from "../../components/cluster/selfManaged/workers";
import { drainMinutes } from "../../components/cluster/selfManaged/workers/scaleSet";
import { readBundle } from "../../components/controlPlane/boot";
import { idOf, record, type Recording, valueOf } from "./recordedProgram";
import { clusterArgs, pool, selfManaged, site } from "./selfManagedProgram";

const scaleSets = (recording: Recording) => recording.ofType("azure-native:compute:VirtualMachineScaleSet");
const plain = (value: any) => value?.value ?? value;

describe("pools of a self-managed cluster", () => {
    const zones = fc.constantFrom<string[]>(["1", "2", "3"], ["1", "3"]);
    const counts = fc.tuple(fc.integer({ min: 2, max: 1000 }), fc.integer({ min: 0, max: 1000 }));

    it("are one a zone, hold at least what the system pool is to have, and at most a machine a zone more", () => {
        fc.assert(
            fc.property(zones, counts, (zones, [minNodes, more]) => {
                const systemPool = { ...clusterArgs.systemPool, minNodes, maxNodes: minNodes + more };
                const pools = planPools(systemPool, [pool], zones);
                assert.equal(pools.length, 2 * zones.length);
                assert.equal(new Set(pools.map(({ name }) => name)).size, pools.length);
                const system = pools.filter(({ mode }) => mode === "system");
                assert.deepEqual(
                    system.map(({ zone }) => zone),
                    zones,
                );
                for (const [asked, key] of [
                    [minNodes, "minNodes"],
                    [minNodes + more, "maxNodes"],
                ] as const) {
                    const sum = system.reduce((sum, one) => sum + one[key], 0);
                    assert.ok(sum >= asked && sum < asked + zones.length, `${sum} for ${asked}`);
                }
                for (const one of pools) assert.ok(one.minNodes <= one.maxNodes);
            }),
        );
    });

    it("tell the autoscaler what their nodes have, in names that Azure takes and the autoscaler reads back", () => {
        const [spot] = planPools(
            clusterArgs.systemPool,
            [{ ...pool, spot: true, labels: { "example.com/cost_center": "4711" }, taints: ["batch:NoExecute"] }],
            ["2"],
        ).filter(({ mode }) => mode === "user");
        const tags = autoscalerTags("mainstay-prod", spot);
        assert.deepEqual(tags, {
            "cluster-autoscaler-enabled": "true",
            "cluster-autoscaler-name": "mainstay-prod",
            min: "1",
            max: "5",
            "k8s.io_cluster-autoscaler_node-template_label_agentpool": "general2",
            "k8s.io_cluster-autoscaler_node-template_label_example.com_cost~2center": "4711",
            "k8s.io_cluster-autoscaler_node-template_label_kubernetes.azure.com_mode": "user",
            "k8s.io_cluster-autoscaler_node-template_label_kubernetes.azure.com_scalesetpriority": "spot",
            "k8s.io_cluster-autoscaler_node-template_taint_batch": ":NoExecute",
            "k8s.io_cluster-autoscaler_node-template_taint_kubernetes.azure.com_scalesetpriority": "spot:NoSchedule",
        });
        for (const tag of Object.keys(tags)) assert.doesNotMatch(tag, /[<>%&\\?/]/);
    });

    it("are renewed by a surge of what the settings say, in shares that Azure takes", () => {
        assert.equal(surgePercent(5, "33%"), 33);
        assert.equal(surgePercent(5, "1"), 20);
        assert.equal(surgePercent(100, "1"), 5);
        assert.equal(surgePercent(2, "5"), 100);
        fc.assert(
            fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 100 }), (maxNodes, surge) => {
                for (const maxSurge of [`${surge}`, `${surge}%`]) {
                    const { rollingUpgradePolicy } = rollingUpgrade(
                        { maxNodes },
                        { ...clusterArgs.upgrades, maxSurge },
                    );
                    const { maxBatchInstancePercent: batch, maxUnhealthyInstancePercent: unhealthy } =
                        rollingUpgradePolicy as Record<string, number>;
                    assert.ok(Number.isInteger(batch) && batch >= 5 && batch <= 100);
                    assert.ok(unhealthy >= batch && unhealthy >= 5 && unhealthy <= 100);
                }
            }),
        );
    });

    it("give a node that is going the time to drain that Azure allows", () => {
        assert.deepEqual(
            [1, 10, 30].map((drainTimeoutMinutes) => drainMinutes({ drainTimeoutMinutes })),
            [5, 10, 15],
        );
    });
});

describe("workers", () => {
    /** Scale sets alone, before a control plane that needs no keys. */
    const workers = async (more: Partial<typeof clusterArgs> = {}) => {
        const all = { ...clusterArgs, ...more };
        const { recording } = await record(() => {
            const zoneSubnetIds = Object.fromEntries(site.zones.map((zone) => [zone, pulumi.output(`subnet-${zone}`)]));
            const controlPlane: any = {
                joinVault: { url: "https://join.vault.azure.net", id: "join", secret: "discovery" },
                workerIdentity: { id: pulumi.output("identity"), grants: [] },
                sshPublicKey: pulumi.output("ssh-ed25519 AAAA"),
                trust: "authorities=1",
                ready: [],
            };
            const pools = planPools(all.systemPool, all.userPools, site.zones);
            const args = { ...all, resourceGroupName: "nodes", network: { zoneSubnetIds } as any, controlPlane };
            return createWorkers("cluster", site, pools, args, {});
        });
        return { system: recording.one("cluster-system1").inputs, general: recording.one("cluster-general1").inputs };
    };

    it("are told other things with another minor version, and the same with another limit", async () => {
        const usual = (await workers()).general;
        const grown = (await workers({ userPools: [{ ...pool, maxNodesPerZone: 9 }] })).general;
        assert.deepEqual(grown.virtualMachineProfile, usual.virtualMachineProfile);
        assert.deepEqual([usual.tags.max, grown.tags.max], ["5", "9"]);
        const newer = (await workers({ kubernetesVersion: "1.35" })).general;
        assert.notEqual(plain(newer.virtualMachineProfile.userData), plain(usual.virtualMachineProfile.userData));
        assert.equal(
            newer.virtualMachineProfile.osProfile.customData,
            usual.virtualMachineProfile.osProfile.customData,
        );
    });

    it("may be spot machines that go when Azure wants them", async () => {
        const { general, system } = await workers({ userPools: [{ ...pool, spot: true }] });
        assert.equal(general.virtualMachineProfile.priority, "Spot");
        assert.equal(general.virtualMachineProfile.evictionPolicy, "Delete");
        assert.deepEqual(general.virtualMachineProfile.billingProfile, { maxPrice: -1 });
        const join = readBundle(plain(general.virtualMachineProfile.userData))["kubernetes/kubeadm-join.yaml"];
        assert.deepEqual(parse(join).nodeRegistration.taints, [
            { key: "kubernetes.azure.com/scalesetpriority", value: "spot", effect: "NoSchedule" },
        ]);
        assert.equal(system.virtualMachineProfile.priority, "Regular");
    });

    it("pull from a private registry with their own identity, where there is one", async () => {
        const id = "/subscriptions/9/resourceGroups/shared/providers/Microsoft.ContainerRegistry/registries/example";
        const { general } = await workers({
            registry: { id, credentialProvider: { version: "1.35.1", sha256: "a".repeat(64) } },
        });
        const bundle = readBundle(plain(general.virtualMachineProfile.userData));
        assert.match(bundle["credential-provider.yaml"], /example\.azurecr\.io/);
        assert.match(
            bundle["downloads.txt"],
            /^credential-provider 1\.35\.1 amd64 a{64} https:\S+v1\.35\.1\/azure-acr-credential-provider-linux-amd64$/m,
        );
    });
});

describe("self-managed cluster", function () {
    this.timeout(20_000);

    it("has one scale set a zone and pool, each in its zone's subnet", async () => {
        const { recording } = await selfManaged();
        assert.deepEqual(
            scaleSets(recording)
                .map(({ inputs }) => {
                    const [nic] = inputs.virtualMachineProfile.networkProfile.networkInterfaceConfigurations;
                    return [inputs.vmScaleSetName, inputs.zones.join(), nic.ipConfigurations[0].subnet.id];
                })
                .sort(),
            ["general", "system"].flatMap((name) =>
                site.zones.map((zone) => [`mainstay-prod-${name}${zone}`, zone, idOf(`network-zone-${zone}`)]),
            ),
        );
    });

    it("makes machines without public address or password, encrypted on the host, trusted, with nothing left of them", async () => {
        const { recording } = await selfManaged();
        for (const { inputs } of scaleSets(recording)) {
            const profile = inputs.virtualMachineProfile;
            const [nic] = profile.networkProfile.networkInterfaceConfigurations;
            assert.equal(nic.ipConfigurations[0].publicIPAddressConfiguration, undefined);
            assert.equal(profile.osProfile.linuxConfiguration.disablePasswordAuthentication, true);
            assert.equal(profile.osProfile.adminPassword, undefined);
            assert.equal(profile.securityProfile.encryptionAtHost, true);
            assert.equal(profile.securityProfile.securityType, "TrustedLaunch");
            assert.deepEqual(profile.storageProfile.osDisk.diffDiskSettings, { option: "Local" });
            assert.equal(profile.storageProfile.osDisk.caching, "ReadOnly");
            assert.equal(profile.storageProfile.dataDisks, undefined);
            assert.deepEqual(inputs.identity.userAssignedIdentities, [idOf("control-plane-worker-identity")]);
        }
    });

    it("leaves the number of machines to the autoscaler", async () => {
        const { recording } = await selfManaged();
        for (const { inputs, ignoreChanges } of scaleSets(recording)) {
            assert.deepEqual(ignoreChanges, ["sku.capacity"]);
            assert.equal(inputs.sku.capacity, Number(inputs.tags.min));
            assert.equal(inputs.overprovision, false);
        }
    });

    it("replaces a machine whose kubelet is gone, and tells one that is going", async () => {
        const { recording } = await selfManaged();
        for (const { inputs } of scaleSets(recording)) {
            assert.deepEqual(inputs.automaticRepairsPolicy, {
                enabled: true,
                gracePeriod: "PT30M",
                repairAction: "Replace",
            });
            const [health] = inputs.virtualMachineProfile.extensionProfile.extensions;
            assert.equal(health.type, "ApplicationHealthLinux");
            assert.equal(health.settings.port, 10248);
            assert.deepEqual(inputs.virtualMachineProfile.scheduledEventsProfile.terminateNotificationProfile, {
                enable: true,
                notBeforeTimeout: "PT15M",
            });
        }
    });

    it("has workers join the control plane that is there, and never newer than it", async () => {
        const { recording } = await selfManaged();
        for (const { inputs, dependsOn } of scaleSets(recording)) {
            for (const boot of [1, 2, 3]) assert.ok(dependsOn.includes(`control-plane-boot-${boot}`));
            assert.ok(dependsOn.includes("control-plane-worker-may-use-join"));
            const bundle = readBundle(plain(inputs.virtualMachineProfile.userData));
            assert.match(bundle["facts.env"], /^ROLE='worker'$/m);
            assert.match(bundle["facts.env"], /^KUBERNETES_VERSION='v1\.34\.\d+'$/m);
            assert.match(bundle["facts.env"], /^API_NAME='api\.mainstay-prod\.internal'$/m);
            assert.match(bundle["facts.env"], /^JOIN_VAULT_URL='https:\/\/join\w+\.vault\.azure\.net'$/m);
            const join = parse(bundle["kubernetes/kubeadm-join.yaml"]);
            const labels = join.nodeRegistration.kubeletExtraArgs
                .filter(({ name }: any) => name === "node-labels")
                .map(({ value }: any) => value)
                .join();
            const poolName = inputs.vmScaleSetName.replace("mainstay-prod-", "");
            assert.ok(labels.includes(`agentpool=${poolName}`));
            const system = poolName.startsWith("system");
            assert.ok(labels.includes(`kubernetes.azure.com/mode=${system ? "system" : "user"}`));
            assert.deepEqual(
                join.nodeRegistration.taints,
                system ? [{ key: "CriticalAddonsOnly", value: "true", effect: "NoSchedule" }] : [],
            );
        }
    });

    it("gives a provider that waits for every machine's boot, and stays when its certificate changes", async () => {
        const { recording } = await selfManaged();
        const provider = recording.one("cluster-kubernetes");
        for (const boot of [1, 2, 3]) assert.ok(provider.dependsOn.includes(`control-plane-boot-${boot}`));
        assert.equal(plain(provider.inputs.clusterIdentifier), `${site.subscriptionId}/mainstay-prod`);
        assert.equal(provider.inputs.enableServerSideApply, "true");
    });

    it("lets nobody but the network in to workers, and leaves the group to the cloud's controller from then on", async () => {
        const { recording } = await selfManaged();
        const group = recording.one("cluster-workers-nsg");
        // Azure writes a group as a whole: any update would take out what that controller put in.
        assert.deepEqual(group.ignoreChanges, ["securityRules", "tags"]);
        assert.deepEqual(
            group.inputs.securityRules.map(({ access, sourceAddressPrefix }: any) => [access, sourceAddressPrefix]),
            [
                ["Allow", "VirtualNetwork"],
                ["Allow", "AzureLoadBalancer"],
                ["Deny", "*"],
            ],
        );
        for (const { inputs } of scaleSets(recording)) {
            const [nic] = inputs.virtualMachineProfile.networkProfile.networkInterfaceConfigurations;
            assert.equal(nic.networkSecurityGroup.id, idOf("cluster-workers-nsg"));
        }
    });

    it("lets everything on it go with its nodes' group", async () => {
        const { recording } = await selfManaged();
        const onCluster = recording.resources.filter(({ type }) => type.startsWith("kubernetes:"));
        assert.ok(onCluster.length > 10);
        for (const { name, deletedWith } of onCluster) assert.equal(deletedWith, "cluster-nodes-group", name);
    });

    it("tells what it is, as every kind of cluster does, and hands people a kubeconfig without a credential", async () => {
        const { recording, result } = await selfManaged();
        assert.deepEqual(
            result.nodePools.map(({ name, mode, zones, minNodes, maxNodes }) => [
                name,
                mode,
                zones.join(),
                minNodes,
                maxNodes,
            ]),
            [
                ["system1", "system", "1", 1, 2],
                ["system2", "system", "2", 1, 2],
                ["system3", "system", "3", 1, 2],
                ["general1", "user", "1", 1, 5],
                ["general2", "user", "2", 1, 5],
                ["general3", "user", "3", 1, 5],
            ],
        );
        assert.equal(await valueOf(result.endpoint), "https://api.mainstay-prod.internal:6443");
        assert.equal(await valueOf(result.resourceGroupName), "mainstay-prod-cluster");
        assert.equal(await valueOf(result.nodeResourceGroupName), "mainstay-prod-nodes");
        assert.match(await valueOf(result.oidcIssuerUrl), /^https:\/\/issuer.*[^/]$/);
        const kubeconfig = parse(await valueOf(result.kubeconfigForPeople));
        assert.equal(kubeconfig.clusters[0].cluster.server, "https://api.mainstay-prod.internal:6443");
        assert.deepEqual(Object.keys(kubeconfig.users[0].user), ["exec"]);
        assert.equal(recording.one("cluster-nodes-group").inputs.resourceGroupName, "mainstay-prod-nodes");
    });

    it("tags everything that takes tags", async () => {
        const { recording } = await selfManaged();
        for (const { type, name, inputs } of recording.resources) {
            if (!name.startsWith("cluster") || !/ResourceGroup|ScaleSet|SecurityGroup|UserAssigned/.test(type))
                continue;
            assert.equal(inputs.tags.owner, "platform", name);
        }
    });
});

describe("what a self-managed cluster needs of a subscription", () => {
    const needs = selfManagedNeeds(site, clusterArgs, {
        machines: 3,
        size: "Standard_D2ds_v5",
        generations: {},
    });

    it("is its machines, and every pool at its maximum, in an upgrade, in all zones", () => {
        assert.deepEqual(
            needs.needs.map(({ setting, size, machines, osDiskGiB }) => [setting, size, machines, osDiskGiB]),
            [
                ["controlPlane", "Standard_D2ds_v5", 3, undefined],
                ["cluster.systemPool", "Standard_D4ds_v5", 9, 64],
                ["cluster.userPools[0]", "Standard_D8ds_v5", 21, 64],
            ],
        );
        assert.deepEqual(needs.namespaces, ["Microsoft.KeyVault", "Microsoft.Storage"]);
    });

    it("leaves out machines that are there already", () => {
        const [machines, sets] = needs.existing;
        assert.match(machines.path, /^\/resourceGroups\/mainstay-prod-cluster\/.*\/virtualMachines\?api-version=/);
        assert.deepEqual(
            machines.read({ value: [{ properties: { hardwareProfile: { vmSize: "Standard_D2ds_v5" } } }] }),
            [{ vmSize: "Standard_D2ds_v5", count: 1 }],
        );
        assert.match(sets.path, /^\/resourceGroups\/mainstay-prod-nodes\/.*\/virtualMachineScaleSets\?api-version=/);
        assert.deepEqual(sets.read({ value: [{ sku: { name: "Standard_D8ds_v5", capacity: 4 } }] }), [
            { vmSize: "Standard_D8ds_v5", count: 4 },
        ]);
    });
});

import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, writeFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { Properties } from "../../rehearsal/provider/values";
import { UNKNOWN } from "../../rehearsal/provider/values";
import { AzureRun, base, changed, CLUSTER, identity, operation, POOL } from "./azureRun";

describe("the simulated Azure", function () {
    this.timeout(60_000);
    let run: AzureRun;
    let good: Awaited<ReturnType<typeof base>>;

    beforeEach(async () => {
        run = new AzureRun();
        good = await base(run);
    });
    afterEach(() => run.end());

    describe("in a preview", () => {
        it("keeps what was put in and leaves what only Azure knows unknown, at every depth", async () => {
            const { outputs, id } = await run.preview(CLUSTER, {
                ...good.cluster,
                oidcIssuerProfile: { enabled: true },
            });
            assert.equal(id, "");
            assert.equal(outputs.fqdn, UNKNOWN);
            assert.equal(outputs.dnsPrefix, "aks");
            assert.deepEqual(outputs.oidcIssuerProfile, { enabled: true, issuerURL: UNKNOWN });
            const balancer = await run.preview("network:LoadBalancer", good.balancer);
            const [front] = balancer.outputs.frontendIPConfigurations as Properties[];
            assert.equal(front.name, "front");
            assert.equal(front.id, UNKNOWN);
        });

        it("does not judge what is unknown, nor miss it", async () => {
            const inputs = changed(good.cluster, "agentPoolProfiles[0].vnetSubnetID", UNKNOWN);
            const { failures } = await run.check(CLUSTER, {
                ...inputs,
                location: UNKNOWN,
                dnsPrefix: UNKNOWN,
                sku: UNKNOWN,
            });
            assert.deepEqual(failures, []);
        });

        it("makes nothing, and lets later resources refer to what it came by", async () => {
            const inputs: Properties = { resourceGroupName: "rg", networkSecurityGroupName: "later" };
            const reference = { id: `${good.group.id}/providers/Microsoft.Network/networkSecurityGroups/later` };
            const subnet: Properties = {
                resourceGroupName: "rg",
                virtualNetworkName: "vnet",
                subnetName: "s",
                addressPrefix: "10.1.8.0/24",
                networkSecurityGroup: reference,
            };
            assert.equal((await run.check("network:Subnet", subnet)).failures.length, 1);
            await run.preview("network:NetworkSecurityGroup", inputs);
            assert.deepEqual((await run.check("network:Subnet", subnet)).failures, []);
            assert.equal(
                (await run.azure.read({
                    ...identity("network:NetworkSecurityGroup", "x"),
                    id: reference.id,
                })) as unknown,
                undefined,
            );
        });
    });

    it("fills in a name, the group's location and the API version, the same ones each time", async () => {
        const inputs: Properties = { resourceGroupName: "rg", sku: { name: "Standard" } };
        const first = await run.check("network:LoadBalancer", inputs, "front");
        assert.match(first.inputs.loadBalancerName as string, /^front[0-9a-f]{8}$/);
        assert.equal(first.inputs.location, "westeurope");
        assert.equal(first.inputs.azureApiVersion, "2024-05-01");
        assert.deepEqual(await run.check("network:LoadBalancer", inputs, "front"), first);
        // A child is named as the program names it, an assignment by a GUID.
        const child = await run.check(POOL, { resourceGroupName: "rg", resourceName: "aks", count: 1 }, "user1");
        assert.equal(child.inputs.agentPoolName, "user1");
        const role = await run.check("authorization:RoleAssignment", {
            scope: good.group.id,
            principalId: UNKNOWN,
            roleDefinitionId: UNKNOWN,
        });
        assert.match(role.inputs.roleAssignmentName as string, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    });

    it("gives what Azure gives: versions, names, identities, an issuer, addresses", async () => {
        const { outputs } = await run.make(CLUSTER, {
            ...good.cluster,
            kubernetesVersion: "1.34",
            oidcIssuerProfile: { enabled: true },
        });
        assert.match(outputs.currentKubernetesVersion as string, /^1\.34\.\d+$/);
        assert.equal(outputs.nodeResourceGroup, "MC_rg_aks_westeurope");
        assert.match(outputs.fqdn as string, /^aks-[0-9a-f]{8}\.hcp\.westeurope\.azmk8s\.io$/);
        assert.match(
            (outputs.oidcIssuerProfile as Properties).issuerURL as string,
            /^https:\/\/westeurope\.oic\.prod-aks\.azure\.com\/.+\/$/,
        );
        const isolated = await run.make(CLUSTER, {
            ...good.cluster,
            resourceName: "own",
            apiServerAccessProfile: { enablePrivateCluster: true, enablePrivateClusterPublicFQDN: false },
        });
        assert.equal(isolated.outputs.fqdn, undefined);
        assert.match(isolated.outputs.privateFQDN as string, /\.privatelink\.westeurope\.azmk8s\.io$/);
        const user = await run.make("managedidentity:UserAssignedIdentity", {
            resourceGroupName: "rg",
            resourceName: "identity",
        });
        assert.match(user.outputs.principalId as string, /^[0-9a-f-]{36}$/);
        const balancer = await run.make("network:LoadBalancer", good.balancer);
        const [front] = balancer.outputs.frontendIPConfigurations as Properties[];
        assert.equal(front.id, `${balancer.id}/frontendIPConfigurations/front`);
    });

    it("refuses to create what exists, on its own or inside another", async () => {
        await run.make(CLUSTER, good.cluster);
        await assert.rejects(
            run.make(CLUSTER, good.cluster),
            /cannot create already existing resource '\/subscriptions\/.*managedClusters\/aks'/,
        );
        const again: Properties = {
            resourceGroupName: "rg",
            resourceName: "aks",
            agentPoolName: "system",
            count: 3,
            mode: "System",
            vmSize: "Standard_D4ds_v5",
            vnetSubnetID: good.subnet.id,
        };
        await assert.rejects(run.make(POOL, again), /cannot create already existing resource '.*agentPools\/system'/);
    });

    it("lets one of two creators win, also from two processes' providers", async () => {
        const inputs = (await run.check("network:LoadBalancer", good.balancer)).inputs;
        const request = { ...identity("network:LoadBalancer", "lb"), ...operation(), inputs, preview: false };
        const results = await Promise.allSettled(
            [run.azure, run.another(), run.another()].map((azure) => azure.create(request)),
        );
        assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
    });

    describe("when inputs change", () => {
        const diff = async (type: string, before: Properties, after: Properties) =>
            run.azure.diff({ ...identity(type, "x"), id: "x", oldInputs: before, oldOutputs: {}, inputs: after });

        it("replaces by azure-native's own metadata and updates the rest", async () => {
            const replaced: [string, Properties, string, unknown][] = [
                [CLUSTER, good.cluster, "networkProfile.networkPluginMode", undefined],
                [CLUSTER, good.cluster, "dnsPrefix", "other"],
                [CLUSTER, good.cluster, "location", "northeurope"],
                [CLUSTER, good.cluster, "resourceName", "other"],
                [POOL, { vmSize: "a" }, "vmSize", "b"],
                ["network:PublicIPAddress", { sku: { name: "Basic" } }, "sku.name", "Standard"],
                ["network:Subnet", { virtualNetworkName: "a" }, "virtualNetworkName", "b"],
                ["authorization:RoleAssignment", { principalId: "a" }, "principalId", "b"],
                ["operationalinsights:Workspace", { location: "westeurope" }, "location", "northeurope"],
            ];
            for (const [type, before, path, value] of replaced) {
                const { entries } = await diff(type, before, changed(before, path, value));
                assert.deepEqual(Object.keys(entries), [path]);
                assert.equal(entries[path].replace, true, `${type} ${path}`);
            }
            const updated: [string, Properties, string, unknown][] = [
                [CLUSTER, good.cluster, "agentPoolProfiles[0].vmSize", "Standard_D8ds_v5"],
                [CLUSTER, good.cluster, "agentPoolProfiles[0].count", 5],
                [CLUSTER, good.cluster, "networkProfile.advancedNetworking", { enabled: true }],
                [POOL, { availabilityZones: ["1"] }, "availabilityZones[0]", "2"],
                ["network:LoadBalancer", { location: "westeurope" }, "location", "northeurope"],
                ["compute:VirtualMachine", { osProfile: { customData: "YQ==" } }, "osProfile.customData", "Yg=="],
                ["network:Subnet", { addressPrefix: "10.0.0.0/24" }, "addressPrefix", "10.0.1.0/24"],
            ];
            for (const [type, before, path, value] of updated) {
                const { entries } = await diff(type, before, changed(before, path, value));
                assert.ok(Object.keys(entries).length > 0);
                assert.ok(
                    Object.values(entries).every((entry) => !entry.replace),
                    `${type} ${path}`,
                );
            }
        });

        it("deletes first, unless the name was drawn", async () => {
            assert.equal((await diff(POOL, { vmSize: "a" }, { vmSize: "b" })).deleteBeforeReplace, true);
            const drawn = { dnsPrefix: "a", __createBeforeDelete: true };
            assert.equal((await diff(CLUSTER, drawn, { ...drawn, dnsPrefix: "b" })).deleteBeforeReplace, false);
        });

        it("takes a location in other letters for the same", async () => {
            assert.deepEqual(
                (await diff(CLUSTER, { location: "West Europe" }, { location: "westeurope" })).entries,
                {},
            );
        });

        it("refuses what Azure never changes and azure-native does not replace", async () => {
            const nic = await run.make("network:NetworkInterface", {
                resourceGroupName: "rg",
                networkInterfaceName: "nic",
                ipConfigurations: [{ name: "a", subnet: { id: good.subnet.id } }],
            });
            const machine = await run.make("compute:VirtualMachine", {
                resourceGroupName: "rg",
                vmName: "node",
                zones: ["1"],
                hardwareProfile: { vmSize: "Standard_D4ds_v5" },
                storageProfile: {
                    imageReference: {
                        publisher: "Canonical",
                        offer: "ubuntu-24_04-lts",
                        sku: "server",
                        version: "24.04.202601010",
                    },
                },
                osProfile: {
                    computerName: "node",
                    adminUsername: "mainstay",
                    adminPassword: "Never-used-1",
                    customData: "YQ==",
                },
                networkProfile: { networkInterfaces: [{ id: nic.id }] },
            });
            const type = "compute:VirtualMachine";
            const osProfile = machine.inputs.osProfile as Properties;
            await assert.rejects(
                run.update(type, machine, { osProfile: { ...osProfile, customData: "Yg==" } }),
                /PropertyChangeNotAllowed.*osProfile\.customData/,
            );
            await assert.rejects(
                run.update(type, machine, { storageProfile: { imageReference: { publisher: "x" } } }),
                /PropertyChangeNotAllowed.*imageReference/,
            );
            await assert.rejects(run.update(type, machine, { zones: ["2"] }), /PropertyChangeNotAllowed.*zones/);
            const balancer = await run.make("network:LoadBalancer", good.balancer);
            const move = run.update("network:LoadBalancer", balancer, { location: "northeurope" });
            await assert.rejects(move, /InvalidResourceLocation/);
            const updated = await run.update(type, machine, { tags: { team: "a" } });
            assert.deepEqual(updated.tags, { team: "a" });
        });

        it("keeps a cluster's inline pools the ones that it was made with", async () => {
            const cluster = await run.make(CLUSTER, good.cluster);
            const [system] = good.cluster.agentPoolProfiles;
            const pools = (...agentPoolProfiles: Properties[]) => run.update(CLUSTER, cluster, { agentPoolProfiles });
            await assert.rejects(
                pools(system, { ...system, name: "user1", mode: "User" }),
                /A new agent pool was introduced/,
            );
            await assert.rejects(pools({ ...system, name: "system2" }), /A new agent pool was introduced/);
            await assert.rejects(
                pools({ ...system, vmSize: "Standard_D8ds_v5" }),
                /PropertyChangeNotAllowed.*properties\.vmSize/,
            );
            await pools({ ...system, count: 5 });
        });

        it("steps one minor version at a time", async () => {
            const cluster = await run.make(CLUSTER, { ...good.cluster, kubernetesVersion: "1.33" });
            const to = (kubernetesVersion: string) => run.update(CLUSTER, cluster, { kubernetesVersion });
            await assert.rejects(to("1.35"), /skips a minor version/);
            await assert.rejects(to("1.32"), /downgrading/);
            assert.match((await to("1.34")).currentKubernetesVersion as string, /^1\.34/);
        });
    });

    it("refuses to delete what is in use, and takes along what is inside", async () => {
        const cluster = await run.make(CLUSTER, good.cluster);
        const pool = await run.make(POOL, {
            resourceGroupName: "rg",
            resourceName: "aks",
            agentPoolName: "user1",
            count: 1,
            mode: "User",
            vmSize: "Standard_D4ds_v5",
            vnetSubnetID: good.subnet.id,
        });
        await assert.rejects(run.remove("network:Subnet", good.subnet), /InUseSubnetCannotBeDeleted/);
        await assert.rejects(run.remove("network:VirtualNetwork", good.network), /InUseVirtualNetworkCannotBeDeleted/);
        await run.remove(CLUSTER, cluster);
        assert.equal(await run.azure.read({ ...identity(POOL, "x"), id: pool.id }), undefined);
        await run.remove("network:Subnet", good.subnet);
        await run.remove("network:VirtualNetwork", good.network);
    });

    it("does not delete under a lock", async () => {
        await run.make("authorization:ManagementLockByScope", {
            scope: good.group.id,
            lockName: "keep",
            level: "CanNotDelete",
        });
        await assert.rejects(run.remove("network:Subnet", good.subnet), /ScopeLocked/);
    });

    it("refuses federated credentials of one identity that are written at once", async () => {
        await run.make("managedidentity:UserAssignedIdentity", { resourceGroupName: "rg", resourceName: "identity" });
        const credential = (name: string) =>
            run.make("managedidentity:FederatedIdentityCredential", {
                resourceGroupName: "rg",
                resourceName: "identity",
                federatedIdentityCredentialResourceName: name,
                issuer: "https://issuer.example",
                subject: `system:serviceaccount:a:${name}`,
                audiences: ["api://AzureADTokenExchange"],
            });
        const [first, second] = await Promise.allSettled([credential("one"), credential("two")]);
        assert.equal(first.status, "fulfilled");
        assert.match(String((second as PromiseRejectedResult).reason), /ConcurrentFederatedIdentityCredentials/);
        await credential("three");
    });

    it("sees in a refresh what somebody else changed, and only that", async () => {
        const made = await run.make("network:LoadBalancer", { ...good.balancer, tags: { team: "a", cost: "1" } });
        const read = () =>
            run.azure.read({
                ...identity("network:LoadBalancer", "x"),
                id: made.id,
                oldInputs: made.inputs,
                oldOutputs: made.outputs,
            });
        assert.deepEqual((await read())!.inputs, made.inputs);

        const folder = join(run.folder, "azure", "resources");
        const file = join(
            folder,
            readdirSync(folder).find((name) => name.includes("loadbalancers~lb~"))!,
        );
        const state = JSON.parse(readFileSync(file, "utf8")) as { outputs: Properties };
        (state.outputs.tags as Properties).team = "b";
        writeFileSync(file, JSON.stringify(state));
        assert.deepEqual((await read())!.inputs, { ...made.inputs, tags: { team: "b", cost: "1" } });

        rmSync(file);
        assert.equal(await read(), undefined);
    });

    it("imports by ID", async () => {
        const made = await run.make("network:LoadBalancer", good.balancer);
        const read = await run.azure.read({ ...identity("network:LoadBalancer", "x"), id: made.id });
        assert.deepEqual(read!.inputs, made.inputs);
    });

    it("finds in the state what another process wrote, at once", async () => {
        const other = run.another();
        const made = await run.make("network:LoadBalancer", good.balancer);
        const read = () => other.read({ ...identity("network:LoadBalancer", "x"), id: made.id });
        assert.ok(await read());
        await run.remove("network:LoadBalancer", made);
        assert.equal(await read(), undefined);
    });

    describe("answers functions:", () => {
        const invoke = async (token: string, args: Properties = {}) =>
            (await run.azure.invoke(`azure-native:${token}`, args)).result;

        it("a getter, with Azure's error where there is nothing", async () => {
            const result = await invoke("network:getVirtualNetwork", {
                resourceGroupName: "rg",
                virtualNetworkName: "vnet",
            });
            assert.equal(result.id, good.network.id);
            assert.deepEqual(result.addressSpace, { addressPrefixes: ["10.1.0.0/16"] });
            await assert.rejects(
                invoke("network:getVirtualNetwork", { resourceGroupName: "rg", virtualNetworkName: "no" }),
                /Code="ResourceNotFound"/,
            );
        });

        it("a kubeconfig with a sign-in plugin, and none for administrators where local accounts are off", async () => {
            mkdirSync(join(run.folder, "cluster"));
            writeFileSync(join(run.folder, "cluster", "ca.crt"), "authority");
            writeFileSync(
                join(run.folder, "cluster", "api-server.json"),
                JSON.stringify({
                    server: "https://127.0.0.1:1",
                    certificateAuthority: join(run.folder, "cluster", "ca.crt"),
                    adminToken: "t",
                }),
            );
            await run.make(CLUSTER, { ...good.cluster, disableLocalAccounts: true, aadProfile: { managed: true } });
            const args = { resourceGroupName: "rg", resourceName: "aks" };
            const result = await invoke("containerservice:listManagedClusterUserCredentials", args);
            const [{ value }] = result.kubeconfigs as { value: string }[];
            const kubeconfig = parse(Buffer.from(value, "base64").toString()) as {
                clusters: { cluster: object }[];
                users: { user: { exec: { command: string; args: string[] } } }[];
            };
            assert.deepEqual(kubeconfig.clusters[0].cluster, {
                server: "https://127.0.0.1:1",
                "certificate-authority-data": Buffer.from("authority").toString("base64"),
            });
            assert.equal(kubeconfig.users[0].user.exec.command, "kubelogin");
            assert.equal(kubeconfig.users[0].user.exec.args[0], "get-token");
            await assert.rejects(invoke("containerservice:listManagedClusterAdminCredentials", args), /local accounts/);
        });

        it("who deploys, features, and Resource Manager's lists at the token's audience", async () => {
            await run.make(CLUSTER, good.cluster);
            const { subscriptionId } = await invoke("authorization:getClientConfig");
            const feature = await invoke("features:getSubscriptionFeatureRegistration", {
                providerNamespace: "Microsoft.Compute",
                featureName: "EncryptionAtHost",
            });
            assert.equal((feature.properties as Properties).state, "Registered");
            const { token } = await invoke("authorization:getClientToken");
            const { aud } = JSON.parse(Buffer.from((token as string).split(".")[1], "base64url").toString()) as {
                aud: string;
            };
            const ask = async (path: string) => {
                const response = await fetch(`${aud}/subscriptions/${subscriptionId as string}${path}`, {
                    headers: { authorization: `Bearer ${token as string}` },
                });
                return (await response.json()) as {
                    value: Record<string, unknown>[];
                    error?: { code: string };
                    properties: Properties;
                };
            };
            const providers = await ask("/providers?api-version=2021-04-01");
            assert.ok(
                providers.value.some(
                    ({ namespace, registrationState }) =>
                        namespace === "Microsoft.ContainerService" && registrationState === "Registered",
                ),
            );
            const skus = await ask(
                "/providers/Microsoft.Compute/skus?api-version=2021-07-01&$filter=location eq 'westeurope'",
            );
            assert.ok(skus.value.some(({ name }) => name === "Standard_D8ds_v5"));
            const usages = await ask("/providers/Microsoft.Compute/locations/westeurope/usages?api-version=2024-07-01");
            const family = usages.value.find(({ name }) => (name as Properties).value === "standardDDSv5Family");
            assert.deepEqual([family!.currentValue, family!.limit], [12, 350]);
            const cluster = await ask(
                "/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks?api-version=2025-09-01",
            );
            assert.equal((cluster.properties.agentPoolProfiles as Properties[])[0].name, "system");
            assert.equal(
                (await ask("/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/no?api-version=1"))
                    .error!.code,
                "ResourceNotFound",
            );
        });
    });

    it("goes on without ARM's schemas, and says what it did not judge", async () => {
        const before = process.env.MAINSTAY_CONTRACTS;
        process.env.MAINSTAY_CONTRACTS = join(run.folder, "none");
        try {
            const azure = run.another();
            const { failures } = await azure.check({
                ...identity(CLUSTER, "x"),
                inputs: { ...good.cluster, sku: { tier: "Gold" } },
                randomSeed: Buffer.alloc(0),
            });
            assert.deepEqual(failures, []);
            const lines = readFileSync(join(run.folder, "unjudged.jsonl"), "utf8").trim().split("\n");
            const line = JSON.parse(lines.at(-1)!) as { urn: string; what: string; why: string };
            assert.equal(line.what, `azure-native:${CLUSTER}`);
            assert.match(line.why, /schemas are not to be had/);
        } finally {
            if (before === undefined) delete process.env.MAINSTAY_CONTRACTS;
            else process.env.MAINSTAY_CONTRACTS = before;
        }
    });

    it("says so of a type that the SDK does not have", async () => {
        await assert.rejects(
            run.check("network:VirtualNetwrok", {}),
            /azure-native:network:VirtualNetwrok is not in the installed/,
        );
    });
});

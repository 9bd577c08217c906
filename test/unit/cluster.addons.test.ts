import assert from "node:assert/strict";
import fc from "fast-check";
import { charts } from "../../components/cluster/selfManaged/addons";
import { cloudConfig } from "../../components/cluster/selfManaged/addons/cloudConfig";
import { rebootTimes } from "../../components/cluster/selfManaged/addons/reboots";
import { nodeNames } from "../../components/cluster/selfManaged/addons/servingCertificates";
import { readChart } from "../../rehearsal/kubernetes/helm/chart";
import { schemaProblems } from "../../rehearsal/kubernetes/helm/schema";
import { unknownKeys } from "../../rehearsal/kubernetes/helm/values";
import { formatPath } from "../../rehearsal/provider";
import { idOf, type Recorded, type Recording } from "./recordedProgram";
import { clusterArgs, selfManaged, site } from "./selfManagedProgram";

const release = (recording: Recording, chart: string) => recording.one(`cluster-${chart}`);
const values = (recording: Recording, chart: string) => plain(release(recording, chart).inputs.values);

/** Without the marks of secrets. */
function plain(value: any): any {
    if (Array.isArray(value)) return value.map(plain);
    if (typeof value !== "object" || value === null) return value;
    if ("4dabf18193072939515e22adb298388d" in value) return plain(value.value);
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}

describe("what a self-managed cluster has beside Kubernetes", function () {
    this.timeout(20_000);

    it("is pinned, and waits for the network, and for the cloud that takes the taint off nodes", async () => {
        const { recording } = await selfManaged();
        const releases = recording.ofType("kubernetes:helm.sh/v3:Release");
        assert.deepEqual(
            releases.map(({ inputs }) => `${inputs.chart} ${inputs.version}`).sort(),
            Object.values(charts)
                .map(({ chart, version }) => `${chart} ${version}`)
                .sort(),
        );
        for (const { name, inputs, dependsOn } of releases) {
            assert.match(inputs.version, /^\d+\.\d+\.\d+$/);
            assert.match(inputs.repositoryOpts.repo, /^https:/);
            const network = "cluster-cilium";
            const cloud = "cluster-cloud-provider-azure";
            if (name !== network) assert.ok(dependsOn.includes(network), `${name} does not wait for the network`);
            if (name !== network && name !== cloud) assert.ok(dependsOn.includes(cloud), name);
        }
    });

    // Of these there is no contract: a rehearsal lists them as unjudged.
    const unjudged = ["cilium", "csi-secrets-store-provider-azure", "kubelet-csr-approver", "kured"];

    for (const { chart, version } of Object.values(charts).filter(({ chart }) => !unjudged.includes(chart))) {
        const contract = readChart(chart);
        it(`${chart}: has no value that its chart does not know${contract ? "" : " (no contracts are given)"}`, async function () {
            if (!contract) return this.skip();
            assert.equal(contract.version.replace(/^v/, ""), version);
            const given = values((await selfManaged()).recording, chart);
            const problems = [...unknownKeys(given, contract), ...(await schemaProblems(given, contract))];
            assert.deepEqual(
                problems.map(({ path, reason }) => `${formatPath(path)}: ${reason}`),
                [],
            );
        });
    }

    it("takes kube-proxy's place, by the API's own name, in an overlay with the controller manager's ranges", async () => {
        const given = values((await selfManaged()).recording, "cilium");
        assert.equal(given.kubeProxyReplacement, "true");
        assert.equal(given.k8sServiceHost, "api.mainstay-prod.internal");
        assert.equal(given.k8sServicePort, 6443);
        assert.deepEqual(given.ipam, { mode: "kubernetes" });
        assert.deepEqual([given.routingMode, given.tunnelProtocol, given.tunnelPort], ["tunnel", "vxlan", 8472]);
        assert.equal(given.hubble.relay.enabled, true);
    });

    it("makes no routes, and no second hand writes ranges or scale sets", async () => {
        const { recording } = await selfManaged();
        const { cloudControllerManager } = values(recording, "cloud-provider-azure");
        assert.equal(cloudControllerManager.configureCloudRoutes, "false");
        assert.equal(cloudControllerManager.allocateNodeCidrs, "false");
        const config = JSON.parse(
            plain(recording.one("cluster-azure-cloud-provider").inputs.stringData)["cloud-config"],
        );
        assert.equal(config.loadBalancerBackendPoolConfigurationType, "nodeIP");
        assert.equal(config.resourceGroup, "mainstay-prod-nodes");
        assert.equal(config.vmType, "vmss");
        assert.equal(config.disableAvailabilitySetNodes, false);
        assert.equal(config.useFederatedWorkloadIdentityExtension, true);
    });

    it("tells Azure's programs where everything is, and no secret", () => {
        const config = cloudConfig(
            site,
            { name: "mainstay-prod-vnet", resourceGroupName: "mainstay-prod-network" },
            "id",
        );
        assert.equal(config.vnetName, "mainstay-prod-vnet");
        assert.equal(config.vnetResourceGroup, "mainstay-prod-network");
        for (const key of Object.keys(config)) assert.doesNotMatch(key, /secret|password|key/i);
        assert.equal(cloudConfig(site, { name: "v", resourceGroupName: "g" }).aadClientId, undefined);
    });

    it("signs in to Azure by tokens of single service accounts, each for what it does", async () => {
        const { recording } = await selfManaged();
        const federations = recording.ofType("azure-native:managedidentity:FederatedIdentityCredential");
        assert.deepEqual(
            federations
                .map(({ inputs }) => [inputs.resourceName, inputs.subject.replace("system:serviceaccount:", "")])
                .sort(),
            [
                ["mainstay-prod-autoscaler", "kube-system:cluster-autoscaler"],
                ["mainstay-prod-cloud-provider", "kube-system:cloud-controller-manager"],
                ["mainstay-prod-disks", "kube-system:csi-azuredisk-controller-sa"],
            ],
        );
        for (const { inputs } of federations) {
            assert.deepEqual(inputs.audiences, ["api://AzureADTokenExchange"]);
            assert.match(inputs.issuer, /^https:\/\/issuer/);
        }
        const scopes = (role: string) =>
            recording
                .ofType("azure-native:authorization:RoleAssignment")
                .filter(({ name }) => name.startsWith(`cluster-${role}-`))
                .map(({ inputs }) => inputs.scope);
        const nodes = `/subscriptions/${site.subscriptionId}/resourceGroups/mainstay-prod-nodes`;
        assert.deepEqual([...new Set(scopes("disks"))], [nodes]);
        assert.deepEqual(
            scopes("autoscaler").sort(),
            [nodes, idOf("control-plane-worker-identity"), idOf("network-vnet")].sort(),
        );
        // Nothing in the cluster has a role on the whole subscription, nor may any of them write the control plane's group.
        for (const { inputs } of recording.ofType("azure-native:authorization:RoleAssignment"))
            assert.notEqual(inputs.scope, `/subscriptions/${site.subscriptionId}`);
    });

    it("waits with pods that sign in until they can", async () => {
        const { recording } = await selfManaged();
        for (const [chart, role] of [
            ["azuredisk-csi-driver", "disks"],
            ["cluster-autoscaler", "autoscaler"],
        ]) {
            const { dependsOn } = release(recording, chart);
            assert.ok(dependsOn.includes("cluster-workload-identity-webhook"), chart);
            assert.ok(dependsOn.includes(`cluster-${role}-federation`), chart);
        }
        assert.ok(release(recording, "cloud-provider-azure").dependsOn.includes("cluster-cloud-provider-federation"));
    });

    it("has the autoscaler of the cluster's minor version, with AKS's profile, on the scale sets' tags", async () => {
        const given = values((await selfManaged()).recording, "cluster-autoscaler");
        assert.match(given.image.tag, /^v1\.34\./);
        assert.deepEqual(given.autoDiscovery, { clusterName: site.prefix });
        assert.equal(given.extraArgs["balance-similar-node-groups"], "true");
        assert.equal(given.extraArgs["scan-interval"], "10s");
        assert.equal(given.azureEnableVMSSEtag, true);
        assert.equal(given.azureUseWorkloadIdentityExtension, true);
    });

    it("verifies kubelets and the metrics server", async () => {
        const given = values((await selfManaged()).recording, "metrics-server");
        assert.equal(given.apiService.insecureSkipTLSVerify, false);
        assert.match(given.args.join(), /--kubelet-certificate-authority=/);
        assert.doesNotMatch(given.args.join(), /insecure/);
    });

    it("approves serving certificates of nodes that can be, by name, address and DNS", async () => {
        const { recording } = await selfManaged();
        const given = values(recording, "kubelet-csr-approver");
        assert.equal(given.bypassDnsResolution, false);
        assert.equal(given.providerIpPrefixes.length, 6);
        const names = new RegExp(given.providerRegex);
        for (const real of ["mainstay-prod-cp-1", "mainstay-prod-system3-00000a", "mainstay-prod-general1-000001"])
            assert.match(real, names);
        for (const other of [
            "mainstay-prod-cp-4",
            "mainstay-prod-general4-000001",
            "mainstay-prod-general1-000001.evil.example",
            "x-mainstay-prod-cp-1",
            "mainstay-prod-general1",
        ])
            assert.doesNotMatch(other, names);
        assert.equal(nodeNames(site, [{ name: "a1" }], ["m"]), "^(m|mainstay-prod-a1-[0-9a-z]{6})$");
    });

    it("has names in every zone, with a budget", async () => {
        const { recording } = await selfManaged();
        const { spec } = recording.one("cluster-dns-deployment").inputs;
        assert.equal(spec.replicas, 3);
        const [spread] = spec.template.spec.topologySpreadConstraints;
        assert.equal(spread.topologyKey, "topology.kubernetes.io/zone");
        assert.equal(spread.whenUnsatisfiable, "DoNotSchedule");
        assert.deepEqual(spread.labelSelector.matchLabels, spec.template.metadata.labels);
        assert.match(spec.template.spec.containers[0].image, /:v1\.12\.1$/);
        assert.equal(recording.one("cluster-dns-service").inputs.spec.clusterIP, "10.96.0.10");
    });

    it("lets go of one pod at a time, and never holds up a drain for good", async () => {
        const { recording } = await selfManaged();
        const budgets = recording.ofType("kubernetes:policy/v1:PodDisruptionBudget");
        assert.ok(budgets.length >= 4);
        for (const { inputs } of budgets) {
            assert.equal(inputs.spec.maxUnavailable, 1);
            assert.equal(inputs.spec.unhealthyPodEvictionPolicy, "AlwaysAllow");
        }
    });

    it("runs twice what must not fail, on nodes that are kept for it", async () => {
        const { recording } = await selfManaged();
        const critical: [chart: string, replicas: (values: any) => number, place: (values: any) => any][] = [
            ["cloud-provider-azure", (v) => v.cloudControllerManager.replicas, (v) => v.cloudControllerManager],
            ["cilium", (v) => v.operator.replicas, (v) => v.operator],
            ["metrics-server", (v) => v.replicas, (v) => v],
            ["cluster-autoscaler", (v) => v.replicaCount, (v) => v],
            ["workload-identity-webhook", (v) => v.replicaCount, (v) => v],
            ["kubelet-csr-approver", (v) => v.replicas, (v) => v],
        ];
        for (const [chart, replicas, place] of critical) {
            const given = values(recording, chart);
            assert.equal(replicas(given), 2, chart);
            const { nodeSelector, tolerations } = place(given);
            assert.ok(
                nodeSelector["kubernetes.azure.com/mode"] === "system" ||
                    nodeSelector["node-role.kubernetes.io/control-plane"] === "",
                chart,
            );
            assert.ok(tolerations.length > 0, chart);
        }
    });

    it("starts the network and the cloud on nodes that nobody has initialised", async () => {
        const { recording } = await selfManaged();
        const tolerated = (pods: any) => pods.tolerations.map(({ key }: any) => key);
        const uninitialized = "node.cloudprovider.kubernetes.io/uninitialized";
        const cilium = values(recording, "cilium");
        assert.ok(tolerated(cilium.operator).includes(uninitialized));
        // Nodes are in no zone yet, so none may be asked for.
        for (const spread of cilium.operator.topologySpreadConstraints)
            assert.equal(spread.whenUnsatisfiable, "ScheduleAnyway");
        assert.equal(release(recording, "cilium").inputs.skipAwait, true);
        const { cloudControllerManager } = values(recording, "cloud-provider-azure");
        assert.ok(tolerated(cloudControllerManager).includes(uninitialized));
    });

    it("keeps disks in three zones by default, as an AKS cluster here does", async () => {
        const { recording } = await selfManaged();
        const { inputs } = recording.one("cluster-zone-redundant") as Recorded;
        assert.equal(inputs.parameters.skuName, "Premium_ZRS");
        assert.equal(inputs.volumeBindingMode, "WaitForFirstConsumer");
    });
});

describe("restarts of nodes", () => {
    const { nodeImage } = clusterArgs.maintenance;
    const DAYS = ["su", "mo", "tu", "we", "th", "fr", "sa"];
    const NAMES = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;

    it("are in the maintenance window, by universal time", () => {
        assert.deepEqual(rebootTimes(nodeImage, "+01:00"), {
            rebootDays: ["su"],
            startTime: "01:00",
            endTime: "06:00",
            timeZone: "UTC",
        });
        // Sunday 01:00 two hours east begins on Saturday at 23:00; the longer part is Sunday's.
        assert.deepEqual(rebootTimes({ day: "Sunday", start: "01:00", hours: 6 }, "+02:00"), {
            rebootDays: ["su"],
            startTime: "00:00",
            endTime: "05:00",
            timeZone: "UTC",
        });
        assert.deepEqual(rebootTimes({ day: "Saturday", start: "20:00", hours: 6 }, "+00:00"), {
            rebootDays: ["sa"],
            startTime: "20:00",
            endTime: "23:59",
            timeZone: "UTC",
        });
    });

    it("are never outside of it, whatever the offset, and at least half of it is used", () => {
        const two = (number: number) => String(number).padStart(2, "0");
        const minutesOf = (clock: string) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
        const window = fc.record({
            day: fc.constantFrom(...NAMES),
            start: fc.tuple(fc.nat(23), fc.nat(59)).map(([hour, minute]) => `${two(hour)}:${two(minute)}`),
            hours: fc.integer({ min: 4, max: 24 }),
        });
        const offset = fc
            .tuple(fc.constantFrom("+", "-"), fc.nat(14), fc.constantFrom("00", "30", "45"))
            .map(([sign, hours, minutes]) => `${sign}${two(hours)}:${minutes}`);
        fc.assert(
            fc.property(window, offset, (window, offset) => {
                const { rebootDays, startTime, endTime } = rebootTimes(window, offset);
                assert.equal(rebootDays.length, 1);
                const sign = offset.startsWith("-") ? -1 : 1;
                const shift = sign * minutesOf(offset.slice(1));
                const week = 7 * 24 * 60;
                const opens = NAMES.indexOf(window.day) * 24 * 60 + minutesOf(window.start) - shift;
                const inWindow = (minute: number) => (((minute - opens) % week) + week) % week <= window.hours * 60;
                const day = DAYS.indexOf(rebootDays[0]) * 24 * 60;
                const [from, to] = [day + minutesOf(startTime), day + minutesOf(endTime)];
                assert.ok(from < to, `${startTime} to ${endTime}`);
                for (let minute = from; minute <= to; minute++) assert.ok(inWindow(minute));
                assert.ok(to - from >= (window.hours * 60) / 2 - 1);
            }),
            { numRuns: 200 },
        );
    });
});

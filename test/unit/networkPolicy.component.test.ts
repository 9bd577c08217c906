import assert from "node:assert/strict";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap";
import type { Cluster } from "../../components/cluster";
import { NetworkPolicies } from "../../components/networkPolicy";
import { PlatformNamespaces, platformNamespaces } from "../../components/platform";
import { Tenants } from "../../components/tenants";
import { exampleRanges, exampleTenants } from "../networkPolicyExample";
import { record } from "./recordedProgram";
import { selfManaged } from "./selfManagedProgram";

let made: ReturnType<typeof make> | undefined;

/** The example's policies, on as much of a cluster as they see of one. */
function make() {
    return record(() => {
        const seen: Partial<Cluster> = {
            apiServers: "nodes",
            systemNamespaces: ["kube-system"],
            ready: [new ConfigMap("last-addon", {})],
            onCluster: {},
        };
        const cluster = seen as Cluster;
        const platform = new PlatformNamespaces("platform", { cluster });
        const tenants = new Tenants("tenants", { cluster, tenants: exampleTenants });
        return new NetworkPolicies("network-policies", { ...exampleRanges, cluster, tenants, platform });
    });
}

const usual = async () => (await (made ??= make())).recording;

const NETWORK_POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
const CILIUM_POLICY = "kubernetes:cilium.io/v2:CiliumNetworkPolicy";
const CILIUM_CLUSTERWIDE_POLICY = "kubernetes:cilium.io/v2:CiliumClusterwideNetworkPolicy";

describe("the network policies' component", () => {
    it("makes two policies a namespace, Cilium's where they are needed, and the guard rails", async () => {
        const recording = await usual();
        const namespaces = exampleTenants.flatMap((each) => each.namespaces).length + platformNamespaces.length;
        assert.equal(recording.ofType(NETWORK_POLICY).length, 2 * namespaces);
        assert.deepEqual(
            recording
                .ofType(CILIUM_POLICY)
                .map(({ inputs }) => inputs.metadata.namespace)
                .sort(),
            ["payments", "shop", "shop-jobs", "web", ...platformNamespaces.map(({ name }) => name)].sort(),
        );
        assert.deepEqual(
            recording.ofType(CILIUM_CLUSTERWIDE_POLICY).map(({ inputs }) => inputs.metadata.name),
            ["mainstay-default-deny", "mainstay-no-machine-identity"],
        );
    });

    it("waits for each policy's namespace", async () => {
        const recording = await usual();
        for (const type of [NETWORK_POLICY, CILIUM_POLICY]) {
            for (const { name, inputs, dependsOn } of recording.ofType(type)) {
                const namespace = recording.resources.find(
                    (each) =>
                        each.type === "kubernetes:core/v1:Namespace" &&
                        each.inputs.metadata.name === inputs.metadata.namespace,
                );
                assert.ok(namespace && dependsOn.includes(namespace.name), name);
            }
        }
    });

    it("waits with Cilium's kinds until the cluster runs pods, and with Kubernetes' own for nothing of the kind", async () => {
        const recording = await usual();
        for (const type of [CILIUM_POLICY, CILIUM_CLUSTERWIDE_POLICY]) {
            for (const { name, dependsOn } of recording.ofType(type)) assert.ok(dependsOn.includes("last-addon"), name);
        }
        for (const { name, dependsOn } of recording.ofType(NETWORK_POLICY)) {
            assert.ok(!dependsOn.includes("last-addon"), name);
        }
    });

    it("finds a self-managed cluster ready when releases are that need Cilium's network to be so", async () => {
        const { recording, result } = await selfManaged();
        const ready = await Promise.all(
            result.ready.map(
                (each) => new Promise<string>((resolve) => each.urn.apply((urn) => resolve(urn.split("::").at(-1)!))),
            ),
        );
        const awaited = ready.filter((name) => recording.one(name).inputs.skipAwait === false);
        assert.ok(ready.includes("cluster-cilium"));
        assert.ok(
            awaited.some((name) => recording.one(name).dependsOn.includes("cluster-cilium")),
            "one of them runs pods, in Cilium's network, and is done when they are ready",
        );
        assert.equal(result.apiServers, "nodes");
        // Every namespace that a release brings: the default denial would stop what is in there.
        const namespaces = recording.ofType("kubernetes:helm.sh/v3:Release").map(({ inputs }) => inputs.namespace);
        assert.deepEqual(new Set(result.systemNamespaces), new Set(namespaces));
    });
});

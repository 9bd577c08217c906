import assert from "node:assert/strict";
import { UNKNOWN, type Properties } from "../../rehearsal/provider";
import { diffOfSettings } from "../../rehearsal/kubernetes/diffSettings";
import { driftedInputs } from "../../rehearsal/kubernetes/drift";
import { kindOf } from "../../rehearsal/kubernetes/kinds";
import { inputsOf } from "../../rehearsal/kubernetes/managedFields";
import { uniqueName, withName } from "../../rehearsal/kubernetes/naming";
import { KubernetesProvider } from "../../rehearsal/kubernetes/provider";

const object = (apiVersion: string, kind: string, rest: Properties, name = "web"): Properties => ({
    apiVersion,
    kind,
    metadata: { name, namespace: "shop" },
    ...rest,
});

const diff = async (before: Properties, after: Properties, settings: Properties = {}, patch = "") => {
    const provider = new KubernetesProvider();
    await provider.configure(settings);
    const group = after.apiVersion === "v1" ? "core/v1" : String(after.apiVersion);
    const type = `kubernetes:${group}:${String(after.kind)}${patch}`;
    return provider.diff({ id: "shop/web", urn: "urn", type, oldInputs: before, oldOutputs: before, inputs: after });
};

describe("a change of a Kubernetes object", () => {
    const replacing: [string, Properties, Properties, string][] = [
        [
            "a Deployment's selector",
            object("apps/v1", "Deployment", { spec: { selector: { matchLabels: { app: "a" } } } }),
            object("apps/v1", "Deployment", { spec: { selector: { matchLabels: { app: "b" } } } }),
            "spec.selector.matchLabels.app",
        ],
        [
            "a StatefulSet's volume claims",
            object("apps/v1", "StatefulSet", {
                spec: { volumeClaimTemplates: [{ spec: { resources: { requests: { storage: "1Gi" } } } }] },
            }),
            object("apps/v1", "StatefulSet", {
                spec: { volumeClaimTemplates: [{ spec: { resources: { requests: { storage: "2Gi" } } } }] },
            }),
            "spec.volumeClaimTemplates[0].spec.resources.requests.storage",
        ],
        [
            "a Job's template",
            object("batch/v1", "Job", { spec: { template: { spec: { containers: [{ image: "a" }] } } } }),
            object("batch/v1", "Job", { spec: { template: { spec: { containers: [{ image: "b" }] } } } }),
            "spec.template.spec.containers[0].image",
        ],
        [
            "a Service's fixed address",
            object("v1", "Service", { spec: { clusterIP: "10.0.0.1" } }),
            object("v1", "Service", { spec: { clusterIP: "None" } }),
            "spec.clusterIP",
        ],
        [
            "a StorageClass's parameters",
            object("storage.k8s.io/v1", "StorageClass", { parameters: { skuname: "Premium_LRS" } }),
            object("storage.k8s.io/v1", "StorageClass", { parameters: { skuname: "Premium_ZRS" } }),
            "parameters.skuname",
        ],
        [
            "a binding's role",
            object("rbac.authorization.k8s.io/v1", "RoleBinding", { roleRef: { name: "view" } }),
            object("rbac.authorization.k8s.io/v1", "RoleBinding", { roleRef: { name: "edit" } }),
            "roleRef.name",
        ],
        [
            "a Secret's type",
            object("v1", "Secret", { type: "Opaque" }),
            object("v1", "Secret", { type: "other" }),
            "type",
        ],
        [
            "a ConfigMap's data",
            object("v1", "ConfigMap", { data: { a: "1" } }),
            object("v1", "ConfigMap", { data: { a: "2" } }),
            "data.a",
        ],
        [
            "a claim's access modes",
            object("v1", "PersistentVolumeClaim", { spec: { accessModes: ["ReadWriteOnce"] } }),
            object("v1", "PersistentVolumeClaim", { spec: { accessModes: ["ReadWriteMany"] } }),
            "spec.accessModes[0]",
        ],
        [
            "a Pod's image",
            object("v1", "Pod", { spec: { containers: [{ image: "a" }] } }),
            object("v1", "Pod", { spec: { containers: [{ image: "b" }] } }),
            "spec.containers[0].image",
        ],
    ];
    for (const [what, before, after, path] of replacing) {
        it(`replaces it where ${what} changes, the old one first`, async () => {
            const { entries, deleteBeforeReplace } = await diff(before, after);
            assert.deepEqual(entries, { [path]: { kind: "update", replace: true } });
            assert.equal(deleteBeforeReplace, true);
        });
    }

    const updating: [string, Properties, Properties][] = [
        [
            "a Deployment's image",
            object("apps/v1", "Deployment", { spec: { template: { image: "a" } } }),
            object("apps/v1", "Deployment", { spec: { template: { image: "b" } } }),
        ],
        [
            "a claim's size",
            object("v1", "PersistentVolumeClaim", { spec: { resources: { requests: { storage: "1Gi" } } } }),
            object("v1", "PersistentVolumeClaim", { spec: { resources: { requests: { storage: "2Gi" } } } }),
        ],
        [
            "a StatefulSet's replicas",
            object("apps/v1", "StatefulSet", { spec: { replicas: 1 } }),
            object("apps/v1", "StatefulSet", { spec: { replicas: 2 } }),
        ],
        [
            "a binding's subjects",
            object("rbac.authorization.k8s.io/v1", "RoleBinding", { subjects: ["a"] }),
            object("rbac.authorization.k8s.io/v1", "RoleBinding", { subjects: ["b"] }),
        ],
    ];
    for (const [what, before, after] of updating) {
        it(`changes it in place where ${what} changes`, async () => {
            const { entries } = await diff(before, after);
            assert.deepEqual(Object.values(entries), [{ kind: "update" }]);
        });
    }

    it("of a ConfigMap's data is made in place where the provider is told so, unless it is immutable", async () => {
        const [before, after] = [
            object("v1", "ConfigMap", { data: { a: "1" } }),
            object("v1", "ConfigMap", { data: { a: "2" } }),
        ];
        const told = { enableConfigMapMutable: "true" };
        assert.deepEqual((await diff(before, after, told)).entries, { "data.a": { kind: "update" } });
        const immutable = (properties: Properties) => ({ ...properties, immutable: true });
        assert.equal((await diff(immutable(before), immutable(after), told)).entries["data.a"].replace, true);
    });

    it("of the name, or the namespace, makes the new one before the old one goes", async () => {
        const { entries, deleteBeforeReplace } = await diff(
            object("v1", "ConfigMap", {}),
            object("v1", "ConfigMap", {}, "other"),
        );
        assert.deepEqual(entries, { "metadata.name": { kind: "update", replace: true } });
        assert.equal(deleteBeforeReplace, false);
    });

    it("of a generated name's object makes the new one before the old one goes", async () => {
        const generated = (data: string): Properties => ({
            apiVersion: "v1",
            kind: "ConfigMap",
            metadata: { name: "web-12345678", namespace: "shop", annotations: { "pulumi.com/autonamed": "true" } },
            data: { a: data },
        });
        assert.equal((await diff(generated("1"), generated("2"))).deleteBeforeReplace, false);
    });

    it("to a Patch of an object never replaces it", async () => {
        const [before, after] = [
            object("v1", "ConfigMap", { data: { a: "1" } }),
            object("v1", "ConfigMap", { data: { a: "2" } }),
        ];
        assert.deepEqual((await diff(before, after, {}, "Patch")).entries, { "data.a": { kind: "update" } });
    });
});

describe("a type token of the Kubernetes SDK", () => {
    it("names a kind as manifests do", () => {
        assert.deepEqual(kindOf("kubernetes:core/v1:ConfigMap"), {
            apiVersion: "v1",
            group: "",
            version: "v1",
            kind: "ConfigMap",
            patch: false,
        });
        assert.equal(kindOf("kubernetes:rbac.authorization.k8s.io/v1:Role").apiVersion, "rbac.authorization.k8s.io/v1");
        assert.equal(kindOf("kubernetes:monitoring.coreos.com/v1:ServiceMonitor").group, "monitoring.coreos.com");
    });

    it("of a Patch names the kind that is patched", () => {
        const kind = kindOf("kubernetes:apps/v1:DeploymentPatch", { apiVersion: "apps/v1", kind: "Deployment" });
        assert.deepEqual([kind.kind, kind.patch], ["Deployment", true]);
        assert.equal(
            kindOf("kubernetes:example.com/v1:DogPatch", { apiVersion: "example.com/v1", kind: "DogPatch" }).patch,
            false,
        );
    });
});

describe("an object without a name", () => {
    const seed = Buffer.from("seed");

    it("gets one from the resource's, the same from the same seed, and says so", () => {
        const named = withName({}, undefined, "web", seed);
        assert.equal((named.metadata as Properties).name, uniqueName("web", seed));
        assert.match(uniqueName("web", seed), /^web-[0-9a-f]{8}$/);
        assert.notEqual(uniqueName("web", seed), uniqueName("web", Buffer.from("other")));
        assert.deepEqual((named.metadata as Properties).annotations, { "pulumi.com/autonamed": "true" });
    });

    it("keeps the one that it had", () => {
        const old = withName({}, undefined, "web", seed);
        assert.deepEqual(withName({ metadata: { labels: { a: "b" } } }, old, "web", Buffer.alloc(0)).metadata, {
            labels: { a: "b" },
            ...(old.metadata as object),
        });
    });

    it("is left alone where its metadata is unknown", () => {
        assert.deepEqual(withName({ metadata: UNKNOWN }, undefined, "web", seed), { metadata: UNKNOWN });
    });
});

describe("what a refresh takes from the cluster", () => {
    it("is what somebody else changed, and not what the server writes another way", () => {
        const inputs = { spec: { replicas: 2, cpu: "1000m", list: [{ a: 1 }, { a: 2 }] } };
        const seen = {
            spec: {
                replicas: 2,
                cpu: "1",
                list: [
                    { a: 1, default: 0 },
                    { a: 2, default: 0 },
                ],
                drawn: "x",
            },
        };
        assert.deepEqual(driftedInputs(inputs, seen, seen), inputs);
        const live = {
            spec: {
                ...seen.spec,
                replicas: 5,
                list: [
                    { a: 1, default: 0 },
                    { a: 9, default: 0 },
                ],
                drawn: "y",
            },
        };
        assert.deepEqual(driftedInputs(inputs, seen, live), {
            spec: { replicas: 5, cpu: "1000m", list: [{ a: 1 }, { a: 9 }] },
        });
    });

    it("leaves out what was taken away", () => {
        const live = { data: { a: "1" } };
        assert.deepEqual(driftedInputs({ data: { a: "1", b: "2" } }, { data: { a: "1", b: "2" } }, live), live);
    });
});

describe("an object that is imported", () => {
    const metadata = {
        name: "web",
        namespace: "shop",
        uid: "u",
        resourceVersion: "1",
        labels: { app: "web", other: "x" },
    };
    const live = {
        apiVersion: "v1",
        kind: "Service",
        metadata,
        spec: {
            clusterIP: "10.0.0.1",
            ports: [
                { port: 80, protocol: "TCP", targetPort: 80 },
                { port: 443, protocol: "TCP" },
            ],
        },
        status: { loadBalancer: {} },
    };

    it("that Pulumi applied has just the fields applied as inputs", () => {
        const fieldsV1 = {
            "f:metadata": { "f:labels": { "f:app": {} } },
            "f:spec": { "f:ports": { 'k:{"port":80,"protocol":"TCP"}': { ".": {}, "f:port": {} } } },
        };
        const managedFields = [{ manager: "pulumi-kubernetes-1234", operation: "Apply", fieldsV1 }];
        assert.deepEqual(inputsOf({ ...live, metadata: { ...metadata, managedFields } }), {
            apiVersion: "v1",
            kind: "Service",
            metadata: { name: "web", namespace: "shop", labels: { app: "web" } },
            spec: { ports: [{ port: 80 }] },
        });
    });

    it("that somebody else made has all but what the server fills in", () => {
        const { status: _status, ...rest } = live;
        assert.deepEqual(inputsOf(live), {
            ...rest,
            metadata: { name: "web", namespace: "shop", labels: metadata.labels },
        });
    });
});

describe("a change of the Kubernetes provider", () => {
    const kubeconfig = (server: string, token: string) =>
        JSON.stringify({
            clusters: [{ name: "c", cluster: { server } }],
            contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
            users: [{ name: "u", user: { token } }],
            "current-context": "x",
        });
    const replaces = (before: Properties, after: Properties) =>
        Object.entries(diffOfSettings(before, after).entries)
            .filter(([, { replace }]) => replace)
            .map(([path]) => path);

    it("to another cluster replaces everything in it, to other credentials nothing", () => {
        const before = { kubeconfig: kubeconfig("https://a", "1") };
        assert.deepEqual(replaces(before, { kubeconfig: kubeconfig("https://b", "1") }), ["kubeconfig"]);
        assert.deepEqual(replaces(before, { kubeconfig: kubeconfig("https://a", "2") }), []);
        assert.deepEqual(replaces(before, { kubeconfig: UNKNOWN }), ["kubeconfig"]);
    });

    it("with a cluster identifier replaces only where that changes", () => {
        const before = { kubeconfig: kubeconfig("https://a", "1"), clusterIdentifier: "prod" };
        assert.deepEqual(replaces(before, { kubeconfig: UNKNOWN, clusterIdentifier: "prod" }), []);
        assert.deepEqual(replaces(before, { ...before, clusterIdentifier: "other" }), ["clusterIdentifier"]);
    });
});

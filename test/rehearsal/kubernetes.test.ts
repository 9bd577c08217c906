import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startControlPlane, stopControlPlane, type ControlPlane } from "../../rehearsal/controlPlane";
import type { KubernetesClient } from "../../rehearsal/kubernetes/client";
import { contractsFolder } from "../../rehearsal/contracts";
import { clientFor } from "../../rehearsal/kubernetes/kubeconfig";
import { KubernetesProvider } from "../../rehearsal/kubernetes/provider";
import { PartialFailure, UNKNOWN, type Properties } from "../../rehearsal/provider";

/** A resource's life, as the engine drives it. */
class Resource {
    private constructor(
        private readonly provider: KubernetesProvider,
        private readonly type: string,
        public inputs: Properties,
    ) {}

    static async of(provider: KubernetesProvider, manifest: Record<string, any>, type?: string): Promise<Resource> {
        const group = manifest.apiVersion === "v1" ? "core/v1" : manifest.apiVersion;
        const token = type ?? `kubernetes:${group}:${manifest.kind}`;
        const resource = new Resource(provider, token, manifest as Properties);
        const { inputs, failures } = await provider.check({ ...resource.request(), randomSeed: Buffer.alloc(0) });
        assert.deepEqual(failures, []);
        resource.inputs = inputs;
        return resource;
    }

    request(more: { timeoutSeconds?: number; signal?: AbortSignal } = {}) {
        const { inputs, type } = this;
        const urn = `urn:pulumi:test::test::${type}::web`;
        return { urn, type, name: "web", inputs, timeoutSeconds: 0, signal: new AbortController().signal, ...more };
    }

    async preview(): Promise<any> {
        return (await this.provider.create({ ...this.request(), preview: true })).outputs;
    }

    async create(more: { timeoutSeconds?: number; signal?: AbortSignal } = {}): Promise<{ id: string; outputs: any }> {
        return this.provider.create({ ...this.request(more), preview: false });
    }

    async update(made: { id: string; outputs: any }, manifest: Record<string, any>, preview = false): Promise<any> {
        const { inputs } = await Resource.of(this.provider, manifest, this.type);
        const request = { ...this.request(), inputs, id: made.id, oldInputs: this.inputs, oldOutputs: made.outputs };
        return this.provider.update({ ...request, preview });
    }

    async delete({ id, outputs }: { id: string; outputs: any }): Promise<void> {
        return this.provider.delete({ ...this.request(), id, oldInputs: this.inputs, oldOutputs: outputs });
    }

    async read(id: string, outputs?: any) {
        const state = outputs && { oldInputs: this.inputs, oldOutputs: outputs };
        return this.provider.read({ id, urn: "urn", type: this.type, ...state });
    }
}

describe("the provider for Kubernetes, on a real API server", function () {
    this.timeout(120_000);
    const rehearsal = process.env.MAINSTAY_REHEARSAL;
    let sandbox: string;
    let plane: ControlPlane;
    let client: KubernetesClient;
    let provider: KubernetesProvider;

    before(async () => {
        sandbox = await mkdtemp(join(tmpdir(), "mainstay-kubernetes-test-"));
        await mkdir(join(sandbox, "azure", "resources"), { recursive: true });
        await writeFile(
            join(sandbox, "azure", "resources", "microsoft.containerservice.managedclusters~c~1.json"),
            JSON.stringify({
                id: "/subscriptions/1/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/c",
                inputs: {
                    location: "westeurope",
                    agentPoolProfiles: [{ name: "pool", count: 3, availabilityZones: ["1", "2", "3"] }],
                },
            }),
        );
        process.env.MAINSTAY_REHEARSAL = sandbox;
        plane = await startControlPlane(join(sandbox, "cluster"));
        client = clientFor(plane.kubeconfig);
        provider = await provide({ namespace: "shop" });
        await (await resource({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } })).create();
    });
    after(async () => {
        client?.close();
        if (rehearsal === undefined) delete process.env.MAINSTAY_REHEARSAL;
        else process.env.MAINSTAY_REHEARSAL = rehearsal;
        await stopControlPlane(join(sandbox, "cluster"));
        await rm(sandbox, { recursive: true, force: true });
    });

    const provide = async (settings: Properties = {}) => {
        const made = new KubernetesProvider();
        await made.configure({ kubeconfig: plane.personKubeconfig, ...settings });
        return made;
    };
    const resource = (manifest: Record<string, any>, type?: string) => Resource.of(provider, manifest, type);
    const configMap = (
        name: string,
        data: Record<string, string> = { a: "1" },
        annotations?: Record<string, string>,
    ) => ({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name, ...(annotations && { annotations }) },
        data,
    });
    const deployment = (name: string, changed: Record<string, any> = {}, pod: Record<string, any> = {}) => ({
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name },
        spec: {
            replicas: 3,
            selector: { matchLabels: { app: name } },
            template: {
                metadata: { labels: { app: name } },
                spec: { containers: [{ name: "c", image: "example/c:1" }], ...pod },
            },
            ...changed,
        },
    });

    describe("makes objects", () => {
        it("with a name from the resource's and the provider's namespace", async () => {
            const map = await resource({ apiVersion: "v1", kind: "ConfigMap", data: { a: "1" } });
            const { id, outputs } = await map.create();
            assert.match(id, /^shop\/web-[0-9a-f]{8}$/);
            assert.equal(outputs.data.a, "1");
            assert.ok(outputs.metadata.uid);
        });

        it("as a field manager of its own", async () => {
            const { outputs } = await (await resource(configMap("managed"))).create();
            const [{ manager, operation }] = outputs.metadata.managedFields;
            assert.match(manager, /^pulumi-kubernetes-[0-9a-f]{8}$/);
            assert.equal(operation, "Apply");
            const chosen = await resource(configMap("chosen", {}, { "pulumi.com/patchFieldManager": "mine" }));
            assert.equal((await chosen.create()).outputs.metadata.managedFields[0].manager, "mine");
        });

        it("and waits until a Deployment is available on the simulated nodes, one replica a zone", async () => {
            const spread = {
                topologyKey: "topology.kubernetes.io/zone",
                maxSkew: 1,
                whenUnsatisfiable: "DoNotSchedule",
            };
            const labelSelector = { matchLabels: { app: "spread" } };
            const web = await resource(
                deployment("spread", {}, { topologySpreadConstraints: [{ ...spread, labelSelector }] }),
            );
            const { outputs } = await web.create();
            assert.equal(outputs.status.availableReplicas, 3);
            const pods = (await client.get("/api/v1/namespaces/shop/pods", { labelSelector: "app=spread" })).items;
            assert.equal(new Set(pods.map(({ spec }: any) => spec.nodeName)).size, 3);
        });

        it("and waits for a Service's endpoints, a Job's completion, a StatefulSet's replicas", async () => {
            await (await resource(deployment("served"))).create();
            const spec = { selector: { app: "served" }, ports: [{ port: 80 }] };
            await (await resource({ apiVersion: "v1", kind: "Service", metadata: { name: "served" }, spec })).create();
            const template = { spec: { restartPolicy: "Never", containers: [{ name: "c", image: "example/c:1" }] } };
            const job = await resource({
                apiVersion: "batch/v1",
                kind: "Job",
                metadata: { name: "once" },
                spec: { template },
            });
            assert.equal((await job.create()).outputs.status.succeeded, 1);
            const set = deployment("counted", { serviceName: "counted" });
            const { outputs } = await (await resource({ ...set, apiVersion: "apps/v1", kind: "StatefulSet" })).create();
            assert.equal(outputs.status.readyReplicas, 3);
        });
    });

    describe("lets the server refuse, in its own words", () => {
        const refused: [string, Record<string, any>, RegExp][] = [
            [
                "a field that the kind does not have",
                deployment("bad", { replica: 1 }),
                /\.spec\.replica: field not declared in schema/,
            ],
            [
                "a value of the wrong type",
                deployment("bad", { replicas: "three" }),
                /\.spec\.replicas: expected numeric/,
            ],
            ["a value out of range", deployment("bad", { replicas: -1 }), /spec\.replicas: Invalid value: -1/],
            [
                "a name that is none",
                { ...deployment("bad"), metadata: { name: "Bad_Name" } },
                /metadata\.name: Invalid value: "Bad_Name"/,
            ],
            [
                "labels that the selector does not match",
                deployment("bad", { selector: { matchLabels: { app: "other" } } }),
                /`selector` does not match template `labels`/,
            ],
            [
                "a kind that the version does not have",
                { ...deployment("bad"), apiVersion: "apps/v9" },
                /no kind Deployment in apps\/v9; the versions of apps that it serves: v1/,
            ],
            [
                "a port that is none",
                { apiVersion: "v1", kind: "Service", metadata: { name: "bad" }, spec: { ports: [{ port: 70000 }] } },
                /spec\.ports\[0\]\.port: Invalid value: 70000/,
            ],
        ];
        for (const [what, manifest, words] of refused) {
            it(`${what}: in the preview, and in the deployment`, async () => {
                const object = await resource(manifest);
                await assert.rejects(object.preview(), words);
                await assert.rejects(object.create(), words);
            });
        }

        it("an object that exists and is not in the state, with what to do", async () => {
            const map = await resource(configMap("taken"));
            await map.create();
            await assert.rejects(map.create(), /ConfigMap "shop\/taken" already exists[\s\S]*Import it/);
        });

        it("fields that belong to another manager, unless they are taken by force", async () => {
            const map = await resource(configMap("fought"));
            const made = await map.create();
            const path = "/api/v1/namespaces/shop/configmaps/fought";
            await client.apply(path, { ...configMap("fought", { a: "other" }) }, "somebody-else", { force: "true" });
            const changed = { a: "2" };
            const words = /Apply failed with 1 conflict: conflict with "somebody-else".*\.data\.a[\s\S]*patchForce/;
            await assert.rejects(map.update(made, configMap("fought", changed), true), words);
            await assert.rejects(map.update(made, configMap("fought", changed)), words);
            const forced = configMap("fought", changed, { "pulumi.com/patchForce": "true" });
            assert.equal((await map.update(made, forced)).data.a, "2");
        });

        it("nothing that it would let through: a preview leaves no trace", async () => {
            await (await resource(configMap("previewed"))).preview();
            assert.equal(await client.find("/api/v1/namespaces/shop/configmaps/previewed"), undefined);
        });
    });

    describe("previews", () => {
        it("what the server fills in, and leaves open what it will draw anew", async () => {
            const spec = { selector: { app: "x" }, ports: [{ port: 80 }] };
            const service = await resource({ apiVersion: "v1", kind: "Service", metadata: { name: "drawn" }, spec });
            const outputs = await service.preview();
            assert.deepEqual(outputs.spec.ports, [{ port: 80, protocol: "TCP", targetPort: 80 }]);
            assert.equal(outputs.spec.clusterIP, UNKNOWN);
            assert.equal(outputs.metadata.uid, UNKNOWN);
            assert.equal(outputs.status, UNKNOWN);
        });

        it("inputs that are not known yet without asking the server", async () => {
            const unknown = configMap("later") as any;
            unknown.data = { a: UNKNOWN };
            const outputs = await (await resource(unknown)).preview();
            assert.deepEqual(outputs.data, { a: UNKNOWN });
            assert.equal(outputs.status, UNKNOWN);
        });

        it("without a server while the kubeconfig is unknown, and names and namespaces are the same then", async () => {
            const blind = await provide({ kubeconfig: UNKNOWN, namespace: "shop" });
            const object = await Resource.of(blind, deployment("blind", { replica: "nobody looks" }));
            assert.equal((await object.preview()).metadata.namespace, "shop");
            const binding = {
                apiVersion: "rbac.authorization.k8s.io/v1",
                kind: "ClusterRole",
                metadata: { name: "r" },
            };
            assert.equal(((await Resource.of(blind, binding)).inputs.metadata as any).namespace, undefined);
        });

        it("an object of a namespace that will be made before it", async () => {
            const object = await resource({ ...configMap("early"), metadata: { name: "early", namespace: "not-yet" } });
            assert.equal((await object.preview()).data.a, "1");
        });

        it("an object that will replace one with fields that cannot change", async () => {
            await (await resource(deployment("fixed", { replicas: 0 }))).create();
            const other = { matchLabels: { app: "other" } };
            const template = {
                metadata: { labels: { app: "other" } },
                spec: { containers: [{ name: "c", image: "c" }] },
            };
            const next = await resource(deployment("fixed", { replicas: 0, selector: other, template }));
            assert.equal((await next.preview()).metadata.name, "fixed");
            const broken = await resource(deployment("fixed", { replicas: -1, selector: other, template }));
            await assert.rejects(broken.preview(), /spec\.replicas: Invalid value: -1/);
        });
    });

    describe("waits no longer than it is told", () => {
        it("and says what keeps the pods: the scheduler's words", async () => {
            const web = await resource(deployment("nowhere", { replicas: 1 }, { nodeSelector: { disk: "none" } }));
            await assert.rejects(web.create({ timeoutSeconds: 2 }), (error: PartialFailure) => {
                assert.ok(error instanceof PartialFailure);
                assert.equal(error.id, "shop/nowhere");
                assert.match(error.message, /not ready within 2 s: 0 of 1 replicas are available/);
                assert.match(error.message, /pod nowhere-.*: not scheduled: 0\/3 nodes are available/);
                assert.equal((error.outputs.spec as any).replicas, 1, "what was made is kept");
                return true;
            });
        });

        it("and says what keeps the containers: an image that cannot be pulled; the annotation sets the time", async () => {
            const manifest = deployment(
                "unpullable",
                { replicas: 1 },
                { containers: [{ name: "c", image: "registry.invalid/c:1" }] },
            );
            (manifest.metadata as any).annotations = { "pulumi.com/timeoutSeconds": "3" };
            await assert.rejects(
                (await resource(manifest)).create(),
                /not ready within 3 s[\s\S]*container c waits: ImagePullBackOff/,
            );
        });

        it("and not at all where the program says so", async () => {
            const manifest = deployment("unawaited", { replicas: 1 }, { nodeSelector: { disk: "none" } });
            (manifest.metadata as any).annotations = { "pulumi.com/skipAwait": "true" };
            assert.ok((await (await resource(manifest)).create()).id);
        });

        it("and leaves at once when the engine cancels, with what was made", async () => {
            const cancel = new AbortController();
            const web = await resource(deployment("cancelled", { replicas: 1 }, { nodeSelector: { disk: "none" } }));
            setTimeout(() => cancel.abort(), 500);
            const creating = web.create({ timeoutSeconds: 600, signal: cancel.signal });
            await assert.rejects(
                creating,
                (error: PartialFailure) => error instanceof PartialFailure && /cancelled/.test(error.message),
            );
        });
    });

    describe("changes and takes away", () => {
        it("fields that the program no longer names, and leaves those of others", async () => {
            const map = await resource(configMap("shrinking", { a: "1", b: "2" }));
            const made = await map.create();
            await client.apply(
                "/api/v1/namespaces/shop/configmaps/shrinking",
                configMap("shrinking", { theirs: "3" }),
                "other",
            );
            assert.deepEqual((await map.update(made, configMap("shrinking", { a: "1" }))).data, {
                a: "1",
                theirs: "3",
            });
        });

        it("nothing that went meanwhile, but says so", async () => {
            const map = await resource(configMap("gone"));
            const made = await map.create();
            await client.request("DELETE", "/api/v1/namespaces/shop/configmaps/gone");
            await assert.rejects(
                map.update(made, configMap("gone", { a: "2" })),
                /is not there any more; `pulumi refresh`/,
            );
        });

        it("fields of an object that is somebody else's, by a Patch, and gives them back", async () => {
            await client.apply(
                "/api/v1/namespaces/shop/configmaps/theirs",
                configMap("theirs", { a: "1" }),
                "somebody",
            );
            const patch = await resource(configMap("theirs", { b: "2" }), "kubernetes:core/v1:ConfigMapPatch");
            const made = await patch.create();
            assert.deepEqual(made.outputs.data, { a: "1", b: "2" });
            await patch.delete(made);
            assert.deepEqual((await client.get("/api/v1/namespaces/shop/configmaps/theirs")).data, { a: "1" });
        });

        it("what a Patch changes and nobody has made yet, and leaves it when the Patch goes", async () => {
            const patch = await resource(configMap("early"), "kubernetes:core/v1:ConfigMapPatch");
            const made = await patch.create();
            assert.deepEqual(made.outputs.data, { a: "1" });
            await patch.delete(made);
            assert.equal((await client.get("/api/v1/namespaces/shop/configmaps/early")).data, undefined);
        });

        it("objects for good: pods are gone with their Deployment, and a second time is done already", async () => {
            const web = await resource(deployment("leaving"));
            const made = await web.create();
            await web.delete(made);
            assert.equal(await client.find("/apis/apps/v1/namespaces/shop/deployments/leaving"), undefined);
            assert.deepEqual(
                (await client.get("/api/v1/namespaces/shop/pods", { labelSelector: "app=leaving" })).items,
                [],
            );
            await web.delete(made);
        });

        it("a namespace only when it is really gone", async () => {
            const namespace = await resource({ apiVersion: "v1", kind: "Namespace", metadata: { name: "short" } });
            const made = await namespace.create();
            await (await resource({ ...configMap("in-it"), metadata: { name: "in-it", namespace: "short" } })).create();
            await namespace.delete(made);
            assert.equal(await client.find("/api/v1/namespaces/short"), undefined);
        });
    });

    describe("reads", () => {
        it("an object to be imported, with the inputs that would make it", async () => {
            const map = await resource(configMap("imported"));
            const { id } = await map.create();
            const read = await map.read(id);
            assert.equal(read?.id, "shop/imported");
            assert.deepEqual(read?.inputs, map.inputs);
        });

        it("nothing where there is nothing, also of a kind that nobody serves", async () => {
            const map = await resource(configMap("absent"));
            assert.equal(await map.read("shop/absent"), undefined);
            const custom = { apiVersion: "unheard.example.com/v1", kind: "Thing", metadata: { name: "x" } };
            assert.equal(await (await resource(custom)).read("shop/x"), undefined);
        });

        it("what somebody changed, as a change of the inputs", async () => {
            const map = await resource(configMap("drifting"));
            const made = await map.create();
            const path = "/api/v1/namespaces/shop/configmaps/drifting";
            await client.apply(path, configMap("drifting", { a: "theirs" }), "somebody", { force: "true" });
            const read = await map.read(made.id, made.outputs);
            assert.deepEqual(read?.inputs.data, { a: "theirs" });
        });
    });

    describe("knows custom kinds", () => {
        const custom = (apiVersion: string, kind: string, spec: object, name = "x") => ({
            apiVersion,
            kind,
            metadata: { name },
            spec,
        });
        const unjudged = async () =>
            (await readFile(join(sandbox, "unjudged.jsonl"), "utf8").catch(() => ""))
                .split("\n")
                .filter(Boolean)
                .map((line) => JSON.parse(line) as { urn: string; what: string; why: string });

        const judged: [string, Record<string, any>, Record<string, any>, RegExp][] = [
            [
                "VerticalPodAutoscaler",
                custom("autoscaling.k8s.io/v1", "VerticalPodAutoscaler", {
                    targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
                    updatePolicy: { updateMode: "Recreate" },
                }),
                custom("autoscaling.k8s.io/v1", "VerticalPodAutoscaler", {
                    targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
                    updatePolicy: { updateMode: "Sometimes" },
                }),
                /spec\.updatePolicy\.updateMode: Unsupported value: "Sometimes": supported values: "Off", "Initial", "Recreate"/,
            ],
            [
                "ServiceMonitor",
                custom("monitoring.coreos.com/v1", "ServiceMonitor", { selector: {}, endpoints: [{ port: "http" }] }),
                custom("monitoring.coreos.com/v1", "ServiceMonitor", { selector: {}, endpoints: [{ prot: "http" }] }),
                /\.spec\.endpoints\[0\]\.prot: field not declared in schema/,
            ],
            [
                "PrometheusRule",
                custom("monitoring.coreos.com/v1", "PrometheusRule", {
                    groups: [{ name: "g", rules: [{ alert: "A", expr: "up == 0", for: "5m" }] }],
                }),
                custom("monitoring.coreos.com/v1", "PrometheusRule", {
                    groups: [{ name: "g", rules: [{ alert: "A", expr: "up == 0", for: "5 minutes" }] }],
                }),
                /spec\.groups\[0\]\.rules\[0\]\.for: Invalid value: "5 minutes"/,
            ],
        ];
        for (const [kind, good, bad, words] of judged) {
            it(`from their owners' contracts: ${kind}, good and bad`, async function () {
                if (!contractsFolder()) this.skip();
                await assert.rejects((await resource(bad)).preview(), words);
                const made = await (await resource(good)).create();
                assert.equal(made.id, "shop/x");
                assert.ok(!(await unjudged()).some(({ what }) => what.startsWith(kind)));
            });
        }

        it("that nobody defines by an open definition, and tells the report", async () => {
            const widget = await resource(custom("example.com/v1", "Widget", { anything: { at: "all" } }));
            const made = await widget.create();
            assert.deepEqual(made.outputs.spec, { anything: { at: "all" } });
            const lines = (await unjudged()).filter(({ what }) => what === "Widget (example.com/v1)");
            assert.equal(lines.length, 1);
            assert.match(lines[0].urn, /Widget::web$/);
            const next = await resource(custom("example.com/v2", "Widget", { anything: 1 }, "y"));
            assert.equal(
                (await next.create()).outputs.apiVersion,
                "example.com/v2",
                "a further version joins the first",
            );
            await widget.delete(made);
        });

        it("that the program itself defines, without a word to the report", async () => {
            const schema = {
                openAPIV3Schema: {
                    type: "object",
                    properties: { spec: { type: "object", properties: { size: { type: "integer" } } } },
                },
            };
            const definition = await resource({
                apiVersion: "apiextensions.k8s.io/v1",
                kind: "CustomResourceDefinition",
                metadata: { name: "gadgets.own.example.com" },
                spec: {
                    group: "own.example.com",
                    scope: "Namespaced",
                    names: { kind: "Gadget", plural: "gadgets" },
                    versions: [{ name: "v1", served: true, storage: true, schema }],
                },
            });
            await definition.create();
            const gadget = await resource(custom("own.example.com/v1", "Gadget", { size: "large" }));
            await assert.rejects(gadget.create(), /\.spec\.size: expected numeric/);
            assert.ok(!(await unjudged()).some(({ what }) => what.startsWith("Gadget")));
        });

        it("whose definition the program brings after the rehearsal had put one there", async () => {
            await (await resource(custom("late.example.com/v1", "Late", {}))).create();
            const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
            const own = await resource({
                apiVersion: "apiextensions.k8s.io/v1",
                kind: "CustomResourceDefinition",
                metadata: { name: "lates.late.example.com" },
                spec: {
                    group: "late.example.com",
                    scope: "Namespaced",
                    names: { kind: "Late", plural: "lates", singular: "late" },
                    versions: [{ name: "v1", served: true, storage: true, schema }],
                },
            });
            assert.ok((await own.create()).id);
            await assert.rejects(own.create(), /already exists/);
        });
    });

    describe("plays helm", () => {
        const release = (manifest: Record<string, any>) => resource(manifest, "kubernetes:helm.sh/v3:Release");
        const chart = {
            chart: "metrics-server",
            version: "3.13.1",
            namespace: "monitoring",
            createNamespace: true,
            name: "metrics",
        };

        it("records a release as deployed, once, and forgets it when it goes", async () => {
            const metrics = await release({ ...chart, values: { replicas: 2 } });
            const made = await metrics.create();
            assert.equal(made.id, "monitoring/metrics");
            assert.equal(made.outputs.status.status, "deployed");
            assert.equal(made.outputs.status.revision, 1);
            await assert.rejects(metrics.create(), /cannot re-use a name that is still in use/);
            const upgraded = await metrics.update(made, { ...chart, values: { replicas: 3 } });
            assert.equal(upgraded.status.revision, 2);
            const read = await metrics.read(made.id);
            assert.deepEqual(read?.inputs.values, { replicas: 3 });
            await metrics.delete(made);
            assert.equal(await metrics.read(made.id), undefined);
        });

        it("refuses a namespace that is not there", async () => {
            const homeless = await release({
                ...chart,
                name: "homeless",
                namespace: "nowhere",
                createNamespace: false,
            });
            await assert.rejects(homeless.create(), /namespaces "nowhere" not found/);
        });

        it("refuses values that the chart does not have", async function () {
            if (!contractsFolder()) this.skip();
            const type = "kubernetes:helm.sh/v3:Release";
            const inputs = { ...chart, values: { replica: 2 } };
            const request = { urn: "urn", type, name: "metrics", inputs, randomSeed: Buffer.alloc(0) };
            const { failures } = await provider.check(request);
            assert.deepEqual(
                failures.map(({ property }) => property),
                ["values.replica"],
            );
        });
    });

    it("says what is wrong with the provider's own settings", async () => {
        const failing = async (settings: Properties) => {
            const broken = await provide(settings);
            const object = await Resource.of(broken, { ...configMap("x"), metadata: { name: "x", namespace: "shop" } });
            return object.create();
        };
        const config = JSON.parse(await readFile(plane.kubeconfig, "utf8"));
        await assert.rejects(
            failing({ kubeconfig: plane.kubeconfig, context: "other" }),
            /no context other; it has: mainstay-rehearsal/,
        );
        config.users[0].user = { exec: { command: "no-such-kubelogin", args: ["get-token"] } };
        await assert.rejects(
            failing({ kubeconfig: JSON.stringify(config) }),
            /sign-in plugin no-such-kubelogin gave no credential: it is not installed/,
        );
        config.users[0].user = { token: "wrong" };
        await assert.rejects(failing({ kubeconfig: JSON.stringify(config) }), /Unauthorized/);
        await assert.rejects(provide({ renderYamlToDirectory: "out" }), /does not render YAML/);
    });

    it("says that nobody answers, previews without, and deletes from a cluster that is gone only where told", async () => {
        const config = JSON.parse(await readFile(plane.kubeconfig, "utf8"));
        config.clusters[0].cluster.server = "https://127.0.0.1:1";
        const kubeconfig = JSON.stringify(config);
        const object = await Resource.of(await provide({ kubeconfig }), configMap("lost"));
        assert.equal((await object.preview()).data.a, "1");
        await assert.rejects(object.create(), /cannot be reached/);
        const made = { id: "shop/lost", outputs: {} };
        await assert.rejects(object.delete(made), /cannot be reached/);
        const told = await Resource.of(await provide({ kubeconfig, deleteUnreachable: true }), configMap("lost"));
        await told.delete(made);
    });
});

import assert from "node:assert/strict";
import { kindOf } from "../../rehearsal/kubernetes/kinds";
import { isAwaited, judge, podTrouble, type Verdict } from "../../rehearsal/kubernetes/readiness";

const nothing = { get: async () => undefined };

const verdict = (type: string, object: Record<string, any>, answers: Record<string, any> = {}): Promise<Verdict> => {
    const live = { ...object, metadata: { name: "web", namespace: "shop", generation: 2, ...object.metadata } };
    const get = async (path: string) => Object.entries(answers).find(([part]) => path.includes(part))?.[1];
    return judge(kindOf(`kubernetes:${type}`), live, answers ? { get } : nothing);
};
const isReady = async (...args: Parameters<typeof verdict>) => (await verdict(...args)).ready;
const seen = { observedGeneration: 2 };

describe("readiness", () => {
    it("of a Deployment: every replica is of the newest template and available, and no older one is left", async () => {
        const status = { ...seen, replicas: 3, updatedReplicas: 3, availableReplicas: 3 };
        const deployment = (changed: object) => ({ spec: { replicas: 3 }, status: { ...status, ...changed } });
        assert.equal(await isReady("apps/v1:Deployment", deployment({})), true);
        for (const changed of [
            { observedGeneration: 1 },
            { availableReplicas: 2 },
            { updatedReplicas: 2 },
            { replicas: 4 },
        ])
            assert.equal(await isReady("apps/v1:Deployment", deployment(changed)), false, JSON.stringify(changed));
        assert.equal(await isReady("apps/v1:Deployment", { spec: { replicas: 0 }, status: seen }), true);
    });

    it("of a StatefulSet: all are ready, and those above the partition are new", async () => {
        const set = (spec: object, status: object) => ({
            spec: { replicas: 3, ...spec },
            status: { ...seen, ...status },
        });
        assert.equal(await isReady("apps/v1:StatefulSet", set({}, { readyReplicas: 3, updatedReplicas: 3 })), true);
        assert.equal(await isReady("apps/v1:StatefulSet", set({}, { readyReplicas: 3, updatedReplicas: 1 })), false);
        const partitioned = { updateStrategy: { rollingUpdate: { partition: 2 } } };
        assert.equal(
            await isReady("apps/v1:StatefulSet", set(partitioned, { readyReplicas: 3, updatedReplicas: 1 })),
            true,
        );
        assert.equal(
            await isReady("apps/v1:StatefulSet", set(partitioned, { readyReplicas: 2, updatedReplicas: 1 })),
            false,
        );
    });

    it("of a DaemonSet: every node that should have a pod has a new one that is available", async () => {
        const set = (numberAvailable: number, updatedNumberScheduled: number) => ({
            status: { ...seen, desiredNumberScheduled: 2, numberAvailable, updatedNumberScheduled },
        });
        assert.equal(await isReady("apps/v1:DaemonSet", set(2, 2)), true);
        assert.equal(await isReady("apps/v1:DaemonSet", set(1, 2)), false);
        assert.equal(await isReady("apps/v1:DaemonSet", set(2, 1)), false);
    });

    it("of a Job: it completed; a failed one is hopeless, a suspended one not waited for", async () => {
        const job = (type: string) => ({
            status: { conditions: [{ type, status: "True", reason: "BackoffLimitExceeded", message: "too often" }] },
        });
        assert.equal(await isReady("batch/v1:Job", job("Complete")), true);
        const failed = await verdict("batch/v1:Job", job("Failed"));
        assert.deepEqual(failed, { ready: false, why: "it failed: BackoffLimitExceeded: too often", hopeless: true });
        assert.equal(await isReady("batch/v1:Job", { status: {} }), false);
        assert.equal(await isReady("batch/v1:Job", { spec: { suspend: true } }), true);
    });

    it("of a Service: pods are behind it, unless it needs none; a LoadBalancer has an address", async () => {
        const some = { endpointslices: { items: [{ endpoints: [{ conditions: { ready: true } }] }] } };
        const none = { endpointslices: { items: [{ endpoints: [{ conditions: { ready: false } }] }] } };
        const selecting = { spec: { selector: { app: "web" } } };
        assert.equal(await isReady("core/v1:Service", selecting, some), true);
        assert.equal(await isReady("core/v1:Service", selecting, none), false);
        for (const spec of [{ ...selecting.spec, clusterIP: "None" }, { type: "ExternalName" }, {}])
            assert.equal(await isReady("core/v1:Service", { spec }, none), true, JSON.stringify(spec));
        const balanced = { spec: { type: "LoadBalancer", selector: { app: "web" } } };
        assert.equal(await isReady("core/v1:Service", balanced, some), false);
        const status = { loadBalancer: { ingress: [{ ip: "198.18.0.1" }] } };
        assert.equal(await isReady("core/v1:Service", { ...balanced, status }, some), true);
    });

    it("of an Ingress: it has an address, and each Service behind it exists and has pods", async () => {
        const backend = { service: { name: "web" } };
        const ingress = {
            spec: { rules: [{ http: { paths: [{ backend }] } }] },
            status: { loadBalancer: { ingress: [{ ip: "198.18.0.1" }] } },
        };
        const endpointslices = { items: [{ endpoints: [{}] }] };
        assert.equal(
            await isReady("networking.k8s.io/v1:Ingress", ingress, { "services/web": { spec: {} }, endpointslices }),
            true,
        );
        assert.equal(
            await isReady(
                "networking.k8s.io/v1:Ingress",
                { ...ingress, status: {} },
                { "services/web": { spec: {} }, endpointslices },
            ),
            false,
        );
        const missing = await verdict("networking.k8s.io/v1:Ingress", ingress, { endpointslices });
        assert.deepEqual(missing, { ready: false, why: "the Service web behind it does not exist" });
    });

    it("of a claim: it is bound, or its class waits for a consumer", async () => {
        const claim = (phase: string) => ({ spec: { storageClassName: "fast" }, status: { phase } });
        const waits = { storageclasses: { volumeBindingMode: "WaitForFirstConsumer" } };
        assert.equal(await isReady("core/v1:PersistentVolumeClaim", claim("Bound")), true);
        assert.equal(await isReady("core/v1:PersistentVolumeClaim", claim("Pending"), waits), true);
        assert.equal(
            await isReady("core/v1:PersistentVolumeClaim", claim("Pending"), {
                storageclasses: { volumeBindingMode: "Immediate" },
            }),
            false,
        );
        const classless = await verdict("core/v1:PersistentVolumeClaim", claim("Pending"), {});
        assert.deepEqual(classless, { ready: false, why: "its storage class fast does not exist" });
    });

    it("of a Pod: it is ready or succeeded; a failed one is hopeless", async () => {
        assert.equal(
            await isReady("core/v1:Pod", {
                status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
            }),
            true,
        );
        assert.equal(await isReady("core/v1:Pod", { status: { phase: "Succeeded" } }), true);
        assert.equal(
            (
                (await verdict("core/v1:Pod", { status: { phase: "Failed", message: "evicted" } })) as {
                    hopeless?: boolean;
                }
            ).hopeless,
            true,
        );
    });

    it("follows the program's own condition where it names one", async () => {
        const certificate = (expression: string) => ({
            metadata: { annotations: { "pulumi.com/waitFor": expression } },
            status: { phase: "Issued", conditions: [{ type: "Ready", status: "True" }] },
        });
        const type = "example.com/v1:Certificate";
        assert.equal(await isReady(type, certificate("condition=Ready")), true);
        assert.equal(await isReady(type, certificate("condition=Issuing")), false);
        assert.equal(await isReady(type, certificate("jsonpath={.status.phase}=Issued")), true);
        assert.equal(await isReady(type, certificate("jsonpath={.status.phase}=Other")), false);
        assert.equal(await isReady(type, certificate('["condition=Ready", "jsonpath={.status.missing}"]')), false);
        await assert.rejects(verdict(type, certificate("jsonpath={.a[?(@.b)]}")), /is not understood/);
    });

    it("is not waited for where the program says so, nor for kinds that need none", () => {
        const skipping = { metadata: { annotations: { "pulumi.com/skipAwait": "true" } } };
        assert.equal(isAwaited(kindOf("kubernetes:apps/v1:Deployment"), {}), true);
        assert.equal(isAwaited(kindOf("kubernetes:apps/v1:Deployment"), skipping), false);
        assert.equal(isAwaited(kindOf("kubernetes:core/v1:ConfigMap"), {}), false);
    });
});

describe("what keeps a pod from running", () => {
    it("is told in the scheduler's and the kubelet's words", () => {
        const unscheduled = {
            status: { conditions: [{ type: "PodScheduled", status: "False", message: "0/3 nodes are available" }] },
        };
        assert.equal(podTrouble(unscheduled), "not scheduled: 0/3 nodes are available");
        const waiting = {
            status: {
                containerStatuses: [
                    { name: "c", state: { waiting: { reason: "ImagePullBackOff", message: "no such host" } } },
                ],
            },
        };
        assert.equal(podTrouble(waiting), "container c waits: ImagePullBackOff: no such host");
        assert.equal(podTrouble({ status: { containerStatuses: [{ name: "c", state: { running: {} } }] } }), undefined);
    });
});

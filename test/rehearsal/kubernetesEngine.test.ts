import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startControlPlane, stopControlPlane, type ControlPlane } from "../../rehearsal/controlPlane";
import { Rehearsal } from "../../rehearsal/engine";
import type { KubernetesClient } from "../../rehearsal/kubernetes/client";
import { clientFor } from "../../rehearsal/kubernetes/kubeconfig";

describe("a program of Kubernetes objects, on the real engine", function () {
    this.timeout(180_000);
    let sandbox: string;
    let plane: ControlPlane;
    let client: KubernetesClient;
    const rehearsals: Rehearsal[] = [];

    before(async () => {
        sandbox = await mkdtemp(join(tmpdir(), "mainstay-kubernetes-engine-test-"));
        plane = await startControlPlane(join(sandbox, "cluster"));
        client = clientFor(plane.kubeconfig);
    });
    afterEach(() => Promise.all(rehearsals.splice(0).map((rehearsal) => rehearsal.remove())));
    after(async () => {
        client?.close();
        await stopControlPlane(join(sandbox, "cluster"));
        await rm(sandbox, { recursive: true, force: true });
    });

    const program = (body: string, settings = "") => ({
        "index.js": `
            const k8s = require("@pulumi/kubernetes");
            const pulumi = require("@pulumi/pulumi");
            const provider = new k8s.Provider("cluster", { kubeconfig: ${JSON.stringify(plane.personKubeconfig)}, ${settings} });
            const on = { provider };
            ${body}`,
    });
    const rehearse = (body: string, settings?: string) => {
        const rehearsal = new Rehearsal({ program: program(body, settings) });
        rehearsals.push(rehearsal);
        return rehearsal;
    };
    const configMaps = (namespace: string) => `/api/v1/namespaces/${namespace}/configmaps`;

    it("is previewed, made, found the same, changed in place, and taken away", async () => {
        const body = (replicas: number) => `
            const namespace = new k8s.core.v1.Namespace("team", {}, on);
            const metadata = { namespace: namespace.metadata.name };
            const labels = { app: "web" };
            const map = new k8s.core.v1.ConfigMap("settings", { metadata, data: { a: "1" } }, on);
            const web = new k8s.apps.v1.Deployment("web", { metadata, spec: {
                replicas: 0, minReadySeconds: ${replicas}, selector: { matchLabels: labels },
                template: { metadata: { labels }, spec: { containers: [{ name: "c", image: "c", envFrom: [{ configMapRef: { name: map.metadata.name } }] }] } },
            } }, on);
            const patch = new k8s.core.v1.NamespacePatch("labels", { metadata: { name: namespace.metadata.name, labels: { a: "b" } } }, on);
            exports.namespace = namespace.metadata.name;
            exports.uid = web.metadata.uid;
            exports.kept = pulumi.output(map.data).a;`;
        const rehearsal = rehearse(body(1));
        const preview = await rehearsal.preview();
        assert.equal(preview.exitCode, 0, preview.stdout);
        assert.deepEqual(preview.changes, { create: 6 });
        assert.deepEqual(preview.diagnostics, []);

        const up = await rehearsal.up();
        assert.deepEqual(up.changes, { create: 6 });
        assert.match(String(up.outputs.uid), /^[0-9a-f-]{36}$/);
        assert.deepEqual((await rehearsal.up()).changes, { same: 6 });
        assert.deepEqual((await rehearsal.refresh()).changes, { same: 6 });

        await rehearsal.change(program(body(2)));
        const changed = await rehearsal.up();
        assert.deepEqual(changed.changes, { same: 5, update: 1 });
        assert.equal(changed.outputs.uid, up.outputs.uid);

        assert.equal((await rehearsal.destroy()).exitCode, 0);
        assert.equal(await client.find(`/api/v1/namespaces/${String(up.outputs.namespace)}`), undefined);
    });

    it("has an object of a fixed name replaced by one after the other", async () => {
        const body = (data: string) => `
            const map = new k8s.core.v1.ConfigMap("fixed", { metadata: { name: "fixed" }, data: { a: "${data}" } }, on);
            exports.uid = map.metadata.uid;`;
        const rehearsal = rehearse(body("1"));
        const first = await rehearsal.up();
        await rehearsal.change(program(body("2")));
        const preview = await rehearsal.preview();
        assert.equal(preview.exitCode, 0, preview.stdout);
        assert.equal(preview.changes.replace, 1);
        const second = await rehearsal.up();
        assert.equal(second.exitCode, 0, second.stdout);
        assert.notEqual(second.outputs.uid, first.outputs.uid);
        assert.equal((await client.get(`${configMaps("default")}/fixed`)).data.a, "2");
        await rehearsal.destroy();
    });

    it("takes over an object that is imported, and puts back what somebody changed", async () => {
        const path = `${configMaps("default")}/adopted`;
        const adopted = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "adopted" }, data: { a: "1" } };
        await client.request("POST", configMaps("default"), { body: adopted });
        const body = `new k8s.core.v1.ConfigMap("adopted", { metadata: { name: "adopted", namespace: "default" }, data: { a: "1" } }, { ...on, import: "default/adopted" });`;
        const rehearsal = rehearse(body, `enablePatchForce: true, enableConfigMapMutable: true`);
        const up = await rehearsal.up();
        assert.equal(up.exitCode, 0, up.stdout);
        assert.deepEqual(up.changes, { create: 2, import: 1 });

        await client.request("PATCH", path, {
            body: { data: { a: "theirs" } },
            contentType: "application/merge-patch+json",
        });
        const refresh = await rehearsal.refresh();
        assert.deepEqual(refresh.changes, { same: 2, update: 1 });
        const back = await rehearsal.up();
        assert.deepEqual(back.changes, { same: 2, update: 1 });
        assert.equal((await client.get(path)).data.a, "1");

        await client.request("DELETE", path);
        assert.equal((await rehearsal.refresh()).changes.delete, 1, "what is gone is taken out of the state");
        await rehearsal.destroy();
    });

    it("keeps its secrets out of the state", async () => {
        const rehearsal = rehearse(`
            new k8s.core.v1.Secret("plain", { stringData: { password: "hunter2-plain" } }, on);
            new k8s.core.v1.Secret("marked", { stringData: { password: pulumi.secret("hunter2-marked") } }, on);
            new k8s.helm.v3.Release("release", { chart: "nobody-knows-it", values: { password: pulumi.secret("hunter2-values") } }, on);`);
        const up = await rehearsal.up();
        assert.equal(up.exitCode, 0, up.stdout);
        const { deployment } = await rehearsal.state();
        const outputs = JSON.stringify(deployment.resources!.map(({ outputs }) => outputs));
        const inputs = JSON.stringify(deployment.resources!.map(({ inputs }) => inputs));
        for (const secret of ["hunter2-plain", "hunter2-marked", "hunter2-values"]) {
            assert.ok(!outputs.includes(secret), secret);
            assert.ok(!outputs.includes(Buffer.from(secret).toString("base64")), `${secret}, encoded`);
        }
        assert.ok(!inputs.includes("hunter2-marked") && !inputs.includes("hunter2-values"));
        await rehearsal.destroy();
    });

    it("fails with the server's words, beside the object that it refused", async () => {
        const rehearsal = rehearse(`new k8s.core.v1.Service("bad", { spec: { ports: [{ port: 70000 }] } }, on);`);
        const preview = await rehearsal.preview();
        assert.notEqual(preview.exitCode, 0);
        const [{ urn, message }] = preview.diagnostics;
        assert.match(urn ?? "", /Service::bad$/);
        assert.match(message, /spec\.ports\[0\]\.port: Invalid value: 70000/);
    });

    it("keeps an object that never became ready, and goes on from there", async () => {
        const body = (replicas: number) => `
            const labels = { app: "stuck" };
            new k8s.apps.v1.Deployment("stuck", { metadata: { name: "stuck" }, spec: { replicas: ${replicas}, selector: { matchLabels: labels },
                template: { metadata: { labels }, spec: { containers: [{ name: "c", image: "c" }] } } } },
                { ...on, customTimeouts: { create: "2s" } });`;
        const rehearsal = rehearse(body(1));
        const up = await rehearsal.up();
        assert.notEqual(up.exitCode, 0);
        assert.match(up.stdout, /not ready within 2 s[\s\S]*no nodes available to schedule pods/);
        const { deployment } = await rehearsal.state();
        assert.ok(deployment.resources!.some(({ id }) => id === "default/stuck"));

        await rehearsal.change(program(body(0)));
        const mended = await rehearsal.up();
        assert.equal(mended.exitCode, 0, mended.stdout);
        await rehearsal.destroy();
    });

    it("leaves at once when cancelled, with what was made in the state", async () => {
        const rehearsal = rehearse(`
            const labels = { app: "endless" };
            new k8s.apps.v1.Deployment("endless", { metadata: { name: "endless" }, spec: { replicas: 1, selector: { matchLabels: labels },
                template: { metadata: { labels }, spec: { containers: [{ name: "c", image: "c" }] } } } }, on);`);
        const cancel = new AbortController();
        const watching = (async () => {
            while (!(await client.find("/apis/apps/v1/namespaces/default/deployments/endless")))
                await new Promise((resolve) => setTimeout(resolve, 50));
            cancel.abort();
        })();
        const up = await rehearsal.up({ signal: cancel.signal });
        await watching;
        assert.notEqual(up.exitCode, 0);
        assert.match(up.stdout, /cancelled while it was waited for/);
        const { deployment } = await rehearsal.state();
        assert.ok(deployment.resources!.some(({ id }) => id === "default/endless"));
        assert.equal((await rehearsal.destroy()).exitCode, 0);
    });
});

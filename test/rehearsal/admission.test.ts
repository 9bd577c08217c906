import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Admission } from "../../components/admission";
import type { Cluster } from "../../components/cluster";
import { SYSTEM_NAMESPACES } from "../../components/cluster/aks/systemNamespaces";
import { PlatformNamespaces } from "../../components/platform";
import { type Tenant, Tenants } from "../../components/tenants";
import { startControlPlane, stopControlPlane, type ControlPlane } from "../../rehearsal/controlPlane";
import { layout } from "../../rehearsal/controlPlane/folder";
import { ApiError, KubernetesClient } from "../../rehearsal/kubernetes/client";
import { clientFor } from "../../rehearsal/kubernetes/kubeconfig";
import { KubernetesProvider } from "../../rehearsal/kubernetes/provider";
import { record, type Recorded } from "../unit/recordedProgram";
import { tenant } from "../unit/tenant";

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;
const IMAGE = `mcr.microsoft.com/azurelinux/base/nginx@${DIGEST}`;

const registries = ["mcr.microsoft.com", "registry.example.com/shop"];

const tenants: Tenant[] = [
    tenant("shop", { quota: { cpu: "1", memory: "2Gi", pods: 3, storage: "10Gi", loadBalancers: 0 } }),
    tenant("agents", {
        podSecurity: [
            { namespace: "agents", level: "privileged", reason: "they read the node's logs", expires: "2027-03-01" },
        ],
    }),
    tenant("web", { quota: { cpu: "20", memory: "64Gi", pods: 100, storage: "200Gi", loadBalancers: 1 } }),
];

type Manifest = Record<string, any>;

/** A container that Pod Security's `restricted` lets through. */
const container = (image = IMAGE, more: Manifest = {}): Manifest => ({
    name: "c",
    image,
    securityContext: {
        allowPrivilegeEscalation: false,
        runAsNonRoot: true,
        capabilities: { drop: ["ALL"] },
        seccompProfile: { type: "RuntimeDefault" },
    },
    ...more,
});

const pod = (spec: Manifest = {}, namespace = "shop", name = "p"): Manifest => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace },
    spec: { containers: [container()], ...spec },
});

const template = (spec: Manifest = {}) => ({
    metadata: { labels: { app: "a" } },
    spec: { containers: [container()], ...spec },
});

const deployment = (spec: Manifest = {}, namespace = "shop"): Manifest => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "d", namespace },
    spec: { replicas: 0, selector: { matchLabels: { app: "a" } }, template: template(spec) },
});

const cronJob = (spec: Manifest = {}): Manifest => ({
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name: "nightly", namespace: "shop" },
    spec: {
        schedule: "0 3 * * *",
        suspend: true,
        jobTemplate: { spec: { template: template({ restartPolicy: "Never", ...spec }) } },
    },
});

const service = (spec: Manifest = {}, namespace = "shop"): Manifest => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "s", namespace },
    spec: { selector: { app: "a" }, ports: [{ port: 80 }], ...spec },
});

const namespace = (labels: Record<string, string>, name = "fresh", annotations: Record<string, string> = {}) => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels, annotations },
});

const binding = (subjects: Manifest[], namespace?: string): Manifest => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: namespace ? "RoleBinding" : "ClusterRoleBinding",
    metadata: { name: "b", ...(namespace && { namespace }) },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
    subjects,
});
const user = (name: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind: "User", name });
const group = (name: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name });

const account = (name: string, more: Manifest = {}, namespace = "shop") => ({
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name, namespace },
    ...more,
});

const claim = (storage: string) => ({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "data", namespace: "shop" },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } },
});

/** Where an object is posted to. */
function collection({ apiVersion, kind, metadata }: Manifest): string {
    const root = apiVersion === "v1" ? "/api/v1" : `/apis/${apiVersion}`;
    const plural = `${kind.toLowerCase()}s`;
    return metadata.namespace ? `${root}/namespaces/${metadata.namespace}/${plural}` : `${root}/${plural}`;
}

/** What a request is answered: `undefined` where it is accepted. */
async function answer(request: Promise<unknown>): Promise<string | undefined> {
    try {
        await request;
        return undefined;
    } catch (error) {
        if (error instanceof ApiError && error.code >= 400 && error.code < 500) return error.message;
        throw error;
    }
}

async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
    for (const overdue = Date.now() + 30_000; Date.now() < overdue; await sleep(100)) {
        const found = await ask();
        if (found !== undefined) return found;
    }
    throw new Error(`not within 30 s: ${what}`);
}

describe("tenants and admission, on a real API server", function () {
    this.timeout(120_000);
    let sandbox: string;
    let plane: ControlPlane;
    let client: KubernetesClient;
    let recorded: Recorded[];
    const rehearsal = process.env.MAINSTAY_REHEARSAL;

    before(async () => {
        sandbox = await mkdtemp(join(tmpdir(), "mainstay-admission-test-"));
        await mkdir(join(sandbox, "azure", "resources"), { recursive: true });
        process.env.MAINSTAY_REHEARSAL = sandbox;
        plane = await startControlPlane(join(sandbox, "cluster"));
        client = clientFor(plane.kubeconfig);
        // Older than every policy.
        await post(namespace({}, "old"));
        await until("accounts of namespaces", () => client.find("/api/v1/namespaces/old/serviceaccounts/default"));
        await post(pod({ containers: [container("nginx")], automountServiceAccountToken: false }, "old"));
        await post({ ...binding([user("alice@example.com")]), metadata: { name: "old" } });
        await post(account("silent", {}, "old"));
        await post(service({ type: "NodePort" }, "old"));

        const cluster = { onCluster: {}, systemNamespaces: SYSTEM_NAMESPACES } as unknown as Cluster;
        const { recording } = await record(() => {
            new PlatformNamespaces("platform", { cluster });
            new Tenants("tenants", { cluster, tenants });
            new Admission("admission", { cluster, registries });
        });
        recorded = recording.resources.filter(({ type }) => type.startsWith("kubernetes:"));
        const provider = new KubernetesProvider();
        await provider.configure({ kubeconfig: plane.kubeconfig });
        for (const resource of recorded) await create(provider, resource);
        await inForce();
        await adopt("old");
    });
    after(async () => {
        client?.close();
        if (rehearsal === undefined) delete process.env.MAINSTAY_REHEARSAL;
        else process.env.MAINSTAY_REHEARSAL = rehearsal;
        await stopControlPlane(join(sandbox, "cluster"));
        await rm(sandbox, { recursive: true, force: true });
    });

    const post = (object: Manifest, { dryRun = false, as = client } = {}) =>
        as.request("POST", collection(object), { body: object, query: { dryRun: dryRun ? "All" : undefined } });
    const ask = (object: Manifest, as = client) => answer(post(object, { dryRun: true, as }));
    const patch = (path: string, body: unknown, as = client, way = "merge-patch") =>
        answer(
            as.request("PATCH", path, {
                body,
                contentType: `application/${way}+json`,
                query: { dryRun: "All" },
            }),
        );

    const create = async (provider: KubernetesProvider, { type, name, inputs }: Recorded) => {
        const request = { urn: `urn:pulumi:t::t::${type}::${name}`, type, name, timeoutSeconds: 30 };
        const checked = await provider.check({ ...request, inputs, randomSeed: Buffer.alloc(0) });
        assert.deepEqual(checked.failures, []);
        const { signal } = new AbortController();
        return provider.create({ ...request, inputs: checked.inputs, preview: false, signal });
    };

    /** Policies and quotas take a moment. */
    const inForce = async () => {
        const refusals: Manifest[] = [
            namespace({}),
            binding([user("u")]),
            pod({}, "old", "new"),
            account("a"),
            service({ type: "NodePort" }),
            pod({ containers: [container("nginx")] }),
            deployment({ containers: [container("nginx")] }),
            cronJob({ containers: [container("nginx")] }),
        ];
        for (const object of refusals)
            await until(`${object.kind} is refused`, async () =>
                /ValidatingAdmissionPolicy/.test((await ask(object)) ?? "") ? true : undefined,
            );
        for (const { name, quota } of tenants)
            await until(`the quota of ${name}`, async () => {
                const { status } = await client.get(`/api/v1/namespaces/${name}/resourcequotas/quota`);
                return status.hard?.pods === String(quota.pods) || undefined;
            });
    };

    /** A namespace becomes a tenant's after there was something in it. */
    const adopt = async (name: string) => {
        const labels = { "mainstay.io/tenant": "shop", "pod-security.kubernetes.io/enforce": "restricted" };
        await client.request("PATCH", `/api/v1/namespaces/${name}`, {
            body: { metadata: { labels } },
            contentType: "application/merge-patch+json",
        });
        await until(
            "its pods are a tenant's",
            async () =>
                /tenant-pods/.test((await ask(pod({ containers: [container("nginx")] }, name, "new"))) ?? "") ||
                undefined,
        );
    };

    /** A service account of somebody who may do these things and no others. */
    const withRights = async (name: string, rules: Manifest[]): Promise<KubernetesClient> => {
        const rbac = "rbac.authorization.k8s.io";
        await post({ apiVersion: `${rbac}/v1`, kind: "ClusterRole", metadata: { name }, rules });
        await post(account(name, {}, "kube-system"));
        await post({
            ...binding([{ kind: "ServiceAccount", name, namespace: "kube-system" }]),
            metadata: { name },
            roleRef: { apiGroup: rbac, kind: "ClusterRole", name },
        });
        const path = `/api/v1/namespaces/kube-system/serviceaccounts/${name}/token`;
        const { body } = await client.request("POST", path, {
            body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} },
        });
        const { server, authority, serverName } = client.connection;
        return new KubernetesClient({ server, authority, serverName, token: body.status.token });
    };

    /** Each line is a request; accepted where it has no words. */
    const table = (lines: [string, () => Manifest, RegExp?][]) => {
        for (const [what, object, words] of lines)
            it(`${words ? "refused" : "accepted"}: ${what}`, async () => {
                const refusal = await ask(object());
                if (words) assert.match(refusal ?? "accepted", words);
                else assert.equal(refusal, undefined);
            });
    };

    it("finds nothing wrong with any expression: the server has checked their types", async () => {
        const names = recorded.filter(({ type }) => type.endsWith(":ValidatingAdmissionPolicy"));
        assert.equal(names.length, 8);
        for (const { inputs } of names) {
            const path = `/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/${inputs.metadata.name}`;
            const policy = await until(`types of ${inputs.metadata.name}`, async () => {
                const found = await client.get(path);
                return found.status?.observedGeneration === found.metadata.generation ? found : undefined;
            });
            assert.deepEqual(policy.status.typeChecking, {}, inputs.metadata.name);
            assert.equal(policy.spec.failurePolicy, "Fail");
        }
    });

    describe("Pod Security", () => {
        table([
            ["a pod that asks for nothing special", () => pod()],
            [
                "a privileged container",
                () => pod({ containers: [container(IMAGE, { securityContext: { privileged: true } })] }),
                /violates PodSecurity "restricted:latest".*privileged/,
            ],
            [
                "a pod that runs as root",
                () => pod({ containers: [{ name: "c", image: IMAGE }] }),
                /violates PodSecurity "restricted:latest".*runAsNonRoot/,
            ],
            [
                "the node's files",
                () => pod({ volumes: [{ name: "v", hostPath: { path: "/" } }] }),
                /violates PodSecurity "restricted:latest".*hostPath/,
            ],
            [
                "the same in a namespace with an exception",
                () => pod({ volumes: [{ name: "v", hostPath: { path: "/" } }] }, "agents"),
            ],
            ["a node exporter in monitoring", () => pod({ hostNetwork: true, hostPID: true }, "monitoring")],
            ["the same in backup", () => pod({ hostNetwork: true }, "backup"), /violates PodSecurity "restricted/],
        ]);

        it("an exception carries its reason and its last day", async () => {
            const { metadata } = await client.get("/api/v1/namespaces/agents");
            assert.equal(metadata.annotations["mainstay.io/pod-security-reason"], "they read the node's logs");
            assert.equal(metadata.annotations["mainstay.io/pod-security-expires"], "2027-03-01");
            assert.equal(metadata.labels["pod-security.kubernetes.io/warn"], "restricted");
        });
    });

    describe("quotas", () => {
        const requests = (cpu: string, memory: string) =>
            pod({
                containers: [container(IMAGE, { resources: { requests: { cpu, memory }, limits: { memory } } })],
            });

        it("a container that states nothing gets requests and a limit of memory, and is counted", async () => {
            const { body } = await post(pod(), { dryRun: true });
            assert.deepEqual(body.spec.containers[0].resources, {
                requests: { cpu: "100m", memory: "256Mi" },
                limits: { memory: "512Mi" },
            });
        });

        it("a container of the platform's gets requests and no limit", async () => {
            const { body } = await post(pod({}, "backup"), { dryRun: true });
            assert.deepEqual(body.spec.containers[0].resources, { requests: { cpu: "50m", memory: "64Mi" } });
        });

        table([
            ["all that there is", () => requests("1", "2Gi")],
            ["more cores", () => requests("1001m", "1Gi"), /exceeded quota: quota, requested: requests.cpu=1001m/],
            ["more memory", () => requests("100m", "3Gi"), /exceeded quota: quota, requested: .*memory=3Gi/],
            ["all the storage", () => claim("10Gi")],
            ["more storage", () => claim("11Gi"), /exceeded quota: quota, requested: requests.storage=11Gi/],
            [
                "a load balancer where there are none",
                () => service({ type: "LoadBalancer" }),
                /exceeded quota: quota, requested: services.loadbalancers=1/,
            ],
            ["a load balancer where there is one", () => service({ type: "LoadBalancer" }, "web")],
        ]);

        it("the fourth pod of three is refused, and one more is accepted when one has gone", async () => {
            for (const name of ["one", "two", "three"]) await post(pod({}, "shop", name));
            assert.match((await ask(pod())) ?? "accepted", /exceeded quota: quota, requested: pods=1, used: pods=3/);
            for (const name of ["one", "two", "three"])
                await client.request("DELETE", `/api/v1/namespaces/shop/pods/${name}`, {
                    query: { gracePeriodSeconds: "0" },
                });
            await until("the quota is free again", async () => ((await ask(pod())) === undefined ? true : undefined));
        });
    });

    describe("images", () => {
        const image = (name: string) => () => pod({ containers: [container(name)] });
        const foreign =
            /images from registries that are not allowed: .* Allowed: mcr\.microsoft\.com, registry\.example\.com\/shop\. Copy/;
        const unpinned = /images that are not named by digest: .* write HOST\/NAME@sha256:DIGEST/;
        table([
            ["with tag and digest", image(`mcr.microsoft.com/nginx:1.27@${DIGEST}`)],
            ["below an allowed path", image(`registry.example.com/shop/web@${DIGEST}`)],
            ["of the name of an allowed path", image(`registry.example.com/shop@${DIGEST}`)],
            ["by tag", image("mcr.microsoft.com/nginx:1.27"), unpinned],
            ["with neither tag nor digest", image("mcr.microsoft.com/nginx"), unpinned],
            ["by a digest that is too short", image("mcr.microsoft.com/nginx@sha256:0123"), unpinned],
            ["from another registry", image(`docker.io/library/nginx@${DIGEST}`), foreign],
            ["with no registry", image(`nginx@${DIGEST}`), foreign],
            [
                "from a host that begins like an allowed one",
                image(`mcr.microsoft.com.evil.io/nginx@${DIGEST}`),
                foreign,
            ],
            ["from another port of an allowed host", image(`mcr.microsoft.com:5000/nginx@${DIGEST}`), foreign],
            ["named like an allowed host", image(`mcr.microsoft.com@${DIGEST}`), foreign],
            ["beside an allowed path", image(`registry.example.com/shopping/web@${DIGEST}`), foreign],
            ["above an allowed path", image(`registry.example.com/other/web@${DIGEST}`), foreign],
            [
                "of an init container",
                () => pod({ initContainers: [container("docker.io/evil", { name: "i" })] }),
                foreign,
            ],
            [
                "of a volume",
                () => pod({ volumes: [{ name: "v", image: { reference: `docker.io/evil@${DIGEST}` } }] }),
                foreign,
            ],
            ["of a Deployment", () => deployment({ containers: [container("nginx")] }), foreign],
            ["of a CronJob", () => cronJob({ containers: [container("nginx")] }), foreign],
            ["of a good Deployment", () => deployment()],
            ["of a good CronJob", () => cronJob()],
            ["by tag in a namespace of the platform's", () => pod({ containers: [container("nginx:1")] }, "backup")],
        ]);

        it("names what is wrong, where, and nothing else", async () => {
            const refusal = await ask(
                pod({ containers: [container(), container("nginx", { name: "other" })] }, "shop", "web"),
            );
            assert.match(
                refusal ?? "accepted",
                /^pods "web" is forbidden: ValidatingAdmissionPolicy 'tenant-pods\.mainstay\.io' with binding 'tenant-pods\.mainstay\.io' denied request: Pod shop\/web: images from registries that are not allowed: nginx\. /,
            );
        });

        it("a container that is put into a running pod", async () => {
            await post(pod({}, "shop", "debugged"));
            const path = "/api/v1/namespaces/shop/pods/debugged/ephemeralcontainers";
            const add = (name: string) =>
                patch(path, { spec: { ephemeralContainers: [container(name, { name: "e" })] } });
            assert.match((await add("busybox")) ?? "accepted", foreign);
            assert.equal(await add(IMAGE), undefined);
            await client.request("DELETE", "/api/v1/namespaces/shop/pods/debugged", {
                query: { gracePeriodSeconds: "0" },
            });
        });

        it("an image that is changed later; what else changes on an older pod does not matter", async () => {
            const path = "/api/v1/namespaces/old/pods/p";
            const change = (image: string) =>
                patch(path, { spec: { containers: [{ name: "c", image }] } }, client, "strategic-merge-patch");
            assert.match((await change("nginx:2")) ?? "accepted", foreign);
            assert.equal(await change(IMAGE), undefined);
            assert.equal(await patch(path, { metadata: { labels: { a: "b" } } }), undefined);
        });
    });

    describe("tokens of service accounts", () => {
        const token = [{ name: "t", projected: { sources: [{ serviceAccountToken: { path: "t" } }] } }];
        const refused = /would get a token of the account default/;
        table([
            ["a pod that asks for one by name", () => pod({ automountServiceAccountToken: true }), refused],
            [
                "the same said by the account's name",
                () => pod({ automountServiceAccountToken: true, serviceAccountName: "default" }),
                refused,
            ],
            ["a pod with a volume of its own", () => pod({ volumes: token }), refused],
            ["a Deployment that asks for one", () => deployment({ automountServiceAccountToken: true }), refused],
            ["a CronJob that asks for one", () => cronJob({ automountServiceAccountToken: true }), refused],
            ["an account that says no", () => account("app", { automountServiceAccountToken: false })],
            ["an account that says yes", () => account("app", { automountServiceAccountToken: true })],
            [
                "an account that says nothing",
                () => account("app"),
                /State automountServiceAccountToken: false, or true/,
            ],
            ["an account of the platform's that says nothing", () => account("app", {}, "monitoring")],
        ]);

        it("pods get none unless they name an account", async () => {
            const { body } = await post(pod(), { dryRun: true });
            assert.equal(body.spec.volumes, undefined);
            assert.equal(
                (await client.get("/api/v1/namespaces/shop/serviceaccounts/default")).automountServiceAccountToken,
                false,
            );
            assert.equal(
                (await client.get("/api/v1/namespaces/backup/serviceaccounts/default")).automountServiceAccountToken,
                false,
            );
        });

        it("and do where they name one that says yes", async () => {
            await post(account("asks", { automountServiceAccountToken: true }));
            const { body } = await post(pod({ serviceAccountName: "asks" }), { dryRun: true });
            assert.match(body.spec.volumes[0].name, /^kube-api-access-/);
        });

        it("an older account that says nothing can be changed otherwise", async () => {
            const path = "/api/v1/namespaces/old/serviceaccounts/silent";
            assert.equal(await patch(path, { metadata: { labels: { a: "b" } } }), undefined);
            assert.equal(await patch(path, { automountServiceAccountToken: false }), undefined);
        });

        it("the account default stays without", async () => {
            const path = "/api/v1/namespaces/shop/serviceaccounts/default";
            assert.match(
                (await patch(path, { automountServiceAccountToken: true })) ?? "accepted",
                /is what pods have that name no account/,
            );
            assert.equal(await patch(path, { imagePullSecrets: [{ name: "x" }] }), undefined);
        });
    });

    describe("placement", () => {
        const reserved = /tolerates the taints of nodes that keep the cluster going/;
        table([
            [
                "a priority of the system's",
                () => pod({ priorityClassName: "system-node-critical" }),
                /evicts pods of the platform/,
            ],
            [
                "a Deployment with one",
                () => deployment({ priorityClassName: "system-cluster-critical" }),
                /evicts pods of the platform/,
            ],
            ["a toleration by key", () => pod({ tolerations: [{ key: "gpu", operator: "Exists" }] })],
            ["a toleration of everything", () => pod({ tolerations: [{ operator: "Exists" }] }), reserved],
            [
                "a toleration of the control plane",
                () =>
                    deployment({ tolerations: [{ key: "node-role.kubernetes.io/control-plane", operator: "Exists" }] }),
                reserved,
            ],
            ["a pod that names its node", () => pod({ nodeName: "n" }), /would pass by the scheduler/],
        ]);
    });

    describe("Services", () => {
        table([
            ["a ClusterIP", () => service()],
            ["a NodePort", () => service({ type: "NodePort" }), /opens a port on every node/],
            [
                "addresses of others",
                () => service({ externalIPs: ["10.0.0.1"] }),
                /draws the traffic of the whole cluster to 10\.0\.0\.1/,
            ],
            ["a NodePort of the platform's", () => service({ type: "NodePort" }, "ingress")],
        ]);
    });

    it("an older Service that would be refused can be labelled, and mended", async () => {
        const path = "/api/v1/namespaces/old/services/s";
        assert.equal(await patch(path, { metadata: { labels: { a: "b" } } }), undefined);
        assert.match((await patch(path, { spec: { sessionAffinity: "ClientIP" } })) ?? "accepted", /opens a port/);
        assert.equal(await patch(path, { spec: { type: "ClusterIP" } }), undefined);
    });

    describe("bindings", () => {
        const users = /gives rights to users by name: .* Rights are given to groups of Entra ID by their object ID/;
        const everyPod = /gives rights to accounts that pods have without asking: /;
        const guid = "11111111-1111-4111-8111-111111111111";
        table([
            ["a group", () => binding([group(guid)])],
            ["a group in a namespace", () => binding([group(guid)], "shop")],
            ["a user", () => binding([user("alice@example.com")]), users],
            ["a user in a namespace", () => binding([user(guid)], "shop"), users],
            ["a user beside a group", () => binding([group(guid), user("alice@example.com")]), users],
            ["a user of the system's", () => binding([user("system:kube-scheduler")])],
            ["a user that imitates one", () => binding([user("systems:kube-scheduler")]), users],
            ["everybody who has no name", () => binding([user("system:anonymous")]), users],
            ["a service account", () => binding([{ kind: "ServiceAccount", name: "app", namespace: "shop" }])],
            [
                "the account default",
                () => binding([{ kind: "ServiceAccount", name: "default", namespace: "shop" }]),
                everyPod,
            ],
            [
                "the account default in its namespace",
                () => binding([{ kind: "ServiceAccount", name: "default", namespace: "shop" }], "shop"),
                everyPod,
            ],
            ["the account default as a user", () => binding([user("system:serviceaccount:shop:default")]), everyPod],
            ["all accounts", () => binding([group("system:serviceaccounts")]), everyPod],
            ["all accounts of a namespace", () => binding([group("system:serviceaccounts:shop")]), everyPod],
            ["everybody", () => binding([group("system:authenticated")]), everyPod],
        ]);

        it("one from before with a user may lose the user, and change otherwise, and gets no other one", async () => {
            const path = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/old";
            assert.equal(await patch(path, { metadata: { labels: { a: "b" } } }), undefined);
            assert.equal(await patch(path, { subjects: [group(guid)] }), undefined);
            assert.match(
                (await patch(path, { subjects: [user("alice@example.com"), user("bob@example.com")] })) ?? "accepted",
                /by name: bob@example\.com\./,
            );
        });

        it("what the control plane makes for itself", async () => {
            const masters = clientFor(join(layout(join(sandbox, "cluster")).pki, "bootstrap.kubeconfig"));
            try {
                assert.equal(await ask(binding([user("clusterAdmin")]), masters), undefined);
            } finally {
                masters.close();
            }
        });

        it("what an upgrade by kubeadm makes", async () => {
            const made = {
                ...binding([user("system:anonymous")], "kube-public"),
                metadata: { name: "kubeadm:bootstrap-signer-clusterinfo", namespace: "kube-public" },
            };
            assert.equal(await ask(made), undefined);
        });
    });

    describe("namespaces", () => {
        const tenantLabels = { "mainstay.io/tenant": "shop", "pod-security.kubernetes.io/enforce": "restricted" };
        const nobodys = /Namespace fresh belongs to nobody, or to two.*make it there/;
        const exception = /and no exception for it\. Label it/;
        table([
            ["a tenant's", () => namespace(tenantLabels)],
            [
                "the platform's",
                () =>
                    namespace({ "mainstay.io/platform": "fresh", "pod-security.kubernetes.io/enforce": "restricted" }),
            ],
            ["nobody's", () => namespace({}), nobodys],
            ["two owners'", () => namespace({ ...tenantLabels, "mainstay.io/platform": "fresh" }), nobodys],
            ["one without Pod Security", () => namespace({ "mainstay.io/tenant": "shop" }), exception],
            [
                "one with a lower level",
                () => namespace({ ...tenantLabels, "pod-security.kubernetes.io/enforce": "baseline" }),
                exception,
            ],
            [
                "one with a lower level for a reason, to a day",
                () =>
                    namespace({ ...tenantLabels, "pod-security.kubernetes.io/enforce": "baseline" }, "fresh", {
                        "mainstay.io/pod-security-reason": "a build agent",
                        "mainstay.io/pod-security-expires": "2027-03-01",
                    }),
            ],
            ["AKS's own", () => namespace({}, "gatekeeper-system")],
            ["one that is named like the cluster's own", () => namespace({}, "kube-system-2"), /belongs to nobody/],
            [
                "a pod in default",
                () => pod({}, "default"),
                /would run where no quota.*namespace default belongs to no tenant/,
            ],
            ["a Deployment in default", () => deployment({}, "default"), /belongs to no tenant/],
            ["a pod in kube-system", () => pod({}, "kube-system")],
        ]);

        it("a label is not taken off, by administrators either", async () => {
            const labels = { "mainstay.io/tenant": null };
            assert.match(
                (await patch("/api/v1/namespaces/shop", { metadata: { labels } })) ?? "accepted",
                /belongs to nobody/,
            );
        });

        it("who may change namespaces and no more changes neither owner nor guard, and makes none", async () => {
            const rights = [
                { apiGroups: [""], resources: ["namespaces"], verbs: ["get", "create", "update", "patch"] },
            ];
            const somebody = await withRights("somebody", rights);
            try {
                const relabel = (labels: Record<string, string | null>) =>
                    patch("/api/v1/namespaces/shop", { metadata: { labels } }, somebody);
                assert.match(
                    (await relabel({ "mainstay.io/tenant": "web" })) ?? "accepted",
                    /Namespace shop: system:serviceaccount:kube-system:somebody may not set, change or remove mainstay\.io\/tenant\./,
                );
                assert.match(
                    (await relabel({ "pod-security.kubernetes.io/enforce": "privileged" })) ?? "accepted",
                    /may not set, change or remove pod-security\.kubernetes\.io\/enforce/,
                );
                assert.match(
                    (await relabel({ "pod-security.kubernetes.io/warn": null })) ?? "accepted",
                    /may not set, change or remove pod-security\.kubernetes\.io\/warn/,
                );
                assert.equal(await relabel({ team: "web" }), undefined);
                assert.match((await ask(namespace(tenantLabels), somebody)) ?? "accepted", /may not set/);
            } finally {
                somebody.close();
            }
        });

        it("an administrator moves one to another tenant", async () => {
            const labels = { "mainstay.io/tenant": "web" };
            assert.equal(await patch("/api/v1/namespaces/shop", { metadata: { labels } }), undefined);
        });

        it("one that is nobody's from before can still be annotated, and deleted", async () => {
            await client.request("POST", "/api/v1/namespaces", { body: namespace({}, "gatekeeper-system") });
            assert.equal(
                await patch("/api/v1/namespaces/gatekeeper-system", { metadata: { annotations: { a: "b" } } }),
                undefined,
            );
            await client.request("DELETE", "/api/v1/namespaces/gatekeeper-system");
            await until("it is gone", async () =>
                (await client.find("/api/v1/namespaces/gatekeeper-system")) ? undefined : true,
            );
        });
    });
});

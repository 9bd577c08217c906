import assert from "node:assert/strict";
import fc from "fast-check";
import type { Cluster } from "../../components/cluster";
import { PlatformNamespaces, platformNamespaces } from "../../components/platform";
import { type Tenant, Tenants } from "../../components/tenants";
import { record } from "./recordedProgram";
import { tenant } from "./tenant";

const cluster = { onCluster: {} } as unknown as Cluster;

async function namespacesOf(tenants: Tenant[]) {
    const { recording, result } = await record(() => new Tenants("tenants", { cluster, tenants }));
    return { recording, result };
}

const kinds = [
    "kubernetes:core/v1:Namespace",
    "kubernetes:core/v1:LimitRange",
    "kubernetes:core/v1:ServiceAccountPatch",
    "kubernetes:core/v1:ResourceQuota",
];

describe("tenants' namespaces", function () {
    this.timeout(20_000);

    it("are each made once with four objects, all of which wait for the namespace", async () => {
        const name = fc.stringMatching(/^[a-z]([a-z0-9-]{0,6}[a-z0-9])?$/);
        const names = fc.uniqueArray(name, { minLength: 1, maxLength: 6 });
        await fc.assert(
            fc.asyncProperty(names, async (all) => {
                const half = Math.ceil(all.length / 2);
                const tenants = [tenant("a", { namespaces: all.slice(0, half) })];
                if (half < all.length) tenants.push(tenant("b", { namespaces: all.slice(half) }));
                const { recording, result } = await namespacesOf(tenants);
                assert.equal(recording.resources.length, 1 + all.length * kinds.length);
                assert.deepEqual(Object.keys(result.namespaces).sort(), [...all].sort());
                for (const kind of kinds)
                    assert.deepEqual(
                        recording
                            .ofType(kind)
                            .map(({ inputs: { metadata } }) =>
                                kind.endsWith(":Namespace") ? metadata.name : metadata.namespace,
                            )
                            .sort(),
                        [...all].sort(),
                    );
                for (const { type, dependsOn, inputs } of recording.resources)
                    if (kinds.slice(1).includes(type))
                        assert.deepEqual(dependsOn, [`tenants-${inputs.metadata.namespace}`]);
            }),
            { numRuns: 10 },
        );
    });

    it("say whose they are, and are restricted", async () => {
        const { recording } = await namespacesOf([tenant("shop", { namespaces: ["shop", "shop-jobs"] })]);
        for (const { inputs } of recording.ofType(kinds[0])) {
            assert.equal(inputs.metadata.labels["mainstay.io/tenant"], "shop");
            for (const mode of ["enforce", "warn", "audit"])
                assert.equal(inputs.metadata.labels[`pod-security.kubernetes.io/${mode}`], "restricted");
            assert.deepEqual(inputs.metadata.annotations, {});
        }
    });

    it("have an exception where it stands and not beside it, and still warn", async () => {
        const exception = {
            namespace: "shop-jobs",
            level: "baseline",
            reason: "a build agent",
            expires: "2027-03-01",
        } as const;
        const { recording } = await namespacesOf([
            tenant("shop", { namespaces: ["shop", "shop-jobs"], podSecurity: [exception] }),
        ]);
        const level = (name: string) =>
            recording.one(name).inputs.metadata.labels["pod-security.kubernetes.io/enforce"];
        assert.equal(level("tenants-shop"), "restricted");
        assert.equal(level("tenants-shop-jobs"), "baseline");
        const { labels, annotations } = recording.one("tenants-shop-jobs").inputs.metadata;
        assert.equal(labels["pod-security.kubernetes.io/warn"], "restricted");
        assert.deepEqual(annotations, {
            "mainstay.io/pod-security-reason": "a build agent",
            "mainstay.io/pod-security-expires": "2027-03-01",
        });
    });

    it("have a quota, and defaults for everything that it counts of a container", async () => {
        const quota = { cpu: "4", memory: "8Gi", pods: 20, storage: "50Gi", loadBalancers: 2 };
        const { recording } = await namespacesOf([tenant("shop", { quota })]);
        const { hard } = recording.one("tenants-shop-quota").inputs.spec;
        assert.deepEqual(hard, {
            "requests.cpu": "4",
            "requests.memory": "8Gi",
            "limits.memory": "8Gi",
            pods: "20",
            "requests.storage": "50Gi",
            "services.loadbalancers": "2",
        });
        const [limits] = recording.one("tenants-shop-defaults").inputs.spec.limits;
        for (const counted of Object.keys(hard)) {
            const [what, resource] = counted.split(".");
            if (what === "requests" && resource !== "storage") assert.ok(limits.defaultRequest[resource], counted);
            if (what === "limits") assert.ok(limits.default[resource], counted);
        }
    });

    it("have an account default without a token", async () => {
        const { recording } = await namespacesOf([tenant("shop")]);
        const { inputs } = recording.one("tenants-shop-default-account");
        assert.equal(inputs.metadata.name, "default");
        assert.equal(inputs.automountServiceAccountToken, false);
    });
});

describe("the platform's namespaces", function () {
    this.timeout(20_000);

    it("are restricted unless there is a reason", () => {
        for (const { name, podSecurity, reason } of platformNamespaces)
            assert.equal(podSecurity === "restricted", reason === undefined, name);
    });

    it("are called by namespaces that there are", () => {
        const names = platformNamespaces.map(({ name }) => name);
        assert.equal(new Set(names).size, names.length);
        for (const { calledBy } of platformNamespaces) for (const name of calledBy) assert.ok(names.includes(name));
    });

    it("say that they are the platform's, and are there by name", async () => {
        const { recording, result } = await record(() => new PlatformNamespaces("platform", { cluster }));
        assert.deepEqual(
            recording
                .ofType(kinds[0])
                .map(({ inputs }) => inputs.metadata.labels["mainstay.io/platform"])
                .sort(),
            Object.keys(result.namespaces).sort(),
        );
        assert.equal(recording.ofType("kubernetes:core/v1:ResourceQuota").length, 0);
    });
});

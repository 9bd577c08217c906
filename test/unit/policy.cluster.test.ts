import assert from "node:assert/strict";
import * as fc from "fast-check";
import { judge, judgeStack, UNKNOWN, type StackResource } from "../policy/judge";
import type { Properties } from "../policy/program";

const RBAC = "kubernetes:rbac.authorization.k8s.io/v1";
const CORE = "kubernetes:core/v1";
const POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
const CILIUM = "kubernetes:cilium.io/v2:CiliumNetworkPolicy";
const CLUSTERWIDE = "kubernetes:cilium.io/v2:CiliumClusterwideNetworkPolicy";

const namespace = (name: string, more: Properties = {}): StackResource => ({
    type: `${CORE}:Namespace`,
    name,
    props: { metadata: { name, ...more } },
});

const denial = (name: string, namespace: string, spec: Properties = {}): StackResource => ({
    type: POLICY,
    name,
    props: { metadata: { name, namespace }, spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"], ...spec } },
});

const guardRail = (endpointSelector: Properties): StackResource => ({
    type: CLUSTERWIDE,
    name: "guard-rail",
    props: { spec: { endpointSelector, ingress: [{}], egress: [{}] } },
});

function refused(rule: string, resources: StackResource[], config?: object): string[] {
    return judgeStack(rule, resources, config).findings.map(({ name }) => name);
}

describe("policy: rights in a cluster", () => {
    const subject = (kind: string, name: string) => ({ roleRef: { name: "view" }, subjects: [{ kind, name }] });

    it("an exception is the whole name of one binding, and a stack's own", () => {
        const props = { metadata: { name: "legacy" }, ...subject("Group", "system:masters") };
        const judged = (except?: string[]) =>
            judge("bindings-for-named-groups", `${RBAC}:RoleBinding`, props, except && { except }).outcome;
        assert.equal(judged(), "refused");
        assert.equal(judged(["legac", "legacy-2"]), "refused");
        assert.equal(judged(["legacy"]), "not concerned");
    });

    it("an unknown subject hides none that is certain, and is left open by itself", () => {
        const unknown = { kind: "Group", name: UNKNOWN };
        for (const [rule, bad] of [
            ["bindings-for-named-groups", { kind: "Group", name: "system:authenticated" }],
            ["default-accounts-without-rights", { kind: "ServiceAccount", name: "default" }],
        ] as const) {
            const judged = (...subjects: object[]) =>
                judge(rule, `${RBAC}:RoleBindingPatch`, { roleRef: { name: "view" }, subjects });
            assert.equal(judged(unknown).outcome, "undecided", rule);
            const both = judged(unknown, bad);
            assert.equal(both.outcome, "refused", rule);
            assert.ok(both.isOpen, rule);
        }
    });

    it("an account that is not known yet is settled by a role that is, and that role by being made", () => {
        const outcome = (role: string, kind: string, name: string) =>
            judge("cluster-admin-for-groups", `${RBAC}:RoleBinding`, {
                roleRef: { name: role },
                subjects: [{ kind, name }],
            }).outcome;
        assert.equal(outcome("view", "User", UNKNOWN), "passed");
        assert.equal(outcome("cluster-admin", "User", UNKNOWN), "undecided");
        assert.equal(outcome(UNKNOWN, "ServiceAccount", "deployer"), "passed");
        assert.equal(outcome("cluster-admin", "ServiceAccount", UNKNOWN), "refused");
    });

    it("a role escalates by any wildcard that holds the right, and by nothing that only looks like it", () => {
        const outcome = (apiGroups: string[], resources: string[], verbs: string[]) =>
            judge("roles-do-not-escalate", `${RBAC}:ClusterRole`, { rules: [{ apiGroups, resources, verbs }] }).outcome;
        assert.equal(outcome([""], ["users"], ["*"]), "refused");
        assert.equal(outcome(["*"], ["clusterroles"], ["bind"]), "refused");
        assert.equal(outcome(["rbac.authorization.k8s.io"], ["*"], ["*"]), "refused");
        assert.equal(outcome(["authentication.k8s.io"], ["uids"], ["impersonate:user-info"]), "refused");
        assert.equal(outcome([""], ["*/token"], ["create"]), "refused");
        assert.equal(outcome(["apps"], ["users"], ["*"]), "passed");
        assert.equal(outcome(["rbac.authorization.k8s.io"], ["clusterroles"], ["get", "create"]), "passed");
        assert.equal(outcome([""], ["serviceaccounts"], ["get", "create"]), "passed");
        assert.equal(outcome([""], ["pods/exec"], ["create"]), "passed");
    });

    it("of a rule of which a part is unknown, the rest may settle it", () => {
        const outcome = (rule: Properties) => judge("roles-do-not-escalate", `${RBAC}:Role`, { rules: [rule] }).outcome;
        assert.equal(outcome({ apiGroups: ["apps"], resources: ["deployments"], verbs: [UNKNOWN] }), "passed");
        assert.equal(outcome({ apiGroups: [""], resources: ["nodes/proxy"], verbs: [UNKNOWN] }), "undecided");
        assert.equal(outcome({ apiGroups: [""], resources: [UNKNOWN, "*"], verbs: ["get"] }), "refused");
    });

    it("a role that reads Secrets may be bound in a namespace, not in the cluster", () => {
        const role = (rule: Properties = {}): StackResource => ({
            type: `${RBAC}:ClusterRole`,
            name: "reader",
            props: {
                metadata: { name: "reader" },
                rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["get"], ...rule }],
            },
        });
        const bound = (type: string): StackResource => ({
            type: `${RBAC}:${type}`,
            name: type,
            props: { metadata: { name: "b" }, roleRef: { kind: "ClusterRole", name: "reader" } },
        });
        const rule = "secrets-not-cluster-wide";
        assert.deepEqual(refused(rule, [role(), bound("ClusterRoleBinding"), bound("RoleBinding")]), [
            "ClusterRoleBinding",
        ]);
        assert.deepEqual(refused(rule, [role(), bound("ClusterRoleBindingPatch")]), ["ClusterRoleBindingPatch"]);
        assert.deepEqual(refused(rule, [role(), bound("ClusterRoleBinding")], { except: ["b"] }), []);
        assert.deepEqual(refused(rule, [role({ resourceNames: ["one"] }), bound("ClusterRoleBinding")]), []);
        // Whoever writes Secrets with `patch` is answered with the whole of them; who creates them is not.
        assert.deepEqual(refused(rule, [role({ verbs: ["patch"] }), bound("ClusterRoleBinding")]).length, 1);
        assert.deepEqual(refused(rule, [role({ verbs: ["create"] }), bound("ClusterRoleBinding")]), []);
        assert.equal(judgeStack(rule, [role(), bound("RoleBinding")]).outcome, "not concerned");
        assert.equal(judgeStack(rule, [role({ verbs: [UNKNOWN] }), bound("ClusterRoleBinding")]).outcome, "undecided");
    });

    it("a patch says nothing of an account that it does not name", () => {
        const outcome = (type: string, spec: Properties) =>
            judge("default-account-tokens-unmounted", `kubernetes:apps/v1:${type}`, { spec: { template: { spec } } })
                .outcome;
        assert.equal(outcome("Deployment", {}), "refused");
        assert.equal(outcome("DeploymentPatch", {}), "passed");
        assert.equal(outcome("DeploymentPatch", { serviceAccount: "default" }), "refused");
        assert.equal(outcome("Deployment", { serviceAccountName: UNKNOWN }), "undecided");
    });
});

describe("policy: network policies", () => {
    const rule = "namespaces-deny-by-default";

    it("a namespace is denied by what is in it, each direction by whichever policy", () => {
        assert.deepEqual(refused(rule, [namespace("a"), namespace("b"), denial("d", "a")]), ["b"]);
        const halves = [
            denial("in", "a", { policyTypes: ["Ingress"] }),
            denial("out", "a", { policyTypes: ["Egress"] }),
        ];
        assert.deepEqual(refused(rule, [namespace("a"), ...halves]), []);
        const { findings } = judgeStack(rule, [namespace("a"), halves[0]]);
        assert.match(findings[0].message, /none that denies what goes out/);
        assert.doesNotMatch(findings[0].message, /comes in/);
    });

    it("what a policy leaves out of its types is what the API server fills in", () => {
        const typeless = (egress?: object[]) => [namespace("a"), denial("d", "a", { policyTypes: undefined, egress })];
        assert.deepEqual(refused(rule, typeless()), ["a"]);
        assert.deepEqual(refused(rule, typeless([{ to: [{ podSelector: {} }] }])), []);
    });

    it("the same name in another cluster is another namespace", () => {
        const on = (resource: StackResource, provider: string): StackResource => ({ ...resource, provider });
        const both = [on(namespace("a"), "one"), on({ ...namespace("a"), name: "a-2" }, "two")];
        assert.deepEqual(refused(rule, [...both, on(denial("d", "a"), "one")]), ["a-2"]);
    });

    it("a policy whose namespace is not known yet leaves open whether it is that one, and only if it denies", () => {
        const apart = denial("d", UNKNOWN);
        assert.equal(judgeStack(rule, [namespace("a"), apart]).outcome, "undecided");
        assert.equal(
            judgeStack(rule, [namespace("a"), denial("d", UNKNOWN, { policyTypes: ["Ingress"] })]).isOpen,
            true,
        );
        const web = denial("d", UNKNOWN, { podSelector: { matchLabels: { app: "web" } } });
        assert.equal(judgeStack(rule, [namespace("a"), web]).outcome, "refused");
        assert.equal(judgeStack(rule, [namespace("a"), web]).isOpen, false);
        assert.equal(judgeStack(rule, [namespace("a"), denial("e", "a"), apart]).outcome, "passed");
    });

    it("kube-system is left alone, and whatever a stack's settings name instead", () => {
        assert.deepEqual(refused(rule, [namespace("kube-system")]), []);
        assert.deepEqual(refused(rule, [namespace("kube-system")], { except: ["legacy"] }), ["kube-system"]);
        assert.deepEqual(refused(rule, [namespace("legacy")], { except: ["legacy"] }), []);
    });

    it("a policy of the whole cluster denies in the namespaces that it selects as such", () => {
        const selects = (selector: Properties) =>
            refused(rule, [namespace("a", { labels: { tier: "web" } }), guardRail(selector)]).length === 0;
        const key = "io.cilium.k8s.namespace.labels.tier";
        const expression = (key: string, operator: string, ...values: string[]) =>
            selects({ matchExpressions: [{ key, operator, values }] });
        assert.ok(selects({}));
        assert.ok(selects({ matchLabels: { "k8s:io.kubernetes.pod.namespace": "a" } }));
        assert.ok(!selects({ matchLabels: { "k8s:io.kubernetes.pod.namespace": "b" } }));
        assert.ok(!selects({ matchLabels: { app: "web" } }));
        assert.ok(expression(`k8s:${key}`, "In", "db", "web"));
        assert.ok(!expression(key, "In", "db"));
        assert.ok(!expression(key, "NotIn", "web"));
        assert.ok(expression(key, "NotIn", "db"));
        assert.ok(expression(key, "Exists"));
        assert.ok(!expression(key, "DoesNotExist"));
        assert.ok(expression(`${key}2`, "DoesNotExist"));
        assert.ok(!expression("app", "DoesNotExist"));
    });

    it("who comes in matters only where no port is named", () => {
        const outcome = (rule: Properties, metadata: Properties = {}) =>
            judge("network-policies-name-callers", POLICY, { metadata, spec: { ingress: [rule] } }).outcome;
        const from = [{ ipBlock: { cidr: UNKNOWN } }];
        assert.equal(outcome({ from, ports: [{ port: 443 }] }), "passed");
        assert.equal(outcome({ from }), "undecided");
        assert.equal(outcome({ from: [...from, { namespaceSelector: {} }] }), "refused");
        assert.equal(outcome({ from: [{ podSelector: {} }] }), "passed");
        assert.equal(outcome({}, { namespace: "ingress" }), "passed");
        assert.equal(outcome({}, { namespace: UNKNOWN }), "undecided");
    });

    it("a range opens the metadata service exactly if the address is in it and in no exception", () => {
        const octet = fc.integer({ min: 0, max: 255 });
        const near = fc.constantFrom("169.254.169.254", "169.254.169.253", "169.254.0.0", "168.63.129.16");
        const address = fc.oneof(
            near,
            fc.tuple(octet, octet, octet, octet).map((octets) => octets.join(".")),
        );
        const bits = (text: string) =>
            text
                .split(".")
                .map((part) => Number(part).toString(2).padStart(8, "0"))
                .join("");
        const holds = (range: string, address: string) => {
            const [start, length] = range.split("/");
            return bits(start).slice(0, Number(length)) === bits(address).slice(0, Number(length));
        };
        const cidr = fc.tuple(address, fc.integer({ min: 0, max: 32 })).map((parts) => parts.join("/"));
        fc.assert(
            fc.property(cidr, fc.array(cidr, { maxLength: 3 }), (cidr, except) => {
                const isOpen = ["169.254.169.254", "168.63.129.16"].some(
                    (service) => holds(cidr, service) && !except.some((range) => holds(range, service)),
                );
                const egress = [{ to: [{ ipBlock: { cidr, except } }] }];
                const standard = judge("metadata-service-closed", POLICY, { spec: { egress } });
                assert.equal(standard.outcome, isOpen ? "refused" : "passed");
                const cilium = judge("metadata-service-closed", CILIUM, {
                    spec: { egress: [{ toCIDRSet: [{ cidr, except }] }] },
                });
                assert.equal(cilium.outcome, standard.outcome);
            }),
            { numRuns: 500 },
        );
    });

    it("names what is open: WireServer's DNS is not, its other ports are", () => {
        const found = (ports: object[]) =>
            judge("metadata-service-closed", POLICY, { spec: { egress: [{ ports }] } }).findings[0]?.message ?? "";
        assert.equal(found([{ port: 53, protocol: "UDP" }, { port: 53 }, { port: "http" }, { port: 443 }]), "");
        assert.equal(found([{ port: 80, protocol: "UDP" }]), "");
        assert.match(found([{ port: 32526 }]), /a way to WireServer;/);
        assert.match(found([{ port: 1, endPort: 1024 }]), /the metadata service and WireServer/);
    });
});

describe("policy: admission", () => {
    const restricted = (labels: Properties, annotations?: Properties, name = "a") =>
        judge("namespaces-restricted", `${CORE}:Namespace`, { metadata: { name, labels, annotations } });
    const level = "pod-security.kubernetes.io/enforce";
    const reason = { "mainstay.io/pod-security-reason": "it needs it" };

    it("an exception ends with its day, and a day is what a calendar has", () => {
        const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
        const outcome = (expires: string) =>
            restricted({ [level]: "baseline" }, { ...reason, "mainstay.io/pod-security-expires": expires }).outcome;
        assert.equal(outcome(day(2)), "passed");
        assert.equal(outcome(day(-2)), "refused");
        assert.equal(outcome("9999-13-01"), "refused");
        assert.equal(outcome("never"), "refused");
        assert.equal(outcome(UNKNOWN), "undecided");
    });

    it("no reason lowers a level to one that does not exist, or to none", () => {
        const end = { ...reason, "mainstay.io/pod-security-expires": "9999-12-31" };
        assert.equal(restricted({ [level]: "none" }, end).outcome, "refused");
        assert.equal(restricted({}, end).outcome, "refused");
        assert.equal(restricted({}, undefined, "kube-system").outcome, "not concerned");
    });

    it("a namespace of the platform's needs a reason, and no end", () => {
        const labels = { [level]: "privileged", "mainstay.io/platform": "monitoring" };
        assert.equal(restricted(labels, reason).outcome, "passed");
        assert.equal(restricted(labels).outcome, "refused");
    });

    it("a quota is judged with the LimitRanges of its own namespace", () => {
        const quota = (namespace: string, ...names: string[]): StackResource => ({
            type: `${CORE}:ResourceQuota`,
            name: `quota-${namespace}`,
            props: { metadata: { namespace }, spec: { hard: Object.fromEntries(names.map((name) => [name, "1"])) } },
        });
        const range = (namespace: string, limit: Properties): StackResource => ({
            type: `${CORE}:LimitRange`,
            name: `range-${namespace}`,
            props: { metadata: { namespace }, spec: { limits: [{ type: "Container", ...limit }] } },
        });
        const rule = "quotas-with-limit-ranges";
        const cpu = { default: { cpu: "1" } };
        assert.deepEqual(refused(rule, [quota("a", "cpu"), quota("b", "cpu"), range("a", cpu)]), ["quota-b"]);
        assert.deepEqual(refused(rule, [quota("a", "cpu", "memory"), range("a", cpu)]), ["quota-a"]);
        assert.deepEqual(refused(rule, [quota("a", "limits.cpu"), range("a", { max: { cpu: "1" } })]), []);
        assert.deepEqual(refused(rule, [quota("a", "limits.cpu"), range("a", { min: { cpu: "1" } })]), ["quota-a"]);
        assert.equal(judgeStack(rule, [quota("a", "pods")]).outcome, "not concerned");
        assert.equal(judgeStack(rule, [quota("a", "cpu"), range(UNKNOWN, cpu)]).outcome, "undecided");
        assert.equal(judgeStack(rule, [quota(UNKNOWN, "cpu"), range(UNKNOWN, cpu)]).outcome, "undecided");
        assert.equal(judgeStack(rule, [quota("a", "cpu"), range(UNKNOWN, {})]).outcome, "refused");
    });

    it("images come from the registries that a stack names, by whole parts of their path", () => {
        const digest = `@sha256:${"0".repeat(64)}`;
        const outcome = (image: string, ...registries: string[]) =>
            judge(
                "images-by-digest",
                `${CORE}:Pod`,
                { spec: { containers: [{ image: image + digest }] } },
                { registries },
            ).outcome;
        assert.equal(outcome("anywhere.example/a"), "passed");
        assert.equal(outcome("mcr.microsoft.com/oss/a:1", "mcr.microsoft.com"), "passed");
        assert.equal(outcome("mcr.microsoft.com/oss/a", "mcr.microsoft.com/oss"), "passed");
        assert.equal(outcome("mcr.microsoft.com/ossified/a", "mcr.microsoft.com/oss"), "refused");
        assert.equal(outcome("mcr.microsoft.com.evil.example/a", "mcr.microsoft.com"), "refused");
        assert.equal(outcome("nginx", "mcr.microsoft.com"), "refused");
        assert.equal(outcome("nginx", "docker.io/library"), "passed");
        assert.equal(outcome("team/nginx", "docker.io/team"), "passed");
        assert.equal(outcome("localhost/nginx", "docker.io"), "refused");
    });

    it("the cluster's own parts have the images that it has, elsewhere an unknown namespace leaves a tag open", () => {
        const outcome = (namespace?: string, config?: object) =>
            judge(
                "images-by-digest",
                `${CORE}:Pod`,
                { metadata: { namespace }, spec: { containers: [{ image: "coredns:v1" }] } },
                config,
            ).outcome;
        assert.equal(outcome("kube-system"), "not concerned");
        assert.equal(outcome("kube-system", { exceptNamespaces: [] }), "refused");
        assert.equal(outcome("team"), "refused");
        assert.equal(outcome(), "refused");
        assert.equal(outcome(UNKNOWN), "undecided");
    });

    it("an unknown image hides no other that is known", () => {
        const spec = { initContainers: [{ image: UNKNOWN }], containers: [{ image: "nginx:1" }] };
        const { outcome, isOpen } = judge("images-by-digest", `${CORE}:Pod`, { spec });
        assert.equal(outcome, "refused");
        assert.ok(isOpen);
    });
});

describe("policy: many objects", () => {
    /** Namespaces with ten objects each; properties count how often they are read. */
    function many(count: number) {
        let reads = 0;
        const counted = (props: Properties): Properties =>
            new Proxy(props, { get: (object, key) => (reads++, (object as never)[key]) });
        const resources = Array.from({ length: count }, (_, index) => `ns-${index}`).flatMap((name) => [
            namespace(name),
            denial(`${name}-denial`, name),
            ...Array.from({ length: 7 }, (_, index) =>
                denial(`${name}-${index}`, name, { podSelector: { matchLabels: { app: "web" } } }),
            ),
            { type: `${CORE}:ResourceQuota`, name: `${name}-quota`, props: quotaOf(name) },
            {
                type: `${CORE}:LimitRange`,
                name: `${name}-range`,
                props: {
                    metadata: { namespace: name },
                    spec: { limits: [{ type: "Container", default: { cpu: "1" } }] },
                },
            },
            {
                type: `${RBAC}:ClusterRoleBinding`,
                name: `${name}-binding`,
                props: { metadata: { name }, roleRef: { name: `${name}-role` } },
            },
            { type: `${RBAC}:ClusterRole`, name: `${name}-role`, props: { metadata: { name: `${name}-role` } } },
        ]);
        return { resources: resources.map((one) => ({ ...one, props: counted(one.props!) })), reads: () => reads };
    }

    const quotaOf = (namespace: string) => ({ metadata: { namespace }, spec: { hard: { cpu: "1" } } });

    for (const rule of ["namespaces-deny-by-default", "quotas-with-limit-ranges", "secrets-not-cluster-wide"]) {
        it(`${rule} reads ten times as much of ten times as many`, () => {
            const [few, lots] = [many(20), many(200)];
            assert.deepEqual(refused(rule, few.resources), []);
            assert.deepEqual(refused(rule, lots.resources), []);
            assert.ok(few.reads() > 0);
            assert.ok(lots.reads() <= few.reads() * 10, `${lots.reads()} after ${few.reads()}`);
        });
    }
});

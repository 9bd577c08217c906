import assert from "node:assert/strict";
import fc from "fast-check";
import { portMatrix } from "../../components/network/portMatrix";
import { contains, overlap, parseRange, planAddresses } from "../../components/network/addressPlan";
import { planPolicies, type PolicyObject, type PolicyPlan } from "../../components/networkPolicy";
import { NODE_METRICS_PORTS } from "../../components/networkPolicy/platformPermissions";
import { addressesOf, reservedRanges } from "../../components/networkPolicy/ranges";
import { closedRanges } from "../../settings/rules/egress";
import { platformNamespaces } from "../../components/platform";
import type { Tenant } from "../../components/tenants";
import { exampleParties, exampleRanges, exampleTenants, readConnectivity } from "../networkPolicyExample";
import { tenant } from "./tenant";

const KINDS = { selfManaged: "nodes", aks: "outside" } as const;

function plan(tenants: readonly Tenant[], changed: Partial<PolicyPlan> = {}): PolicyObject[] {
    return planPolicies({
        tenants,
        platform: platformNamespaces,
        ranges: exampleRanges,
        apiServers: "nodes",
        systemNamespaces: ["kube-system"],
        ...changed,
    });
}

/** Those of a namespace, by kind and name. */
function policyOf(policies: PolicyObject[], namespace: string, kind: PolicyObject["kind"], name: string): any {
    const found = policies.filter(
        ({ kind: itsKind, metadata }: any) =>
            itsKind === kind && metadata.name === name && metadata.namespace === namespace,
    );
    assert.equal(found.length, 1, `${found.length} of ${kind} ${namespace}/${name}`);
    return found[0].spec;
}

const permissionsOf = (policies: PolicyObject[], namespace: string) =>
    policyOf(policies, namespace, "NetworkPolicy", "permissions");

/** Every rule that allows something, of every kind, with who is on the other side. */
function allowing(policies: PolicyObject[]): { policy: any; rule: any; peers: any[] }[] {
    return policies.flatMap((policy: any) =>
        [...(policy.spec.ingress ?? []), ...(policy.spec.egress ?? [])].map((rule: any) => ({
            policy,
            rule,
            peers: rule.from ?? rule.to ?? [],
        })),
    );
}

const tenantOf = (peer: any): string | undefined => peer.namespaceSelector?.matchLabels?.["mainstay.io/tenant"];

/** Which ports rules give a tenant, `undefined` without any. */
function portsFor(rules: any[], side: "from" | "to", name: string): number[] | "all" | undefined {
    const found = rules.filter((rule) => rule[side].some((peer: any) => tenantOf(peer) === name));
    if (found.length === 0) return undefined;
    if (found.some(({ ports }) => ports === undefined)) return "all";
    assert.ok(found.every(({ ports }) => ports.length > 0 && ports.every((port: any) => port.protocol === "TCP")));
    return found.flatMap(({ ports }) => ports.map(({ port }: any) => port)).sort((a, b) => a - b);
}

const names = ["alpha", "bravo", "charlie", "delta", "echo"];
const someOf = <T>(values: readonly T[]) => fc.subarray([...values]);
const ports = fc.uniqueArray(fc.integer({ min: 1, max: 65_535 }), { maxLength: 3 });

/** Ranges that settings let through: what is reserved is in a wider one, or not in it at all. */
const cidr = fc
    .tuple(fc.integer({ min: 0, max: 32 }), fc.nat(0xffff_ffff))
    .map(([prefix, address]) => {
        const size = 2 ** (32 - prefix);
        const first = address - (address % size);
        return `${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join(".")}/${prefix}`;
    })
    .filter((each) => !reservedRanges(exampleRanges).some((range) => contains(parseRange(range), parseRange(each))));

/** Tenants whose settings agree with each other, as the rules between settings see to. */
const consistentTenants: fc.Arbitrary<Tenant[]> = fc
    .record({
        tenants: fc.tuple(
            ...names.map((name) =>
                fc.record({
                    namespaces: fc.integer({ min: 1, max: 3 }),
                    ingress: fc.boolean(),
                    api: fc.boolean(),
                    ranges: fc.array(fc.record({ cidr, ports }), { maxLength: 2 }),
                    names: fc.array(
                        fc.record({ name: fc.constantFrom(`${name}.example.com`, "*.example.org"), ports }),
                        {
                            maxLength: 2,
                        },
                    ),
                }),
            ),
        ),
        calls: fc.array(
            fc.record({
                caller: fc.constantFrom(...names),
                callee: fc.constantFrom(...names),
                ports,
                fewer: fc.boolean(),
                oneSided: fc.boolean(),
            }),
            { maxLength: 8 },
        ),
        forbidden: someOf(names.slice(1)),
    })
    .map(({ tenants, calls, forbidden }) => {
        const made = names.map((name, index) => {
            const { namespaces, ranges, ...rest } = tenants[index];
            return tenant(name, {
                ingress: rest.ingress,
                api: rest.api,
                namespaces: Array.from({ length: namespaces }, (_, number) => `${name}-${number}`),
                egress: { ranges: ranges.map((range) => ({ ...range, except: [] })), names: rest.names },
            });
        });
        const byName = Object.fromEntries(made.map((each) => [each.name, each]));
        const said = new Set<string>();
        for (const { caller, callee, ports, fewer, oneSided } of calls) {
            if (caller === callee || said.has(`${caller} ${callee}`)) continue;
            said.add(`${caller} ${callee}`);
            byName[callee].calledBy.push({ tenant: caller, ports, oneSided });
            // A caller may ask for fewer ports than it is given.
            const asked = fewer && ports.length > 1 ? ports.slice(1) : ports;
            if (!oneSided) byName[caller].calls.push({ tenant: callee, ports: asked });
        }
        const [first] = names;
        byName[first].forbids = forbidden.filter(
            (other) => !said.has(`${first} ${other}`) && !said.has(`${other} ${first}`),
        );
        return made;
    });

/** As settings say it, worked out without the component: what a call between two tenants may use. */
function settled(tenants: Tenant[], caller: string, callee: string): number[] | "all" | undefined {
    const from = tenants.find(({ name }) => name === caller)!;
    const to = tenants.find(({ name }) => name === callee)!;
    const given = to.calledBy.find((each) => each.tenant === caller);
    const asked = from.calls.find((each) => each.tenant === callee);
    if (!given || (!given.oneSided && !asked)) return undefined;
    const ports = given.oneSided ? given.ports : asked!.ports;
    return ports.length === 0 ? "all" : [...ports].sort((a, b) => a - b);
}

describe("network policies", () => {
    it("deny everything in every namespace, in an object that no permission touches", () => {
        fc.assert(
            fc.property(consistentTenants, (tenants) => {
                const policies = plan(tenants);
                const all = [...platformNamespaces.map(({ name }) => name), ...tenants.flatMap((t) => t.namespaces)];
                for (const namespace of all) {
                    assert.deepEqual(policyOf(policies, namespace, "NetworkPolicy", "default-deny"), {
                        podSelector: {},
                        policyTypes: ["Ingress", "Egress"],
                    });
                }
                const namespaces = policies.flatMap(({ metadata }: any) => metadata.namespace ?? []);
                assert.deepEqual(new Set(namespaces), new Set(all));
            }),
        );
    });

    it("open no address of machines, of the metadata service, of WireServer, of pods or of Services, whatever a range says", () => {
        const { endpoints } = planAddresses(exampleRanges.addressSpace, []);
        fc.assert(
            fc.property(consistentTenants, (tenants) => {
                for (const { peers, policy } of allowing(plan(tenants))) {
                    for (const { ipBlock } of peers) {
                        if (!ipBlock) continue;
                        if (ipBlock.cidr === endpoints && policy.metadata.namespace in platform) continue;
                        for (const reserved of reservedRanges(exampleRanges)) {
                            if (!overlap(parseRange(ipBlock.cidr), parseRange(reserved))) continue;
                            assert.ok(
                                ipBlock.except.some((each: string) => contains(parseRange(each), parseRange(reserved))),
                                `${ipBlock.cidr} opens ${reserved}`,
                            );
                        }
                        // The API server takes no other exceptions.
                        for (const except of ipBlock.except) {
                            assert.ok(
                                contains(parseRange(ipBlock.cidr), parseRange(except)) && except !== ipBlock.cidr,
                            );
                        }
                    }
                }
            }),
        );
    });
    const platform = Object.fromEntries(platformNamespaces.map((each) => [each.name, each]));

    it("let one tenant call another if settings say so, on their ports, in the policies of both; and no other", () => {
        fc.assert(
            fc.property(consistentTenants, (tenants) => {
                const policies = plan(tenants);
                for (const caller of tenants) {
                    for (const callee of tenants.filter((each) => each !== caller)) {
                        const expected = settled(tenants, caller.name, callee.name);
                        for (const namespace of caller.namespaces) {
                            const { egress } = permissionsOf(policies, namespace);
                            assert.deepEqual(portsFor(egress, "to", callee.name), expected);
                        }
                        for (const namespace of callee.namespaces) {
                            const { ingress } = permissionsOf(policies, namespace);
                            assert.deepEqual(portsFor(ingress, "from", caller.name), expected);
                        }
                    }
                }
            }),
        );
    });

    it("give nothing that settings do not name: to a tenant that says nothing, its own pods, its metrics and names", () => {
        const policies = plan([tenant("quiet", { namespaces: ["quiet", "quiet-jobs"] })]);
        const own = { namespaceSelector: { matchLabels: { "mainstay.io/tenant": "quiet" } } };
        const named = (name: string) => ({
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
        });
        for (const namespace of ["quiet", "quiet-jobs"]) {
            assert.deepEqual(permissionsOf(policies, namespace), {
                podSelector: {},
                policyTypes: ["Ingress", "Egress"],
                ingress: [{ from: [own] }, { from: [named("monitoring")], ports: [{ protocol: "TCP" }] }],
                egress: [
                    { to: [own] },
                    {
                        to: [{ ...named("kube-system"), podSelector: { matchLabels: { "k8s-app": "kube-dns" } } }],
                        ports: [
                            { protocol: "UDP", port: 53 },
                            { protocol: "TCP", port: 53 },
                        ],
                    },
                ],
            });
        }
        assert.ok(
            !policies.some(
                ({ kind, metadata }: any) => kind === "CiliumNetworkPolicy" && /quiet/.test(metadata.namespace),
            ),
        );
    });

    it("open nothing for a permission that the other side does not share, or that one side forbids", () => {
        const calls = [{ tenant: "b", ports: [80] }];
        const calledBy = [{ tenant: "a", ports: [443], oneSided: false }];
        const oneSided = [{ tenant: "a", ports: [443], oneSided: true }];
        for (const pair of [
            [tenant("a", { calls }), tenant("b")],
            [tenant("a"), tenant("b", { calledBy })],
            [tenant("a", { calls }), tenant("b", { calledBy })],
            [tenant("a", { forbids: ["b"] }), tenant("b", { calledBy: oneSided })],
            [tenant("a"), tenant("b", { calledBy: oneSided, forbids: ["a"] })],
        ]) {
            const policies = plan(pair);
            assert.equal(portsFor(permissionsOf(policies, "a").egress, "to", "b"), undefined);
            assert.equal(portsFor(permissionsOf(policies, "b").ingress, "from", "a"), undefined);
        }
    });

    it("let tenants with `ingress` be reached from there, and only them", () => {
        fc.assert(
            fc.property(consistentTenants, (tenants) => {
                const policies = plan(tenants);
                for (const each of tenants) {
                    const from = JSON.stringify(permissionsOf(policies, each.namespaces[0]).ingress);
                    assert.equal(from.includes('"ingress"'), each.ingress);
                    assert.ok(from.includes('"monitoring"'));
                }
            }),
        );
    });

    for (const [kind, apiServers] of Object.entries(KINDS)) {
        it(`lead to the API server by its own port, and only those who ask for it (${kind})`, () => {
            fc.assert(
                fc.property(consistentTenants, (tenants) => {
                    const policies = plan(tenants, { apiServers });
                    const asks = new Set<string>([
                        ...platformNamespaces.filter(({ api }) => api).map(({ name }) => name),
                        ...tenants.filter(({ api }) => api).flatMap(({ namespaces }) => namespaces),
                    ]);
                    const led = allowing(policies).filter(({ rule }) => rule.toEntities?.includes("kube-apiserver"));
                    assert.deepEqual(new Set(led.map(({ policy }) => policy.metadata.namespace)), asks);
                    for (const { rule } of led) {
                        const port = kind === "aks" ? "443" : "6443";
                        assert.deepEqual(rule.toEntities, ["kube-apiserver"]);
                        assert.deepEqual(rule.toPorts, [{ ports: [{ port, protocol: "TCP" }] }]);
                    }
                }),
            );
        });
    }

    it("lead no tenant to machines or to the whole world by an entity", () => {
        fc.assert(
            fc.property(consistentTenants, (tenants) => {
                const own = new Set(tenants.flatMap(({ namespaces }) => namespaces));
                for (const { policy, rule } of allowing(plan(tenants))) {
                    if (!own.has(policy.metadata.namespace)) continue;
                    assert.deepEqual(rule.toEntities ?? ["kube-apiserver"], ["kube-apiserver"]);
                    assert.equal(rule.fromEntities, undefined);
                }
            }),
        );
    });

    it("let every namespace ask the cluster's DNS in one way: past the proxy, or through it where names are opened", () => {
        fc.assert(
            fc.property(consistentTenants, (tenants) => {
                const policies = plan(tenants);
                for (const each of tenants) {
                    const byName = each.egress.names.length > 0;
                    for (const namespace of each.namespaces) {
                        const asked = permissionsOf(policies, namespace).egress.filter((rule: any) =>
                            JSON.stringify(rule.to).includes("kube-dns"),
                        );
                        assert.equal(asked.length, byName ? 0 : 1);
                        if (!byName) continue;
                        const { egress } = policyOf(policies, namespace, "CiliumNetworkPolicy", "permissions");
                        const [dns, ...others] = egress.filter((rule: any) => rule.toEndpoints);
                        assert.deepEqual(others, []);
                        assert.deepEqual(dns.toPorts[0].ports, [{ port: "53", protocol: "ANY" }]);
                        const questions = dns.toPorts[0].rules.dns.map((q: any) => q.matchName ?? q.matchPattern);
                        for (const { name } of each.egress.names) assert.ok(questions.includes(name));
                        assert.ok(!questions.some((question: string) => /^\*+\.?$/.test(question)));
                    }
                }
            }),
        );
    });

    it("see names as resolvers ask them: with what a pod's search list adds, and the cluster's own", () => {
        const policies = plan([
            tenant("shop", { egress: { ranges: [], names: [{ name: "api.example.com", ports: [] }] } }),
        ]);
        const { egress } = policyOf(policies, "shop", "CiliumNetworkPolicy", "permissions");
        const patterns: RegExp[] = egress[0].toPorts[0].rules.dns.map(
            (q: any) =>
                new RegExp(
                    `^${(q.matchName ?? q.matchPattern).replaceAll(".", "[.]").replaceAll("*", "[-a-z0-9_]*")}$`,
                ),
        );
        const seen = (name: string) => patterns.some((pattern) => pattern.test(name));
        for (const name of [
            "api.example.com",
            "api.example.com.shop.svc.cluster.local",
            "api.example.com.svc.cluster.local",
            "api.example.com.cluster.local",
            "api.example.com.xyz123.ax.internal.cloudapp.net",
            "payments.payments.svc.cluster.local",
            "payments.payments.svc.cluster.local.shop.svc.cluster.local",
            "_http._tcp.payments.payments.svc.cluster.local",
            "db-0.db.shop.svc.cluster.local",
        ]) {
            assert.ok(seen(name), name);
        }
        for (const name of [
            "example.com",
            "evil.example.net",
            "api.example.com.evil.example.net",
            "data.api.example.com",
        ]) {
            assert.ok(!seen(name), name);
        }
        assert.deepEqual(egress[1], { toFQDNs: [{ matchName: "api.example.com" }] });
    });

    it("hold for every pod outside of the cluster's own namespaces, also in namespaces that nobody knows yet", () => {
        const policies = plan([], { systemNamespaces: ["kube-system", "azure-workload-identity-system"] });
        const guards = policies.filter(({ kind }) => kind === "CiliumClusterwideNetworkPolicy");
        const [deny, identity] = guards.map(({ spec }: any) => spec);
        assert.equal(guards.length, 2);
        const namespace = "k8s:io.kubernetes.pod.namespace";
        assert.deepEqual(deny.endpointSelector.matchExpressions, [
            { key: namespace, operator: "Exists" },
            { key: namespace, operator: "NotIn", values: ["kube-system", "azure-workload-identity-system"] },
        ]);
        assert.deepEqual([deny.ingress, deny.egress], [[{}], [{}]]);
        assert.deepEqual(identity.endpointSelector.matchExpressions[1].values, ["kube-system"]);
        assert.deepEqual(identity.egressDeny, [{ toCIDR: ["169.254.169.254/32", "168.63.129.16/32"] }]);
        // By itself it allows and denies nothing more.
        assert.deepEqual(identity.enableDefaultDeny, { ingress: false, egress: false });
        assert.deepEqual([identity.ingress, identity.egress], [undefined, undefined]);
    });

    it("are two objects a namespace, three where Cilium's are needed, however many tenants there are", () => {
        const many = Array.from({ length: 500 }, (_, index) =>
            tenant(`t${index}`, {
                namespaces: [`t${index}`, `t${index}-jobs`],
                calls: [{ tenant: `t${(index + 1) % 500}`, ports: [8080] }],
                calledBy: [{ tenant: `t${(index + 499) % 500}`, ports: [8080], oneSided: false }],
                api: index % 10 === 0,
            }),
        );
        const count = (tenants: Tenant[]) => plan(tenants).length - plan([]).length;
        assert.equal(count(many), 500 * 2 * 2 + 50 * 2);
        const size = (tenants: Tenant[]) => JSON.stringify(plan(tenants)).length - JSON.stringify(plan([])).length;
        const [few, all] = [size(many.slice(100, 200)), size(many)];
        assert.ok(all / few < 5.2, `five times the tenants have ${all / few} times the text`);
    });

    it("let monitoring read the metrics that the port matrix lets nodes tell", () => {
        const lines = ["kubelet", "control-plane-metrics", "node-exporter", "cilium-metrics", "dns-cache-metrics"];
        const told = portMatrix.filter(({ name }) => lines.includes(name)).flatMap((flow) => flow.ports);
        assert.deepEqual(new Set(NODE_METRICS_PORTS.map(String)), new Set(told));
    });

    describe("a range", () => {
        it("is refused in the settings by what is left out of every range", () => {
            const network = { ...exampleRanges, dnsServiceIP: undefined };
            const refused = closedRanges(network as never).map(({ cidr }) => cidr);
            assert.deepEqual(refused.sort(), reservedRanges(exampleRanges).sort());
        });

        it("keeps a tenant's own exceptions, and what is reserved in it", () => {
            assert.deepEqual(addressesOf("203.0.113.0/24", ["203.0.113.128/25"], exampleRanges), {
                ipBlock: { cidr: "203.0.113.0/24", except: ["203.0.113.128/25"] },
            });
            assert.deepEqual(addressesOf("10.0.0.0/8", [], exampleRanges), {
                ipBlock: { cidr: "10.0.0.0/8", except: ["10.64.0.0/16", "10.244.0.0/16", "10.96.0.0/16"] },
            });
        });

        it("means the internet where it is wider than a private one, and leaves private ones out", () => {
            const { ipBlock }: any = addressesOf("0.0.0.0/0", [], exampleRanges);
            for (const range of ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"]) {
                assert.ok(ipBlock.except.includes(range), range);
            }
        });

        it("with nothing left in it is an error, and no open door", () => {
            for (const range of ["169.254.169.254/32", "168.63.129.16/32", "10.64.0.0/20", "10.244.1.0/24"]) {
                assert.throws(() => addressesOf(range, [], exampleRanges), /cannot be opened to pods/);
            }
        });
    });
});

describe("the table of docs/network-policies.md", () => {
    for (const kind of ["selfManaged", "aks"] as const) {
        it(`says for every pair what reaches what, in words that the judge reads (${kind})`, () => {
            const table = readConnectivity(kind);
            const parties = Object.entries(exampleParties(kind));
            const pods = parties.filter(([, { called }]) => "namespaces" in called).map(([name]) => name);
            const known = new Set(parties.map(([name]) => name));
            for (const { from, to, ports } of table) {
                assert.ok(known.has(from) && known.has(to), `${from} to ${to}`);
                assert.match(
                    ports,
                    /^(—|all|(all TCP|\d+(-\d+)?(\/UDP)?)(, \d+(-\d+)?(\/UDP)?)*)$/,
                    `${from} to ${to}`,
                );
            }
            const pairs = new Set(table.map(({ from, to }) => `${from} to ${to}`));
            assert.equal(pairs.size, table.length, "each pair once");
            for (const from of pods.filter((name) => name !== "kube-dns")) {
                for (const to of known) assert.ok(pairs.has(`${from} to ${to}`), `${from} to ${to}`);
            }
            for (const name of [...exampleTenants, ...platformNamespaces].map((each) => each.name)) {
                assert.ok(pods.includes(name), name);
            }
        });
    }
});

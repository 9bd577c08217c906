import assert from "node:assert/strict";
import { Admission } from "../../components/admission";
import type { Cluster } from "../../components/cluster";
import { GroupRbac } from "../../components/groupRbac";
import { NetworkPolicies } from "../../components/networkPolicy";
import { PlatformNamespaces } from "../../components/platform";
import { Tenants } from "../../components/tenants";
import { rules } from "../../policy/rules";
import { judge, judgeStack } from "../policy/judge";
import { record, subscription } from "./recordedProgram";
import { tenant } from "./tenant";

const group = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
const site = { prefix: "mainstay-prod", location: "westeurope", zones: ["1"], tags: {}, ...subscription };
const ranges = { addressSpace: "10.72.0.0/18", podCidr: "10.244.0.0/16", serviceCidr: "10.0.0.0/16" };

/** Between them they ask for everything that settings let a tenant have. */
const tenants = [
    tenant("shop", {
        namespaces: ["shop", "shop-jobs"],
        groups: {
            administrators: [group(11)],
            developers: [group(12)],
            viewers: [group(13)],
            secretReaders: [group(14)],
        },
        exec: true,
        calls: [{ tenant: "payments", ports: [8080] }],
        ingress: true,
        api: true,
        egress: {
            ranges: [
                { cidr: "0.0.0.0/0", except: [], ports: [] },
                { cidr: "203.0.113.0/24", except: [], ports: [443] },
            ],
            names: [{ name: "*.example.com", ports: [443] }],
        },
        podSecurity: [{ namespace: "shop-jobs", level: "privileged", reason: "a scanner", expires: "9999-12-31" }],
    }),
    tenant("payments", { calledBy: [{ tenant: "shop", ports: [], oneSided: true }] }),
];

describe("policy: the project's own objects", function () {
    this.timeout(20_000);

    for (const apiServers of ["nodes", "outside"] as const) {
        it(`pass, where API servers are ${apiServers}, and are what the rules on clusters judge`, async () => {
            const { recording } = await record(() => {
                const seen: Partial<Cluster> = {
                    onCluster: {},
                    ready: [],
                    apiServers,
                    systemNamespaces: ["kube-system"],
                };
                const cluster = seen as Cluster;
                const platform = new PlatformNamespaces("platform", { cluster });
                const made = new Tenants("tenants", { cluster, tenants });
                new GroupRbac("access", {
                    ...site,
                    cluster,
                    tenants: made,
                    platform,
                    groups: {
                        administrators: [group(1)],
                        operators: [group(2)],
                        onCall: [group(3)],
                        auditors: [group(4)],
                    },
                });
                new NetworkPolicies("network-policies", { ...ranges, cluster, tenants: made, platform });
                new Admission("admission", { cluster, registries: ["mcr.microsoft.com"] });
            });
            const objects = recording.resources.map(({ type, name, inputs }) => ({ type, name, props: inputs }));
            const evidence = new Set<string>();
            for (const { name: rule, scope } of rules) {
                if (scope === "stack") {
                    const { outcome, findings } = judgeStack(rule, objects);
                    assert.deepEqual(findings, [], rule);
                    assert.notEqual(outcome, "undecided", rule);
                    if (outcome === "passed") evidence.add(rule);
                    continue;
                }
                for (const { type, name, props } of objects) {
                    const { outcome, findings } = judge(rule, type, props);
                    assert.ok(
                        outcome === "passed" || outcome === "not concerned",
                        `${name}: ${outcome} by ${rule} ${findings[0]?.message}`,
                    );
                    if (outcome === "passed") evidence.add(rule);
                }
            }
            for (const rule of [
                "bindings-for-groups",
                "bindings-for-named-groups",
                "roles-do-not-escalate",
                "secrets-not-cluster-wide",
                "default-account-tokens-unmounted",
                "namespaces-deny-by-default",
                "network-policies-name-callers",
                "metadata-service-closed",
                "namespaces-restricted",
                "quotas-with-limit-ranges",
            ]) {
                assert.ok(evidence.has(rule), `${rule} judged nothing`);
            }
        });
    }
});

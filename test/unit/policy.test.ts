import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { format, resolveConfig } from "prettier";
import { catalogue, documentation } from "../../policy/selfDescription";
import { rules } from "../../policy/rules";
import { isWide } from "../../policy/addressRanges";
import { breaches } from "../policy/breaches";
import { goodProgram } from "../policy/goodProgram";
import { judge, judgeStack, UNKNOWN, type StackResource } from "../policy/judge";
import type { Properties } from "../policy/program";

const CLUSTER = "azure-native:containerservice:ManagedCluster";
const POOL = "azure-native:containerservice:AgentPool";
const GROUP = "azure-native:network:NetworkSecurityGroup";
const RULE = "azure-native:network:SecurityRule";
const SUBNET = "azure-native:network:Subnet";
const BINDING = "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding";
const folder = join(__dirname, "..", "..", "policy");

/** The good program's cluster, changed. */
function cluster(change: (props: Properties) => void = () => {}): Properties {
    const { props } = structuredClone(goodProgram.find(({ name }) => name === "cluster")!);
    change(props);
    return props;
}

describe("policy: a rule", () => {
    it("is not concerned by resources of other kinds, so that they are no evidence", () => {
        for (const rule of rules.filter((rule) => rule.scope === "resource")) {
            const { outcome } = judge(rule.name, "kubernetes:core/v1:ConfigMap", { data: UNKNOWN });
            assert.equal(outcome, "not concerned", rule.name);
        }
    });

    it("of one resource finds what the engine finds", () => {
        for (const { rule, of, breaks, offender } of breaches) {
            if (offender || rules.find(({ name }) => name === rule)!.scope === "stack") continue;
            const { type, props } = structuredClone(goodProgram.find(({ name }) => name === of)!);
            assert.notEqual(judge(rule, type, props).outcome, "refused", `${rule} before`);
            breaks(props);
            assert.equal(judge(rule, type, props).outcome, "refused", rule);
        }
    });

    it("is not made undecided by a value that it need not know", () => {
        const onlyLater = cluster((props) => {
            props.apiServerAccessProfile.privateDNSZone = UNKNOWN;
            props.agentPoolProfiles[0].vnetSubnetID = UNKNOWN;
            props.resourceGroupName = UNKNOWN;
            props.aadProfile.adminGroupObjectIDs = [UNKNOWN];
            props.identity = UNKNOWN;
        });
        for (const rule of rules.filter((rule) => rule.scope === "resource")) {
            const { outcome } = judge(rule.name, CLUSTER, onlyLater);
            assert.ok(outcome === "passed" || outcome === "not concerned", `${rule.name}: ${outcome}`);
        }
    });

    it("leaves open what it must know and cannot", () => {
        const props = cluster((props) => (props.disableLocalAccounts = UNKNOWN));
        assert.equal(judge("local-accounts-disabled", CLUSTER, props).outcome, "undecided");
    });

    it("reports what is certain although something else is unknown", () => {
        const props = cluster((props) => {
            props.agentPoolProfiles.unshift({ name: "first", mode: UNKNOWN });
            props.agentPoolProfiles[1].nodeTaints = [];
        });
        const { outcome, isOpen, findings } = judge("system-pool-tainted", CLUSTER, props);
        assert.equal(outcome, "refused");
        assert.ok(isOpen);
        assert.match(findings[0].message, /agentPoolProfiles\[1\]\.nodeTaints/);
    });

    it("reports everything that it refuses in a resource at once, each with its path", () => {
        const props = cluster((props) => {
            props.aadProfile = {};
            props.enableRBAC = false;
        });
        const { findings } = judge("entra-admin-groups", CLUSTER, props);
        assert.equal(findings.length, 1);
        for (const path of ["aadProfile.managed", "aadProfile.adminGroupObjectIDs", "enableRBAC"]) {
            assert.ok(findings[0].message.includes(`it, ${path}: given`), path);
        }
    });

    it("repeats no value that may be a secret", () => {
        const secret = "hunter2-hunter2";
        const texts = [
            judge("required-tags", "azure-native:resources:ResourceGroup", { tags: { team: secret } }),
            judge("bindings-for-groups", BINDING, { subjects: [{ kind: "User", name: secret }] }),
            judge(
                "entra-admin-groups",
                CLUSTER,
                cluster((props) => (props.aadProfile = { serverAppSecret: secret })),
            ),
        ].flatMap(({ findings }) => findings.map(({ message }) => message));
        assert.equal(texts.length, 3);
        for (const text of texts) assert.ok(!text.includes(secret), text);
    });
});

describe("policy: judged API versions", () => {
    const refused = (type: string) => judge("judged-api-versions", type, {}).outcome === "refused";

    it("refuses the kinds that rules concern under another version's name", () => {
        assert.ok(refused("azure-native:containerservice/v20240901:ManagedCluster"));
        assert.ok(refused("azure-native:containerservice/v20240402preview:AgentPool"));
        assert.ok(refused("azure-native_network_v20240501:network:Subnet"));
        assert.ok(refused("kubernetes:rbac.authorization.k8s.io/v1beta1:RoleBinding"));
        assert.ok(refused("kubernetes:rbac.authorization.k8s.io/v1alpha1:ClusterRoleBindingPatch"));
        assert.ok(refused("kubernetes:v1:Pod"));
    });

    it("refuses lists of the kinds that rules concern", () => {
        assert.ok(refused("kubernetes:rbac.authorization.k8s.io/v1:RoleBindingList"));
        assert.ok(refused("kubernetes:core/v1:PodList"));
        assert.ok(!refused("kubernetes:core/v1:ConfigMapList"));
    });

    it("leaves others alone", () => {
        assert.ok(!refused(CLUSTER));
        assert.ok(!refused("azure-native:cache/v20240301:Redis"));
        assert.ok(!refused("kubernetes:storage.k8s.io/v1beta1:StorageClass"));
    });
});

describe("policy: who may reach what", () => {
    it("an unknown range among those that reach the API server leaves just their width open", () => {
        const props = cluster((props) => {
            props.apiServerAccessProfile = { authorizedIPRanges: ["203.0.113.0/24", UNKNOWN] };
        });
        assert.equal(judge("api-server-reach", CLUSTER, props).outcome, "passed");
        assert.equal(judge("api-server-ranges-narrow", CLUSTER, props).outcome, "undecided");
    });

    it("a range is wide when it holds strangers", () => {
        fc.assert(
            fc.property(fc.ipV4(), fc.integer({ min: 0, max: 32 }), (address, length) => {
                assert.equal(isWide(`${address}/${length}`), length < 8);
            }),
        );
        assert.ok(isWide("::/0"));
        assert.ok(!isWide("203.0.113.7"));
    });

    it("a rule that opens harmless ports is settled before its addresses are known", () => {
        const rule = { direction: "Inbound", access: "Allow", protocol: "Tcp", sourceAddressPrefix: UNKNOWN };
        assert.equal(judge("no-open-ports", RULE, { ...rule, destinationPortRange: "443" }).outcome, "passed");
        assert.equal(judge("no-open-ports", RULE, { ...rule, destinationPortRange: "22" }).outcome, "undecided");
    });

    it("a port range is open to strangers exactly if a port of administration lies in it", () => {
        const closed = [22, 3389, 6443, 2379, 2380, 10250];
        const port = fc.oneof(fc.integer({ min: 0, max: 65535 }), fc.constantFrom(...closed, 21, 23, 2381));
        fc.assert(
            fc.property(port, port, (a, b) => {
                const [first, last] = a < b ? [a, b] : [b, a];
                const { outcome } = judge("no-open-ports", RULE, {
                    direction: "Inbound",
                    access: "Allow",
                    protocol: "Tcp",
                    sourceAddressPrefix: "Internet",
                    destinationPortRanges: ["80", `${first}-${last}`],
                });
                const isOpen = closed.some((port) => first <= port && port <= last);
                assert.equal(outcome, isOpen ? "refused" : "passed");
            }),
        );
    });

    it("every inbound rule of a group is judged, outbound and denying ones are not", () => {
        const open = { protocol: "*", sourceAddressPrefix: "*", destinationPortRange: "*" };
        const { findings } = judge("no-open-ports", GROUP, {
            securityRules: [
                { ...open, direction: "Outbound", access: "Allow" },
                { ...open, direction: "Inbound", access: "Deny" },
                { ...open, direction: "Inbound", access: "Allow" },
                { ...open, direction: "Inbound", access: "Allow", protocol: "Tcp", destinationPortRange: "6443" },
            ],
        });
        assert.match(findings[0].message, /securityRules\[2\].*every port[^]*securityRules\[3\].*6443/);
    });

    it("a subnet's group counts before its ID is known", () => {
        assert.equal(judge("subnets-guarded", SUBNET, { networkSecurityGroup: { id: UNKNOWN } }).outcome, "passed");
        assert.equal(judge("subnets-guarded", SUBNET, { networkSecurityGroup: UNKNOWN }).outcome, "undecided");
        assert.equal(judge("subnets-guarded", SUBNET, { networkSecurityGroup: {} }).outcome, "refused");
    });
});

describe("policy: over the whole stack", () => {
    const pool = (name: string, zone: string, of: string): StackResource => ({
        type: POOL,
        name,
        props: { resourceName: UNKNOWN, availabilityZones: [zone] },
        refersTo: { resourceName: of },
    });

    it("pools count for the cluster that they name, though names are unknown", () => {
        const { findings, isOpen } = judgeStack("user-pools-cover-zones", [
            { type: CLUSTER, name: "one" },
            { type: CLUSTER, name: "two" },
            ...["1", "2", "3"].map((zone) => pool(`one-${zone}`, zone, "one")),
            ...["1", "2"].map((zone) => pool(`two-${zone}`, zone, "two")),
        ]);
        assert.deepEqual(
            findings.map(({ name }) => name),
            ["two"],
        );
        assert.ok(!isOpen);
    });

    it("pools that name their cluster in words count for it", () => {
        const named = (zone: string): StackResource => ({
            type: POOL,
            name: `pool-${zone}`,
            props: { resourceName: "aks", availabilityZones: [zone] },
        });
        const aks = { type: CLUSTER, name: "cluster", props: { resourceName: "aks" } };
        assert.equal(judgeStack("user-pools-cover-zones", [aks, ...["1", "2", "3"].map(named)]).outcome, "passed");
        assert.equal(judgeStack("user-pools-cover-zones", [aks, ...["1", "2"].map(named)]).outcome, "refused");
    });

    it("a region with fewer zones is a setting", () => {
        const stack = [{ type: CLUSTER, name: "one" }, pool("a", "1", "one"), pool("b", "2", "one")];
        assert.equal(judgeStack("user-pools-cover-zones", stack).outcome, "refused");
        assert.equal(judgeStack("user-pools-cover-zones", stack, { minimumZones: 2 }).outcome, "passed");
    });

    it("a cluster without user pools gives no evidence of zones", () => {
        assert.equal(judgeStack("user-pools-cover-zones", [{ type: CLUSTER, name: "one" }]).outcome, "not concerned");
    });

    it("a window of another cluster does not count", () => {
        const window = {
            type: "azure-native:containerservice:MaintenanceConfiguration",
            name: "window",
            props: { resourceName: UNKNOWN, configName: "aksManagedNodeOSUpgradeSchedule", maintenanceWindow: {} },
            refersTo: { resourceName: "two" },
        };
        const { findings } = judgeStack("maintenance-windows", [
            { type: CLUSTER, name: "one" },
            { type: CLUSTER, name: "two" },
            window,
        ]);
        assert.deepEqual(
            findings.map(({ name }) => name),
            ["one"],
        );
    });

    it("a NAT gateway that stands in all zones by itself serves them all", () => {
        const nat = (name: string): StackResource[] => [
            { type: "azure-native:network:NatGateway", name: "nat", props: { sku: { name }, zones: ["1"] } },
            { type: CLUSTER, name: "one", props: { agentPoolProfiles: [{ availabilityZones: ["1", "2"] }] } },
        ];
        assert.equal(judgeStack("egress-in-each-zone", nat("Standard")).outcome, "refused");
        assert.equal(judgeStack("egress-in-each-zone", nat("StandardV2")).outcome, "passed");
    });
});

describe("policy: the catalogue", () => {
    it("on disk is what the rules say, as is the documentation (`npm run build` in policy/ writes both)", async () => {
        const written: unknown = JSON.parse(readFileSync(join(folder, "catalogue.json"), "utf8"));
        assert.deepEqual(written, JSON.parse(JSON.stringify(catalogue)));
        const file = join(folder, "..", "docs", "policies.md");
        const options = { ...(await resolveConfig(file)), filepath: file };
        assert.equal(readFileSync(file, "utf8"), await format(documentation, options));
    });

    it("names each rule once, in kebab-case, with all that people need", () => {
        assert.equal(new Set(rules.map(({ name }) => name)).size, rules.length);
        for (const { name, title, why, mend } of rules) {
            assert.match(name, /^[a-z]+(-[a-z]+)*$/);
            for (const text of [title, why, mend]) assert.ok(text.length > 10, `${name}: ${text}`);
        }
    });

    it("says of each item what is not judged yet", () => {
        const items = new Map(catalogue.items.map((item) => [item.item, item]));
        assert.equal(items.get("Velero")?.awaits, "everything");
        assert.equal(items.get("access by group from Entra ID, never by user")?.awaits, undefined);
    });
});

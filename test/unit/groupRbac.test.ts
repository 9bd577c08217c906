import assert from "node:assert/strict";
import fc from "fast-check";
import type { Cluster } from "../../components/cluster";
import { GroupRbac, type PlatformGroups } from "../../components/groupRbac";
import { allGroups, clusterBindings, platformBindings, tenantBindings } from "../../components/groupRbac/bindings";
import { policyRules, splitResource } from "../../components/groupRbac/role";
import { roles } from "../../components/groupRbac/roles";
import { PlatformNamespaces } from "../../components/platform";
import { ROLES } from "../../components/identity";
import { type Tenant, Tenants } from "../../components/tenants";
import { record, subscription } from "./recordedProgram";

const site = {
    prefix: "mainstay-prod",
    location: "westeurope",
    zones: ["1"],
    tags: { owner: "platform" },
    ...subscription,
};
const clusterId = `/subscriptions/${subscription.subscriptionId}/resourceGroups/c/providers/Microsoft.ContainerService/managedClusters/c`;

const group = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;

const platformGroups: PlatformGroups = {
    administrators: [group(1)],
    operators: [group(2)],
    onCall: [group(3)],
    auditors: [group(4)],
};

const tenant = (name: string, first: number, more: Partial<Tenant> = {}): Tenant => ({
    name,
    namespaces: [name],
    groups: {
        administrators: [group(first)],
        developers: [group(first + 1)],
        viewers: [group(first + 2)],
        secretReaders: [group(first + 3)],
    },
    exec: false,
    quota: { cpu: "20", memory: "64Gi", pods: 100, storage: "200Gi", loadBalancers: 0 },
    calls: [],
    calledBy: [],
    forbids: [],
    ingress: false,
    api: false,
    egress: { ranges: [], names: [] },
    podSecurity: [],
    ...more,
});

function build(tenants: Tenant[], groups = platformGroups, entrance?: Cluster["entrance"]) {
    return record(() => {
        const cluster = { onCluster: {}, entrance } as Cluster;
        const made = new Tenants("tenants", { cluster, tenants });
        const platform = new PlatformNamespaces("platform", { cluster });
        new GroupRbac("access", { ...site, cluster, tenants: made, platform, groups });
    });
}

const CLUSTER_BINDING = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding";
const BINDING = "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding";
const ROLE = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole";
const ASSIGNMENT = "azure-native:authorization:RoleAssignment";

const names = (bindings: { name: string }[]) => bindings.map(({ name }) => name.replace("mainstay:", "")).sort();

describe("access by group", () => {
    it("binds each role once in a namespace, to all of its groups and to nobody by name", async () => {
        const { recording } = await build([
            tenant("shop", 10, { namespaces: ["shop", "shop-jobs"] }),
            tenant("payments", 20, { exec: true }),
        ]);
        const bindings = [...recording.ofType(BINDING), ...recording.ofType(CLUSTER_BINDING)];
        const places = bindings.map(({ inputs }) => `${inputs.metadata.namespace}/${inputs.metadata.name}`);
        assert.equal(new Set(places).size, places.length);
        for (const { inputs, name, dependsOn } of bindings) {
            assert.ok(inputs.subjects.length > 0, name);
            for (const { kind } of inputs.subjects) assert.equal(kind, "Group", name);
            const role = recording.ofType(ROLE).find((one) => one.inputs.metadata.name === inputs.roleRef.name);
            if (inputs.roleRef.name !== "cluster-admin") assert.ok(role && dependsOn.includes(role.name), name);
        }
        const inShop = bindings.filter(({ inputs }) => inputs.metadata.namespace === "shop-jobs");
        assert.deepEqual(names(inShop.map(({ inputs }) => inputs.metadata)), [
            "developers",
            "on-call",
            "secret-readers",
            "tenant-administrators",
            "viewers",
        ]);
        for (const { dependsOn, name } of inShop) assert.ok(dependsOn.includes("tenants-shop-jobs"), name);
        assert.deepEqual(recording.one("access-payments-debuggers").inputs.subjects[0].name, group(21));
    });

    it("gives everything to the administrators and to nobody else", async () => {
        const { recording } = await build([tenant("shop", 10)]);
        const everything = [...recording.ofType(BINDING), ...recording.ofType(CLUSTER_BINDING)].filter(
            ({ inputs }) => !/^mainstay:/.test(inputs.roleRef.name),
        );
        assert.deepEqual(
            everything.map(({ inputs }) => [inputs.metadata.name, inputs.roleRef.name, inputs.subjects[0].name]),
            [["mainstay:administrators", "cluster-admin", group(1)]],
        );
    });

    it("makes no binding without a group, whatever is left out", () => {
        const some = fc.uniqueArray(fc.integer({ min: 1, max: 6 }).map(group), { maxLength: 3 });
        fc.assert(
            fc.property(
                fc.record({ administrators: some, developers: some, viewers: some, secretReaders: some }),
                fc.record({ administrators: some, operators: some, onCall: some, auditors: some }),
                fc.boolean(),
                (groups, platform, exec) => {
                    const bindings = [
                        ...clusterBindings(platform),
                        ...platformBindings(platform),
                        ...tenantBindings({ groups, exec }, platform),
                    ];
                    for (const { groups } of bindings) {
                        assert.ok(groups.length > 0);
                        assert.equal(new Set(groups).size, groups.length);
                    }
                    const bound = new Set(bindings.flatMap(({ groups }) => groups));
                    assert.deepEqual(allGroups(platform, [{ groups }]), [...bound].sort());
                },
            ),
        );
    });

    it("lets those change Secrets in place who deliver and read them, and no group that does one of both", () => {
        const groups = {
            administrators: [group(1)],
            developers: [group(2), group(3)],
            viewers: [group(4)],
            secretReaders: [group(3), group(4)],
        };
        const keepers = tenantBindings({ groups, exec: false }, platformGroups).find(
            ({ name }) => name === "mainstay:secret-keepers",
        );
        assert.deepEqual(keepers?.groups, [group(3)]);
    });

    it("opens the way to a managed cluster for each group once, and asks nothing of Azure where there is none", async () => {
        const twice = tenant("shop", 10);
        const tenants = [twice, { ...tenant("payments", 20), groups: { ...twice.groups, viewers: [group(1)] } }];
        const entrance = {
            role: "Azure Kubernetes Service Cluster User Role",
            scope: clusterId,
            on: "cluster",
        } as const;
        const { recording } = await build(tenants, platformGroups, entrance);
        const assignments = recording.ofType(ASSIGNMENT).map(({ inputs }) => inputs);
        const groups = assignments.map(({ principalId }) => principalId);
        assert.deepEqual(groups.sort(), [1, 2, 3, 4, 10, 11, 12, 13].map(group));
        assert.equal(new Set(assignments.map(({ roleAssignmentName }) => roleAssignmentName)).size, groups.length);
        for (const { principalType, scope, roleDefinitionId } of assignments) {
            assert.equal(principalType, "Group");
            assert.equal(scope, clusterId);
            assert.ok(roleDefinitionId.endsWith(ROLES["Azure Kubernetes Service Cluster User Role"]));
        }
        const again = await build([...tenants].reverse(), platformGroups, entrance);
        assert.deepEqual(
            again.recording
                .ofType(ASSIGNMENT)
                .map(({ inputs }) => inputs.roleAssignmentName)
                .sort(),
            assignments.map(({ roleAssignmentName }) => roleAssignmentName).sort(),
        );
        const without = await build(tenants);
        assert.deepEqual(without.recording.ofType(ASSIGNMENT), []);
    });
});

describe("the platform's roles", () => {
    const rights = roles.flatMap((role) =>
        role.rules.flatMap(({ resources, verbs }) =>
            resources.flatMap((resource) => verbs.map((verb) => ({ role: role.name, resource, verb }))),
        ),
    );
    const who = (test: (right: { resource: string; verb: string }) => boolean) => [
        ...new Set(rights.filter(test).map(({ role }) => role.replace("mainstay:", ""))),
    ];

    it("name every verb and every kind: none grows with what the cluster will have one day", () => {
        for (const { role, resource, verb } of rights)
            assert.ok(!`${resource}${verb}`.includes("*"), `${role} ${resource}`);
        for (const role of roles) for (const rule of policyRules(role)) assert.equal("aggregationRule" in rule, false);
    });

    it("say of every rule what it is for", () => {
        for (const { name, describes, rules } of roles) {
            assert.match(describes, /\.$/, name);
            for (const { why } of rules) assert.match(why, /^.{10,}\.$/, name);
        }
    });

    it("hold no way to more rights than one has", () => {
        const forbidden =
            /^(secrets|pods\/proxy|services\/proxy|nodes\/proxy|serviceaccounts\/token|certificatesigningrequests.*\/approval|.*rbac\.authorization.*|.*admissionregistration.*|.*webhook.*|namespaces|resourcequotas|limitranges|.*networkpolicies.*|endpoints.*)$/;
        const read = ["get", "list", "watch"];
        assert.deepEqual(
            who(({ resource, verb }) => forbidden.test(resource) && !read.includes(verb)),
            ["developer", "tenant-administrator", "secret-keeper"], // of Secrets, without reading them: below
        );
        assert.deepEqual(
            who(({ resource }) => /\/(proxy|token|approval)$/.test(resource)),
            [],
        );
        assert.deepEqual(
            who(
                ({ resource, verb }) =>
                    resource === "secrets" && (read.includes(verb) || verb === "patch" || verb === "delete"),
            ),
            ["secret-reader", "secret-keeper"],
        );
    });

    it("translate kubectl's names", () => {
        assert.deepEqual(splitResource("pods"), { apiGroup: "", resource: "pods" });
        assert.deepEqual(splitResource("pods/log"), { apiGroup: "", resource: "pods/log" });
        assert.deepEqual(splitResource("deployments.apps/scale"), { apiGroup: "apps", resource: "deployments/scale" });
        assert.deepEqual(splitResource("roles.rbac.authorization.k8s.io"), {
            apiGroup: "rbac.authorization.k8s.io",
            resource: "roles",
        });
    });
});

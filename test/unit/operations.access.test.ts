import assert from "node:assert/strict";
import { audit, type Binding, type Subject } from "../../operations/accessAudit";
import { mendCommand, reportText } from "../../operations/accessReport";

const apiGroup = "rbac.authorization.k8s.io";
const group = "aaaaaaaa-0000-4000-8000-000000000001";
const user = (name: string): Subject => ({ kind: "User", apiGroup, name });
const groupOf = (name: string): Subject => ({ kind: "Group", apiGroup, name });
const account = (name: string, namespace = "shop"): Subject => ({ kind: "ServiceAccount", name, namespace });
const binding = (name: string, subjects: Subject[] | undefined, namespace?: string): Binding => ({
    kind: namespace === undefined ? "ClusterRoleBinding" : "RoleBinding",
    metadata: { name, namespace },
    roleRef: { kind: "ClusterRole", name: "edit" },
    subjects,
});
const wrongOf = (...subjects: Subject[]) =>
    audit([binding("b", subjects, "shop")], []).findings.flatMap(({ found }) => found.map(({ wrong }) => wrong));

describe("an audit of who has rights in a cluster", () => {
    it("finds nothing wrong with groups by object ID, programs' own accounts and Kubernetes' own names", () => {
        const subjects = [
            groupOf(group),
            groupOf(group.toUpperCase()),
            account("shop-operator"),
            user("system:kube-scheduler"),
            user("system:serviceaccount:shop:operator"),
            groupOf("system:masters"),
            groupOf("system:nodes"),
        ];
        assert.deepEqual(wrongOf(...subjects), []);
        assert.deepEqual(audit([binding("empty", undefined)], []), { looked: 1, findings: [], azures: [] });
    });

    for (const [subject, wrong] of [
        [user("alice@example.com"), "user"],
        [user(`entra:${group}`), "user"],
        [user(group), "user"],
        [groupOf("developers"), "groupByName"],
        [groupOf(`${group} `), "groupByName"],
        [groupOf("system:authenticated"), "everyone"],
        [groupOf("system:unauthenticated"), "unnamed"],
        [user("system:anonymous"), "unnamed"],
        [groupOf("system:serviceaccounts"), "everyAccount"],
        [groupOf("system:serviceaccounts:shop"), "everyAccount"],
        [account("default"), "defaultAccount"],
        [user("system:serviceaccount:shop:default"), "defaultAccount"],
    ] as const)
        it(`finds ${subject.kind} ${JSON.stringify(subject.name)}`, () => assert.deepEqual(wrongOf(subject), [wrong]));

    it("knows Kubernetes' and kubeadm's own bindings by binding and subject, so that one who was added is found", () => {
        const own = [
            binding("system:discovery", [groupOf("system:authenticated")]),
            binding("system:public-info-viewer", [groupOf("system:authenticated"), groupOf("system:unauthenticated")]),
            binding("kubeadm:bootstrap-signer-clusterinfo", [user("system:anonymous")], "kube-public"),
        ];
        assert.deepEqual(audit(own, []).findings, []);
        const labels = { "kubernetes.io/bootstrapping": "rbac-defaults" };
        const changed = [
            { ...binding("cluster-admin", [groupOf("system:masters"), user("mallory")]), labels },
            binding("system:discovery", [groupOf("system:unauthenticated")]),
            binding("kubeadm:bootstrap-signer-clusterinfo", [user("system:anonymous")], "shop"),
        ];
        assert.equal(audit(changed, []).findings.length, 3);
    });

    it("leaves what Azure puts into every AKS cluster alone, and says so", () => {
        const azures = binding("aks-cluster-admin-binding", [user("clusterAdmin"), user("alice@example.com")]);
        const result = audit([azures], []);
        assert.deepEqual(
            result.findings.flatMap(({ found }) => found.map(({ subject }) => subject.name)),
            ["alice@example.com"],
        );
        assert.match(reportText(result, ["kubectl"]), /left alone, .* User clusterAdmin/);
        assert.equal(audit([binding("mine", [user("clusterAdmin")])], []).findings.length, 1, "in another binding");
    });

    it("puts one group in the place of people, an account of its own in that of a default one, and nobody in that of the unnamed", () => {
        const instead = (...subjects: Subject[]) => audit([binding("b", subjects, "shop")], []).findings[0].instead;
        const placeholder = groupOf("GROUP_OBJECT_ID");
        assert.deepEqual(instead(user("a"), groupOf(group), user("b"), groupOf("named")), [
            placeholder,
            groupOf(group),
        ]);
        assert.deepEqual(instead(account("default", "web")), [account("SERVICE_ACCOUNT", "web")]);
        assert.deepEqual(instead(groupOf("system:serviceaccounts:web")), [account("SERVICE_ACCOUNT", "web")]);
        assert.deepEqual(instead(user("system:serviceaccount:web:default")), [account("SERVICE_ACCOUNT", "web")]);
        assert.deepEqual(instead(groupOf("system:serviceaccounts")), [account("SERVICE_ACCOUNT", "shop")]);
        assert.deepEqual(instead(groupOf("system:unauthenticated")), []);
    });

    it("writes commands that a shell takes as they are, whatever the names", () => {
        const [finding] = audit(
            [binding("it's $HOME", [user("o'brien@example.com"), account("x")], "shop")],
            [],
        ).findings;
        const command = mendCommand(finding);
        assert.match(command, /^kubectl patch rolebinding 'it'\\''s \$HOME' --namespace shop --type merge --patch '\{/);
        const [gone] = audit([binding("open", [user("system:anonymous")])], []).findings;
        assert.equal(
            mendCommand(gone, ["kubectl", "--context", "prod"]),
            "kubectl --context prod delete clusterrolebinding open",
        );
        assert.match(
            reportText(audit([binding("b", [user("o'brien@example.com")])], []), ["kubectl"]),
            /az ad user get-member-groups --id 'o'\\''brien@example\.com'/,
        );
    });

    it("names what reaches furthest first, the tenant's setting, and who would put the binding back", () => {
        const managed = binding("b", [user("alice@example.com")], "shop");
        managed.metadata.labels = { "app.kubernetes.io/managed-by": "Helm" };
        const wide = binding("z", [user("bob@example.com")]);
        const widest = {
            ...binding("zz", [user("eve@example.com")]),
            roleRef: { kind: "ClusterRole", name: "cluster-admin" },
        };
        const shop = { metadata: { name: "shop", labels: { "mainstay.io/tenant": "retail" } } };
        const result = audit([managed, wide, widest], [shop]);
        assert.deepEqual(
            result.findings.map(({ binding: { metadata } }) => metadata.name),
            ["zz", "z", "b"],
        );
        const text = reportText(result, ["kubectl"]);
        assert.match(text, /^3 bindings give rights/);
        assert.match(text, /Helm manages the binding/);
        assert.match(
            text,
            /name the group in mainstay:tenants, retail\.groups and: kubectl delete rolebinding b --namespace shop/,
        );
        assert.match(text, /name the group in mainstay:access\.groups and: kubectl delete clusterrolebinding zz/);
    });
});

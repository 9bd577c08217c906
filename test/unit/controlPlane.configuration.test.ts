import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { parse, parseAllDocuments } from "yaml";
import {
    controlPlaneFiles,
    discoveryDocument,
    encryptionConfiguration,
    forbiddenNodeLabels,
    jwksUri,
    workerFiles,
    type WorkerPool,
} from "../../components/controlPlane/configuration";
import { reservedMebibytes, reservedMillicores } from "../../components/controlPlane/configuration/kubelet";
import { samplePlan } from "./controlPlane.plan";

const documentsOf = (text: string) => parseAllDocuments(text).map((document) => document.toJS());
const ofKind = (text: string, kind: string) => documentsOf(text).find((document) => document.kind === kind);
const flagsOf = (list: { name: string; value: string }[]) =>
    Object.fromEntries(list.map(({ name, value }) => [name, value]));

describe("the control plane's configuration", () => {
    const plan = samplePlan();

    it("says the same of the cluster on every machine, whichever comes first", () => {
        const shared = samplePlan({}, 5).machines.map((machine) => {
            const text = controlPlaneFiles(samplePlan({}, 5), machine)["kubernetes/kubeadm-init.yaml"];
            return JSON.stringify([ofKind(text, "ClusterConfiguration"), ofKind(text, "KubeletConfiguration")]);
        });
        assert.equal(new Set(shared).size, 1);
        // A fourth and fifth machine change nothing of it either: no certificate is made anew when a cluster grows.
        const text = controlPlaneFiles(plan, plan.machines[0])["kubernetes/kubeadm-init.yaml"];
        assert.equal(JSON.stringify(documentsOf(text).slice(1)), shared[0]);
    });

    it("gives each machine its own name and address", () => {
        for (const machine of plan.machines) {
            const files = controlPlaneFiles(plan, machine);
            const init = ofKind(files["kubernetes/kubeadm-init.yaml"], "InitConfiguration");
            const join = ofKind(files["kubernetes/kubeadm-join.yaml"], "JoinConfiguration");
            for (const { nodeRegistration } of [init, join]) {
                assert.equal(nodeRegistration.name, machine.name);
                assert.equal(flagsOf(nodeRegistration.kubeletExtraArgs)["node-ip"], machine.address);
            }
            for (const { localAPIEndpoint } of [init, join.controlPlane])
                assert.deepEqual(localAPIEndpoint, { advertiseAddress: machine.address, bindPort: 6443 });
        }
    });

    it("puts every name that clients use into the API server's certificate", () => {
        const namesOf = (publicName?: string) => {
            const text = controlPlaneFiles(samplePlan({ publicName }), plan.machines[0])[
                "kubernetes/kubeadm-init.yaml"
            ];
            return ofKind(text, "ClusterConfiguration").apiServer.certSANs as string[];
        };
        const always = ["api.mainstay-prod.internal", "10.64.0.4", "127.0.0.1"];
        for (const name of always) assert.ok(namesOf().includes(name), name);
        const name = "mainstay-prod.westeurope.cloudapp.azure.com";
        assert.ok(namesOf(name).includes(name));
    });

    it("joins by a file: nobody unnamed could ask for the authority", () => {
        const worker = workerFiles(plan, { name: "general", labels: {}, taints: [], maxPods: 110 });
        const machine = controlPlaneFiles(plan, plan.machines[1]);
        for (const files of [worker, machine])
            assert.deepEqual(parse(files["kubernetes/kubeadm-join.yaml"]).discovery, {
                file: { kubeConfigPath: "/run/mainstay/discovery.conf" },
            });
    });

    it("publishes the issuer that tokens name, and its keys where the document says", () => {
        const text = controlPlaneFiles(plan, plan.machines[0])["kubernetes/kubeadm-init.yaml"];
        const flags = flagsOf(ofKind(text, "ClusterConfiguration").apiServer.extraArgs);
        const document = JSON.parse(discoveryDocument(plan.issuerUrl));
        assert.equal(flags["service-account-issuer"], document.issuer);
        assert.equal(flags["service-account-jwks-uri"], document.jwks_uri);
        assert.equal(document.jwks_uri, jwksUri(plan.issuerUrl));
        assert.equal(
            controlPlaneFiles(plan, plan.machines[0])["issuer/openid-configuration"].trim(),
            JSON.stringify(document),
        );
    });

    it("holds no secret, and no place to put one", () => {
        const text = JSON.stringify(controlPlaneFiles(plan, plan.machines[0]));
        assert.doesNotMatch(text, /PRIVATE KEY|secretbox|"?token"?:|certificateKey/);
    });
});

describe("a pool's files", () => {
    const pool: WorkerPool = {
        name: "general",
        labels: { tier: "web" },
        taints: ["gpu=true:NoSchedule", "batch:NoExecute"],
        maxPods: 60,
    };
    const join = (changes: Partial<WorkerPool> = {}) =>
        parse(workerFiles(samplePlan(), { ...pool, ...changes })["kubernetes/kubeadm-join.yaml"]).nodeRegistration;

    it("carry its labels, and its name as AKS writes it", () => {
        const labels = flagsOf(join().kubeletExtraArgs)["node-labels"].split(",");
        assert.deepEqual(labels.sort(), ["agentpool=general", "tier=web"]);
        // No label can pass for another pool.
        assert.match(
            flagsOf(join({ labels: { agentpool: "system" } }).kubeletExtraArgs)["node-labels"],
            /^agentpool=general$/,
        );
    });

    it("carry its taints", () => {
        assert.deepEqual(join().taints, [
            { key: "gpu", value: "true", effect: "NoSchedule" },
            { key: "batch", effect: "NoExecute" },
        ]);
        assert.deepEqual(join({ taints: [] }).taints, []);
        assert.throws(() => join({ taints: ["gpu=true:Never"] }), /gpu=true:Never.*key=value:NoSchedule/);
    });

    it("name no machine: one file serves them all", () => {
        assert.equal(join().name, undefined);
    });

    it("refuse a label that no kubelet may give itself", () => {
        const labels = { "node-role.kubernetes.io/worker": "", "node-restriction.kubernetes.io/pci": "yes" };
        assert.throws(
            () => join({ labels }),
            /pool general: .*node-role\.kubernetes\.io\/worker, node-restriction\.kubernetes\.io\/pci/,
        );
        const allowed = {
            "topology.kubernetes.io/zone": "1",
            "node.kubernetes.io/anything": "",
            "sub.kubelet.kubernetes.io/x": "",
            "kubernetes.azure.com/scalesetpriority": "spot",
            "notkubernetes.io/x": "",
            plain: "",
        };
        assert.deepEqual(forbiddenNodeLabels(allowed), []);
    });

    it("know a private registry only where one is set", () => {
        const without = workerFiles(samplePlan(), pool);
        assert.equal(without["credential-provider.yaml"], undefined);
        assert.doesNotMatch(without["kubernetes/kubeadm-join.yaml"], /credential/);
        const files = workerFiles(samplePlan(), { ...pool, registry: "mainstay.azurecr.io" });
        const [provider] = parse(files["credential-provider.yaml"]).providers;
        assert.deepEqual(provider.matchImages, ["mainstay.azurecr.io"]);
        const flags = flagsOf(parse(files["kubernetes/kubeadm-join.yaml"]).nodeRegistration.kubeletExtraArgs);
        assert.equal(flags["image-credential-provider-config"], "/etc/kubernetes/mainstay/credential-provider.yaml");
        const [settings] = provider.args;
        assert.ok(files[settings.replace("/etc/mainstay/", "")], "the provider's own settings are in the bundle");
    });

    it("keep back more for more pods and larger machines, and never more than a quarter", () => {
        fc.assert(
            fc.property(fc.integer({ min: 10, max: 250 }), fc.integer({ min: 1, max: 128 }), (maxPods, cores) => {
                const memoryGiB = cores * 4;
                assert.ok(reservedMebibytes(maxPods, memoryGiB) <= (memoryGiB * 1024) / 4);
                assert.ok(reservedMebibytes(maxPods, memoryGiB) <= reservedMebibytes(maxPods + 1, memoryGiB));
                assert.ok(reservedMillicores(cores) <= reservedMillicores(cores + 1));
            }),
        );
        assert.equal(reservedMebibytes(110), 2250);
        assert.equal(reservedMillicores(4), 140);
    });
});

describe("the audit policy", () => {
    interface Rule {
        level: string;
        verbs?: string[];
        users?: string[];
        userGroups?: string[];
        nonResourceURLs?: string[];
        resources?: { group: string; resources?: string[] }[];
    }
    interface Asked {
        verb: string;
        user: string;
        groups: readonly string[];
        group: string;
        resource: string;
    }
    const plan = samplePlan();
    const policy = parse(controlPlaneFiles(plan, plan.machines[0])["kubernetes/files/audit-policy.yaml"]);

    /** As the API server decides: the first rule that fits. */
    const levelOf = (asked: Asked): string => {
        const rule = (policy.rules as Rule[]).find(
            ({ verbs, users, userGroups, resources, nonResourceURLs }) =>
                !nonResourceURLs &&
                (!verbs || verbs.includes(asked.verb)) &&
                (!users || users.includes(asked.user)) &&
                (!userGroups || userGroups.some((group) => asked.groups.includes(group))) &&
                (!resources ||
                    resources.some(
                        ({ group, resources: names }) =>
                            group === asked.group && (!names || names.includes(asked.resource)),
                    )),
        );
        return rule?.level ?? "None";
    };
    const verbs = fc.constantFrom("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection");
    const who = fc.constantFrom(
        { user: "entra:someone", groups: ["33333333-3333-4333-8333-333333333333"] },
        { user: "mainstay-administrator-1", groups: ["kubeadm:cluster-admins"] },
        { user: "system:kube-controller-manager", groups: [] },
        { user: "system:node:a", groups: ["system:nodes"] },
        { user: "system:serviceaccount:kube-system:a", groups: ["system:serviceaccounts:kube-system"] },
    );

    it("never keeps a body of secrets, settings or tokens, whoever does what", () => {
        const secret = fc.constantFrom(
            ["", "secrets"],
            ["", "configmaps"],
            ["", "serviceaccounts/token"],
            ["authentication.k8s.io", "tokenreviews"],
        );
        fc.assert(
            fc.property(verbs, who, secret, (verb, person, [group, resource]) => {
                assert.equal(levelOf({ verb, ...person, group, resource }), "Metadata");
            }),
        );
    });

    it("keeps what was written to roles and policies, whoever wrote it", () => {
        const kept = fc.constantFrom(
            ["rbac.authorization.k8s.io", "clusterrolebindings"],
            ["networking.k8s.io", "networkpolicies"],
            ["admissionregistration.k8s.io", "validatingwebhookconfigurations"],
        );
        fc.assert(
            fc.property(
                fc.constantFrom("create", "update", "patch", "delete"),
                who,
                kept,
                (verb, person, [group, resource]) => {
                    assert.equal(levelOf({ verb, ...person, group, resource }), "RequestResponse");
                },
            ),
        );
    });

    it("keeps a line of everything that a person does", () => {
        const people = { user: "entra:someone", groups: ["33333333-3333-4333-8333-333333333333"] };
        fc.assert(
            fc.property(
                verbs,
                fc.constantFrom(["apps", "deployments"], ["", "pods/exec"], ["", "nodes"]),
                (verb, [group, resource]) => {
                    assert.equal(levelOf({ verb, ...people, group, resource }), "Metadata");
                },
            ),
        );
        const lease = { verb: "update", group: "coordination.k8s.io", resource: "leases" };
        assert.equal(levelOf({ ...lease, user: "system:node:a", groups: ["system:nodes"] }), "None");
        assert.equal(levelOf({ ...lease, ...people }), "Metadata");
    });
});

describe("encryption at rest", () => {
    const key = (name: string, length = 32) => ({ name, secret: Buffer.alloc(length, name).toString("base64") });

    it("encrypts by the first key, reads by all, and takes no plain text", () => {
        const { resources } = parse(encryptionConfiguration([key("key-2"), key("key-1")]));
        assert.deepEqual(resources[0].providers, [{ secretbox: { keys: [key("key-2"), key("key-1")] } }]);
    });

    it("refuses what would not encrypt, and does not repeat the key", () => {
        assert.throws(() => encryptionConfiguration([]), /at least one key/);
        assert.throws(
            () => encryptionConfiguration([key("short", 16)]),
            (error: Error) =>
                /short has 16 bytes; secretbox takes 32/.test(error.message) && !error.message.includes("c2hvcn"),
        );
    });
});

describe("docs/control-plane.md", () => {
    const chapters = readFileSync(join(__dirname, "..", "..", "docs", "control-plane.md"), "utf8").split(/^### /m);
    /** Rows of a chapter's table: what is set, and its value where the table has it literally. */
    const tableOf = (chapter: string) => {
        const text = chapters.find((part) => part.startsWith(`${chapter}\n`)) ?? "";
        return Object.fromEntries(
            [...text.matchAll(/^\| `([^`]+)` *\| (?:`([^`]+)`)?/gm)].map(([, name, value]) => [name, value]),
        );
    };
    const plan = samplePlan();
    const text = controlPlaneFiles(plan, plan.machines[0])["kubernetes/kubeadm-init.yaml"];
    const cluster = ofKind(text, "ClusterConfiguration");
    const { apiVersion: _version, kind: _kind, ...kubelet } = ofKind(text, "KubeletConfiguration");

    for (const [chapter, set] of Object.entries({
        "API server": flagsOf(cluster.apiServer.extraArgs),
        "Controller manager": flagsOf(cluster.controllerManager.extraArgs),
        Scheduler: flagsOf(cluster.scheduler.extraArgs),
        etcd: flagsOf(cluster.etcd.local.extraArgs),
        Kubelets: kubelet as Record<string, unknown>,
    }))
        it(`says what is set of ${chapter}, and nothing else`, () => {
            const table = tableOf(chapter);
            assert.deepEqual(Object.keys(table).sort(), Object.keys(set).sort());
            for (const [name, value] of Object.entries(table))
                if (value !== undefined) assert.equal(value, String(set[name]), name);
        });
});

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { bootMachine } from "../../rehearsal/azure/boot";
import { startControlPlane, stopControlPlane, type ControlPlane } from "../../rehearsal/controlPlane";
import type { KubernetesClient } from "../../rehearsal/kubernetes/client";
import { clientFor } from "../../rehearsal/kubernetes/kubeconfig";
import { toolPath } from "../../rehearsal/toolchain";
import { machineFiles, MachineCloud, makeKeys } from "./machineCloud";

const tree = resolve(__dirname, "../..");
const apiGroup = "rbac.authorization.k8s.io";
const rbac = `/apis/${apiGroup}/v1`;
const group = "aaaaaaaa-0000-4000-8000-000000000001";

interface Ended {
    code: number;
    stdout: string;
    stderr: string;
}

/** A cluster as kubeadm makes it, with its own API server and bindings, and the audit asked as users ask it. */
describe("npm run access -- audit", function () {
    this.timeout(120_000);
    let runFolder: string;
    let plane: ControlPlane;
    let administrator: KubernetesClient;
    const variable = process.env.MAINSTAY_REHEARSAL;

    before(async () => {
        runFolder = await mkdtemp(join(tmpdir(), "mainstay-access-test-"));
        process.env.MAINSTAY_REHEARSAL = runFolder;
        const cloud = new MachineCloud(runFolder);
        const [started, keys] = await Promise.all([startControlPlane(join(runFolder, "cluster")), makeKeys()]);
        plane = started;
        await cloud.common(keys.secrets);
        const vmId = cloud.machine(1, machineFiles(1, {}));
        await bootMachine({ vmId, extensionId: `${vmId}/extensions/boot`, inputs: {}, cloudFolder: cloud.folder });
        administrator = clientFor(plane.kubeconfig);
    });
    after(async () => {
        if (variable === undefined) delete process.env.MAINSTAY_REHEARSAL;
        else process.env.MAINSTAY_REHEARSAL = variable;
        administrator?.close();
        await stopControlPlane(join(runFolder, "cluster"));
        await rm(runFolder, { recursive: true, force: true });
    });

    const run = (program: string, args: string[], env: NodeJS.ProcessEnv = process.env) =>
        new Promise<Ended>((done) =>
            execFile(program, args, { cwd: tree, env }, (error, stdout, stderr) =>
                done({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr }),
            ),
        );
    const access = (...args: string[]) =>
        run(process.execPath, ["-r", "ts-node/register", join(tree, "operations/access.ts"), ...args]);
    const audit = (...args: string[]) => access("audit", "--kubeconfig", plane.kubeconfig, ...args);
    const bind = (name: string, role: string, subjects: object[], namespace?: string) =>
        administrator.request(
            "POST",
            namespace ? `${rbac}/namespaces/${namespace}/rolebindings` : `${rbac}/clusterrolebindings`,
            { body: { metadata: { name }, roleRef: { apiGroup, kind: "ClusterRole", name: role }, subjects } },
        );

    it("finds nothing in a new cluster, and ends with 0", async () => {
        const { code, stdout, stderr } = await audit();
        assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
        assert.match(stdout, /^\d{2,} bindings, and every one that people have rights by names groups of Entra's\.\n$/);
    });

    it("finds whom it should, ends with 1, and what it says to do leaves a cluster in which it finds nothing", async () => {
        const labels = { "mainstay.io/tenant": "shop" };
        await administrator.request("POST", "/api/v1/namespaces", { body: { metadata: { name: "shop", labels } } });
        const kept = { kind: "Group", apiGroup, name: group };
        await bind("alice", "cluster-admin", [{ kind: "User", apiGroup, name: "alice@example.com" }]);
        await bind("it's everyone", "view", [{ kind: "Group", apiGroup, name: "system:authenticated" }], "shop");
        await bind("developers", "edit", [kept, { kind: "Group", apiGroup, name: "developers" }], "shop");
        await bind("pods", "edit", [{ kind: "ServiceAccount", name: "default", namespace: "shop" }], "shop");
        await bind("open", "view", [{ kind: "User", apiGroup, name: "system:anonymous" }], "shop");
        await bind("right", "view", [kept, { kind: "ServiceAccount", name: "own", namespace: "shop" }], "shop");

        const text = await audit();
        assert.deepEqual([text.code, text.stderr], [1, ""]);
        assert.match(text.stdout, /^5 bindings give rights to others than groups of Entra's/);
        assert.match(text.stdout, /1\. ClusterRoleBinding alice → ClusterRole cluster-admin, in the whole cluster/);
        assert.match(text.stdout, /az ad user get-member-groups --id alice@example\.com/);

        const json = await audit("--json");
        assert.equal(json.code, 1);
        const { findings } = JSON.parse(json.stdout) as { findings: { name: string; command: string }[] };
        assert.deepEqual(
            findings.map(({ name }) => name),
            ["alice", "developers", "it's everyone", "open", "pods"],
        );
        const PATH = `${dirname(await toolPath("kubectl"))}:${process.env.PATH}`;
        for (const { command } of findings) {
            assert.ok(text.stdout.includes(command), "people are told the same");
            const filled = command.replaceAll("GROUP_OBJECT_ID", group).replaceAll("SERVICE_ACCOUNT", "own");
            const { code, stderr } = await run("/bin/sh", ["-c", filled], { ...process.env, PATH });
            assert.deepEqual({ code, stderr }, { code: 0, stderr: "" }, filled);
        }
        assert.equal((await audit()).code, 0);
        const { subjects } = await administrator.get(`${rbac}/namespaces/shop/rolebindings/developers`);
        assert.deepEqual(
            subjects.map(({ name }: { name: string }) => name),
            [group, group],
        );
        assert.equal(await administrator.find(`${rbac}/namespaces/shop/rolebindings/open`), undefined);
    });

    it("that cannot look says why and ends with 2, so that nobody takes it for a clean cluster", async () => {
        const [nobody, context, ...misread] = await Promise.all([
            access("audit", "--kubeconfig", join(runFolder, "none")),
            audit("--context", "elsewhere"),
            access("kubeconfig"),
            access("audit", "--fix"),
        ]);
        assert.match(nobody.stderr, /bindings could not be read: .*none/);
        assert.match(context.stderr, /bindings could not be read: .*elsewhere/);
        for (const { stderr } of misread) assert.match(stderr, /npm run access -- audit \[--kubeconfig FILE\]/);
        assert.deepEqual(
            [nobody, context, ...misread].map(({ code, stdout }) => [code, stdout]),
            Array.from({ length: 4 }, () => [2, ""]),
        );
    });
});

import assert from "node:assert/strict";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { Cloud } from "../../rehearsal/azure";
import { type ControlPlane, startControlPlane } from "../../rehearsal/controlPlane";
import { type CommandResult, Rehearsal, readStackConfig, root, temporaryRunFolder } from "../../rehearsal/engine";
import { clientFor } from "../../rehearsal/kubernetes/kubeconfig";
import { rotateSteps, rotating } from "../../operations/steps";
import { secretsIn } from "../secretScan";

/** What nobody else may see of a secret, in pieces. */
function hiddenIn(value: string): string[] {
    const lines = value.split("\n");
    // Certificates and public keys are nobody's secret. A private key holds its public one, too: RSA first, others last.
    let hidden = lines.filter((line) => !/certificate/.test(line));
    if (value.includes("RSA PRIVATE KEY-----")) hidden = lines.slice(Math.floor(lines.length / 2));
    else if (value.includes("PRIVATE KEY-----")) hidden = lines.slice(1, 2);
    else if (value.includes("-----BEGIN")) hidden = [];
    return hidden.flatMap((line) => line.match(/[A-Za-z0-9+/=]{30,}/g) ?? []);
}

/** What a change of settings does to a self-managed environment that is there, on one after another. */
describe("a change of a self-managed staging's settings", function () {
    this.timeout(10 * 60_000);

    let runFolder: string;
    let apiServer: ControlPlane;
    /** What the first update said. */
    let first: string;
    let cluster: any;
    let controlPlane: any;

    before(async () => {
        runFolder = await temporaryRunFolder("self-managed-changes");
        apiServer = await startControlPlane(join(runFolder, "cluster"));
        const foundation = new Rehearsal({ program: join(root, "foundation"), stack: "shared", runFolder });
        await succeeds(foundation.up());
        const config = await readStackConfig(root, "staging");
        cluster = config["mainstay:cluster"];
        controlPlane = config["mainstay:controlPlane"];
        assert.equal(cluster.kind, "selfManaged");
        const up = await succeeds(rehearsal().up());
        assert.deepEqual(Object.keys(up.changes), ["create"]);
        first = up.stdout + up.stderr + JSON.stringify(up.diagnostics);
        await put("kept", { words: "what etcd holds" });
    });
    after(async () => {
        await apiServer?.stop();
        if (runFolder) await rehearsal().remove();
    });

    it("has its secrets in the vault, and nowhere in the clear: not in user data, state, outputs or what was said", async () => {
        const secrets = all()
            .filter(({ id }) => /\/vaults\/[^/]+\/secrets\//i.test(id))
            .map(({ id, inputs }) => ({ id, value: (inputs.properties as { value: string }).value }));
        assert.ok(secrets.length > 10);
        const lines = secrets.flatMap(({ id, value }) => hiddenIn(value).map((line) => ({ id, line })));
        assert.ok(lines.length > 10, "nothing to look for");
        const userData = all().flatMap(({ inputs }) => {
            const profile = inputs.virtualMachineProfile as { userData?: string } | undefined;
            const data = (inputs.userData ?? profile?.userData) as string | undefined;
            return data ? [gunzipSync(Buffer.from(data, "base64")).toString("latin1")] : [];
        });
        assert.ok(userData.length >= 3 + 6);
        const { stdout } = await rehearsal().pulumi(["stack", "output", "--json", "--stack", "staging"]);
        const written = {
            userData: userData.join("\n"),
            state: JSON.stringify(await rehearsal().state()),
            first,
            stdout,
        };
        for (const [where, text] of Object.entries(written)) {
            const found = lines.filter(({ line }) => text.includes(line)).map(({ id }) => id);
            assert.deepEqual(found, [], where);
            if (where !== "state") assert.deepEqual(secretsIn(text), [], where);
        }
    });

    it("to another generation replaces that machine and what is part of it, and keeps its disk and address", async () => {
        const before = made();
        controlPlane.generations = { "2": 2 };
        await previewed();
        const { changes } = await succeeds(rehearsal().up());
        assert.deepEqual(Object.keys(changes).sort(), ["replace", "same"]);
        const machine = "/mainstay-staging-cp-2";
        const anew = [...made()].filter(([id, at]) => before.get(id) !== at).map(([id]) => id);
        assert.ok(anew.some((id) => id.endsWith(`/virtualmachines${machine}`)));
        assert.ok(
            anew.every((id) => id.includes(`/virtualmachines${machine}`) || id.includes(machine)),
            anew.join("\n"),
        );
        assert.ok(!anew.some((id) => /\/disks\/|\/networkinterfaces\//.test(id)));
        await holds("kept");
    });

    it("to two other generations at once is refused in the preview, with the mend, and nothing happens", async () => {
        const before = made();
        const good = controlPlane.generations;
        controlPlane.generations = { "1": 2, "2": 2, "3": 2 };
        const preview = await rehearsal().preview();
        assert.notEqual(preview.exitCode, 0);
        const said = preview.diagnostics.map(({ message }) => message).join("\n");
        assert.match(
            said,
            /2 machines of the control plane would be replaced in one update.*machine 1 \(generation 1 → 2\), machine 3 \(generation 1 → 2\)/,
        );
        assert.match(said, /npm run roll/);
        assert.deepEqual(made(), before);
        controlPlane.generations = good;
    });

    it("to the next minor version replaces nothing: machines and scale sets are told, data stays", async () => {
        cluster.kubernetesVersion = "1.35";
        const { changes } = await succeeds(rehearsal().up());
        assert.deepEqual(Object.keys(changes).sort(), ["same", "update"]);
        await holds("kept");
        await nodesCome((versions) => versions.every((version) => version.startsWith("v1.35.")));
    });

    it("of a pool's maximum changes its scale sets, by whose tags the autoscaler goes, and nothing else", async () => {
        cluster.userPools[0].maxNodesPerZone += 1;
        const preview = await previewed();
        assert.deepEqual(Object.keys(preview.changes).sort(), ["same", "update"]);
        const updated = preview.steps
            .filter(({ op }) => op === "update")
            .map(({ urn }) => urn.split("::").at(-1)!.replace(/\d$/, ""));
        assert.deepEqual([...new Set(updated)], ["cluster-general"]);
        await succeeds(rehearsal().up());
    });

    it("to five machines makes two more, and moves none", async () => {
        const before = made();
        controlPlane.machines = 5;
        const { changes } = await succeeds(rehearsal().up());
        assert.ok(!changes.replace && !changes.delete, JSON.stringify(changes));
        for (const [id, at] of before) assert.equal(made().get(id), at, id);
        await nodesCome((versions) => versions.length === 5 + 6);
        await holds("kept");
    });

    for (const of of rotating) {
        it(`of ${of} takes the cluster through every step of a rotation, and its data with it`, async () => {
            const certificates = { authorities: [1], encryptionKeys: [1], serviceAccountKeys: [1], administrator: 1 };
            controlPlane.certificates ??= certificates;
            for (const { path, value, rewriteSecrets } of rotateSteps(controlPlane, of)) {
                controlPlane.certificates[path[1]] = value;
                await succeeds(rehearsal().up());
                await holds("kept");
                if (rewriteSecrets) await writeSecretsAgain();
            }
            assert.deepEqual(controlPlane.certificates[of], [2]);
        });
    }

    it("to another administrator certificate is taken up at once", async () => {
        controlPlane.certificates.administrator = 2;
        await succeeds(rehearsal().up());
        assert.deepEqual(Object.keys((await succeeds(rehearsal().up())).changes), ["same"]);
    });

    it("to a public API opens it to its ranges; other ranges are other rules, and nothing more", async () => {
        cluster.api = { private: false, authorizedRanges: ["203.0.113.0/24"] };
        await succeeds(rehearsal().up());
        await holds("kept");
        cluster.api.authorizedRanges = ["198.51.100.0/24"];
        const { changes, steps } = await previewed();
        assert.deepEqual(Object.keys(changes).sort(), ["same", "update"]);
        const updated = steps.filter(({ op }) => op === "update").map(({ urn }) => urn.split("::").at(-1));
        assert.deepEqual(updated.sort(), ["network-api-nsg", "network-control-plane-nsg"]);
        await succeeds(rehearsal().up());
    });

    it("that a machine cannot boot with fails the update by the boot's last line; the next goes on from there", async () => {
        const cloud = new Cloud(join(runFolder, "azure"));
        const secret = cloud.all().find(({ id }) => id.endsWith("/secrets/encryption"));
        assert.ok(secret);
        cloud.remove(secret);
        controlPlane.bootRun = 2;
        const failed = await rehearsal().up();
        assert.notEqual(failed.exitCode, 0);
        const said = failed.diagnostics.map(({ message }) => message).join("\n");
        assert.match(said, /VMExtensionProvisioningError[^]*mainstay: FAILED secrets/);
        await holds("kept");

        cloud.create(secret);
        await succeeds(rehearsal().up());
        await holds("kept");
        assert.deepEqual(Object.keys((await succeeds(rehearsal().up())).changes), ["same"]);
    });

    function rehearsal(): Rehearsal {
        return new Rehearsal({
            program: root,
            stack: "staging",
            runFolder,
            config: { "mainstay:cluster": cluster, "mainstay:controlPlane": controlPlane },
            policyPacks: [join(root, "policy")],
        });
    }

    async function succeeds(run: Promise<CommandResult>): Promise<CommandResult> {
        const result = await run;
        assert.equal(result.exitCode, 0, result.stdout + result.stderr);
        assert.deepEqual(
            result.violations.filter(({ level }) => level === "mandatory"),
            [],
        );
        return result;
    }

    function previewed(): Promise<CommandResult> {
        return succeeds(rehearsal().preview());
    }

    /** When each thing in Azure was made. */
    function made(): Map<string, string> {
        return new Map(all().map(({ id, createdAt }) => [id.toLowerCase(), createdAt]));
    }

    function all(): ReturnType<Cloud["all"]> {
        return new Cloud(join(runFolder, "azure")).all();
    }

    function onCluster<T>(work: (client: ReturnType<typeof clientFor>) => Promise<T>): Promise<T> {
        const client = clientFor(apiServer.kubeconfig);
        return work(client).finally(() => client.close());
    }

    async function put(name: string, data: Record<string, string>): Promise<void> {
        const secret = { apiVersion: "v1", kind: "Secret", metadata: { name }, stringData: data };
        await onCluster((client) => client.apply(`/api/v1/namespaces/default/secrets/${name}`, secret, "test", {}));
    }

    async function writeSecretsAgain(): Promise<void> {
        await onCluster(async (client) => {
            const { items } = await client.get("/api/v1/secrets");
            for (const secret of items) {
                const { namespace, name } = secret.metadata;
                const path = `/api/v1/namespaces/${namespace}/secrets/${name}`;
                await client.request("PUT", path, { body: { apiVersion: "v1", kind: "Secret", ...secret } });
            }
        });
    }

    /** A Secret: it has to be read with the keys that it was encrypted with. */
    async function holds(name: string): Promise<void> {
        const { data } = await onCluster((client) => client.get(`/api/v1/namespaces/default/secrets/${name}`));
        assert.equal(Buffer.from(data.words, "base64").toString(), "what etcd holds");
    }

    /** Nodes follow the machines within a second or so. */
    async function nodesCome(asWanted: (versions: string[]) => boolean): Promise<void> {
        let versions: string[] = [];
        for (let tries = 0; tries < 40; tries++) {
            const { items } = await onCluster((client) => client.get("/api/v1/nodes"));
            versions = items.map((node: any) => node.status.nodeInfo.kubeletVersion);
            if (asWanted(versions)) return;
            await new Promise((resolve) => setTimeout(resolve, 500));
        }
        assert.fail(`nodes: ${versions.join(", ")}`);
    }
});

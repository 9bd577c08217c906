import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { setAllConfig } from "@pulumi/pulumi/runtime/config";
import { Ajv } from "ajv";
import { parse } from "yaml";
import { checkSettings, type Settings } from "../../settings";
import { generatedFiles } from "../../settings/generate";
import { stackFileSchema } from "../../settings/stackFileSchema";
import { record, type Recording, subscription } from "./recordedProgram";

const root = join(__dirname, "../..");
const stacks = ["prod", "staging"] as const;

async function stackFile(stack: string): Promise<{ text: string; content: any; raw: Record<string, any> }> {
    const text = await readFile(join(root, `Pulumi.${stack}.yaml`), "utf8");
    const content = parse(text);
    const raw = Object.fromEntries(
        Object.entries<any>(content.config).map(([key, value]) => [key.replace(/^mainstay:/, ""), value]),
    );
    return { text, content, raw };
}

const settingsOf = async (stack: string): Promise<Settings> =>
    checkSettings((await stackFile(stack)).raw, { project: "mainstay", stack });

describe("settings", () => {
    it("fill in what is left out", async () => {
        const { environment, network, cluster } = await settingsOf("prod");
        assert.equal(environment.prefix, "mainstay-prod");
        assert.deepEqual(environment.zones, ["1", "2", "3"]);
        assert.equal(network.dnsServiceIP, "10.96.0.10");
        assert.deepEqual(cluster.api, { private: true, authorizedRanges: [] });
        assert.deepEqual(cluster.maintenance.nodeImage, { day: "Sunday", start: "01:00", hours: 6 });
        assert.equal(cluster.auditLogs.retentionDays, 90);
    });

    it("tag with owner, environment, project and what manages it, over a stack's own tags", async () => {
        const { raw } = await stackFile("staging");
        const { environment } = checkSettings(
            { ...raw, tags: { team: "a" } },
            { project: "mainstay", stack: "staging" },
        );
        assert.deepEqual(environment.tags, {
            team: "a",
            owner: "platform@example.com",
            environment: "staging",
            project: "mainstay",
            "managed-by": "pulumi",
        });
    });

    it("take the DNS address from the Services' range", async () => {
        const { raw } = await stackFile("prod");
        const { network } = checkSettings(
            { ...raw, network: { ...raw.network, serviceCidr: "172.20.0.0/20" } },
            { project: "mainstay", stack: "prod" },
        );
        assert.equal(network.dnsServiceIP, "172.20.0.10");
    });
});

describe("stack files", () => {
    for (const stack of stacks) {
        it(`${stack} names the schema in its first line, and satisfies it`, async () => {
            const { text, content } = await stackFile(stack);
            assert.equal(text.split("\n")[0], "# yaml-language-server: $schema=./docs/settings.schema.json");
            const schema = JSON.parse(await readFile(join(root, "docs/settings.schema.json"), "utf8"));
            const validate = new Ajv({ strict: false }).compile(schema);
            assert.ok(validate(content), JSON.stringify(validate.errors));
        });
    }

    it("are marked by the schema where they are wrong", async () => {
        const validate = new Ajv({ strict: false }).compile(stackFileSchema());
        const { content } = await stackFile("prod");
        const spoilt: ((config: any) => void)[] = [
            (config) => (config["mainstay:locaton"] = "westeurope"),
            (config) => delete config["mainstay:cluster"],
            (config) => (config["mainstay:cluster"].kubernetesVersion = 1.34),
            (config) => (config["mainstay:network"].adressSpace = "10.0.0.0/16"),
            (config) => (config["mainstay:cluster"].systemPool.minNodes = 0),
            (config) => (config["mainstay:cluster"].kind = "eks"),
        ];
        for (const spoil of spoilt) {
            const copy = structuredClone(content);
            spoil(copy.config);
            assert.ok(!validate(copy), String(spoil));
        }
        const others = structuredClone(content);
        others.config["azure-native:subscriptionId"] = "x";
        assert.ok(validate(others), "other namespaces are others' business");
    });

    it("make staging smaller than prod, not different", async () => {
        const [prod, staging] = await Promise.all(stacks.map(settingsOf));
        const shape = (value: unknown): unknown => {
            if (Array.isArray(value)) return value.map(shape);
            if (typeof value === "object" && value !== null)
                return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]));
            return typeof value;
        };
        assert.deepEqual(shape(staging), shape(prod));
        const same = (settings: Settings) => ({
            zones: settings.environment.zones,
            location: settings.environment.location,
            api: settings.cluster.api,
            version: settings.cluster.kubernetesVersion,
            upgrades: settings.cluster.upgrades,
        });
        assert.deepEqual(same(staging), same(prod));
        assert.ok(staging.cluster.systemPool.maxNodes < prod.cluster.systemPool.maxNodes);
        staging.cluster.userPools.forEach((pool, index) =>
            assert.ok(pool.maxNodesPerZone < prod.cluster.userPools[index].maxNodesPerZone),
        );
    });

    it("share no address and no administrators between environments", async () => {
        const [prod, staging] = await Promise.all(stacks.map(settingsOf));
        assert.throws(
            () =>
                checkSettings(
                    {
                        owner: "x",
                        location: "westeurope",
                        network: {
                            ...staging.network,
                            elsewhere: [prod.network.addressSpace],
                            addressSpace: prod.network.addressSpace,
                        },
                        cluster: staging.cluster,
                        access: staging.access,
                    },
                    { project: "mainstay", stack: "staging" },
                ),
            /does not overlap/,
        );
        assert.notEqual(prod.network.addressSpace, staging.network.addressSpace);
        const administrators = (settings: Settings) => settings.access.groups.administrators;
        assert.ok(!administrators(staging).some((group) => administrators(prod).includes(group)));
    });
});

describe("generated files", () => {
    it("are up to date: run `npm run settings`", async () => {
        for (const { path, text } of await generatedFiles()) {
            assert.equal(await readFile(path, "utf8"), text, `${relative(root, path)} is out of date`);
        }
    });

    it("tell of every setting in docs/settings.md", async () => {
        const document = await readFile(join(root, "docs/settings.md"), "utf8");
        for (const path of [
            "mainstay:owner",
            "mainstay:network.openings[].why",
            "mainstay:cluster.userPools[].maxNodesPerZone",
            "mainstay:cluster.maintenance.nodeImage.hours",
        ]) {
            assert.ok(document.includes(`\`${path}\``), path);
        }
        assert.ok(!/\|\s*\|\s*$/m.test(document), "a setting without a description");
    });
});

describe("the program", () => {
    const azure = {
        "azure-native:authorization:getClientConfig": () => subscription,
        "azure-native:authorization:getClientToken": () => ({ token: "" }),
        "azure-native:features:getSubscriptionFeatureRegistration": () => ({ properties: { state: "Registered" } }),
    };

    /** Runs index.ts as the engine does, with a stack's own file. */
    async function run(
        stack: string,
        change: (config: any) => void = () => {},
    ): Promise<{ recording: Recording; result: any }> {
        const { content } = await stackFile(stack);
        change(content.config);
        const config = Object.fromEntries(
            Object.entries(content.config).map(([key, value]) => [
                key,
                typeof value === "string" ? value : JSON.stringify(value),
            ]),
        );
        setAllConfig(config);
        try {
            const program = require("../../index") as () => Promise<object>;
            return await record(program, azure, stack);
        } finally {
            setAllConfig({});
        }
    }

    for (const stack of stacks) {
        it(`builds ${stack}: a network, a control plane, workers, something on it, and what users need`, async () => {
            const { recording, result } = await run(stack);
            assert.equal(recording.ofType("azure-native:containerservice:ManagedCluster").length, 0);
            assert.equal(recording.ofType("azure-native:compute:VirtualMachine").length, 3);
            assert.equal(recording.ofType("azure-native:compute:VirtualMachineScaleSet").length, 2 * 3);
            assert.equal(recording.ofType("azure-native:network:NatGateway").length, 3);
            assert.equal(recording.ofType("kubernetes:storage.k8s.io/v1:StorageClass").length, 1);
            assert.deepEqual(Object.keys(result), ["apiServer", "kubeconfig"]);
        });

        it(`builds ${stack} with AKS when one line says so`, async () => {
            const { recording, result } = await run(stack, (config) => (config["mainstay:cluster"].kind = "aks"));
            assert.equal(recording.ofType("azure-native:containerservice:ManagedCluster").length, 1);
            assert.equal(recording.ofType("azure-native:containerservice:AgentPool").length, 3);
            assert.equal(recording.ofType("azure-native:compute:VirtualMachine").length, 0);
            assert.equal(recording.ofType("kubernetes:storage.k8s.io/v1:StorageClass").length, 1);
            assert.deepEqual(Object.keys(result), ["apiServer", "kubeconfig"]);
        });
    }

    it("registers nothing when a setting is wrong", async () => {
        const recordings: Recording[] = [];
        await assert.rejects(
            run("prod", (config) => delete config["mainstay:owner"]).then(({ recording }) =>
                recordings.push(recording),
            ),
            /1 setting of stack prod cannot be used[^]*mainstay:owner/,
        );
        assert.equal(recordings.length, 0);
    });

    it("imports what it uses and not whole SDKs: start-up is a goal", async () => {
        for (const [file, text] of await sources()) {
            assert.doesNotMatch(text, /from "@pulumi\/(azure-native(\/[a-z0-9]+)?|kubernetes)"/, file);
        }
    });

    it("knows nothing of the rehearsal", async () => {
        for (const [file, text] of await sources()) {
            assert.doesNotMatch(text, /rehears|MAINSTAY_(?!LEAN|FACTS)/i, file);
            // A machine is on its own loopback, too: its components talk to each other there.
            if (!file.startsWith(join("components", "controlPlane", "configuration")))
                assert.doesNotMatch(text, /127\.0\.0\.1|localhost/i, file);
        }
    });

    it("reads as one screen", async () => {
        const lines = (await readFile(join(root, "index.ts"), "utf8")).trimEnd().split("\n");
        assert.ok(lines.length <= 50);
        assert.equal(lines[0], 'import "./lean";');
    });

    async function sources(): Promise<[string, string][]> {
        const inFolders = await Promise.all(
            ["components", "settings"].map(async (folder) =>
                (await readdir(join(root, folder), { recursive: true }))
                    .filter((file) => file.endsWith(".ts"))
                    .map((file) => join(folder, file)),
            ),
        );
        return Promise.all(
            ["index.ts", "settings.ts", ...inFolders.flat()].map(async (file): Promise<[string, string]> => [
                file,
                await readFile(join(root, file), "utf8"),
            ]),
        );
    }
});

import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { clusterNeeds } from "../../components/cluster";
import { aksNeeds } from "../../components/cluster/aks";
import { replacedMachines } from "../../components/cluster/selfManaged/replacedMachines";
import { Network } from "../../components/network";
import { preflight, type PreflightArgs, PreflightError } from "../../components/preflight";
import {
    judgeFeature,
    judgeProviders,
    judgeQuota,
    judgeSizes,
    type MachineNeed,
    NAMESPACES,
    type Sku,
    type Usage,
} from "../../components/preflight/judgements";
import { endpointOf, resourceManager } from "../../components/preflight/resourceManager";
import { record, subscription } from "./recordedProgram";

const need: MachineNeed = {
    setting: "cluster.systemPool",
    size: "Standard_D4ds_v5",
    zones: ["1", "2", "3"],
    machines: 8,
    osDiskGiB: 64,
    trustedLaunch: true,
};

function sku(more: Partial<Sku> = {}, capabilities: Record<string, string> = {}): Sku {
    const all = {
        vCPUs: "4",
        EncryptionAtHostSupported: "True",
        EphemeralOSDiskSupported: "True",
        CachedDiskBytes: String(100 * 2 ** 30),
        ...capabilities,
    };
    return {
        resourceType: "virtualMachines",
        name: "Standard_D4ds_v5",
        family: "standardDDSv5Family",
        locationInfo: [{ location: "WestEurope", zones: ["1", "2", "3"] }],
        capabilities: Object.entries(all).map(([name, value]) => ({ name, value })),
        restrictions: [],
        ...more,
    };
}

const usage = (value: string, currentValue: number, limit: number): Usage => ({ name: { value }, currentValue, limit });

describe("preflight's judgements", () => {
    it("name each resource provider that is not registered", () => {
        const registered = NAMESPACES.map((namespace) => ({ namespace, registrationState: "Registered" }));
        assert.deepEqual(judgeProviders(registered), []);
        const without = registered.filter(({ namespace }) => namespace !== "Microsoft.Insights");
        without[0] = { ...without[0], registrationState: "Registering" };
        const lacks = judgeProviders(without);
        assert.equal(lacks.length, 2);
        assert.ok(lacks.some(({ mend }) => mend === "az provider register --namespace Microsoft.Insights --wait"));
    });

    it("want the feature that host encryption needs", () => {
        assert.deepEqual(judgeFeature("Registered"), []);
        assert.match(judgeFeature("Pending")[0].mend, /az feature register/);
    });

    const sizes: [string, Sku[], RegExp | undefined][] = [
        ["is offered in all zones", [sku()], undefined],
        ["is not offered", [], /not offered in westeurope$/],
        [
            "is offered in two zones",
            [sku({ locationInfo: [{ location: "westeurope", zones: ["1", "2"] }] })],
            /zone 3 of westeurope, only in 1 and 2/,
        ],
        [
            "is closed in a zone",
            [sku({ restrictions: [{ type: "Zone", restrictionInfo: { zones: ["2"] } }] })],
            /zone 2/,
        ],
        [
            "is closed to the subscription",
            [sku({ restrictions: [{ type: "Location", reasonCode: "NotAvailableForSubscription" }] })],
            /closed to this subscription/,
        ],
        ["cannot encrypt on the host", [sku({}, { EncryptionAtHostSupported: "False" })], /encrypt/],
        ["cannot start by trusted launch", [sku({}, { TrustedLaunchDisabled: "True" })], /trusted launch/],
        ["has too small a local disk", [sku({}, { CachedDiskBytes: String(50 * 2 ** 30) })], /50 GiB, not of 64 GiB/],
        [
            "has its disk as a temporary one",
            [sku({}, { CachedDiskBytes: "0", MaxResourceVolumeMB: String(75 * 1024) })],
            undefined,
        ],
    ];
    for (const [what, skus, message] of sizes) {
        it(`${message ? "refuse" : "accept"} a size that ${what}`, () => {
            const lacks = judgeSizes([need], skus, "westeurope");
            if (!message) return assert.deepEqual(lacks, []);
            assert.equal(lacks.length, 1);
            assert.match(lacks[0].what, message);
            assert.match(lacks[0].mend, /mainstay:cluster\.systemPool/);
        });
    }

    it("count the quota of the family and of the region, with what the cluster has already", () => {
        const usages = [usage("standardDDSv5Family", 10, 40), usage("cores", 10, 100)];
        const lacks = judgeQuota([need], [sku()], usages, [], "westeurope");
        assert.equal(lacks.length, 1, "32 cores are more than the 30 that are free in the family, not in the region");
        assert.match(lacks[0].what, /up to 32 more cores .* 30 of 40 are free/);
        assert.match(lacks[0].mend, /quota of 42/);
        // One node that runs is in the usage already: 28 more are needed.
        assert.deepEqual(
            judgeQuota([need], [sku()], usages, [{ vmSize: "Standard_D4ds_v5", count: 1 }], "westeurope"),
            [],
        );
        assert.match(judgeQuota([need], [sku()], [usage("cores", 0, 31)], [], "westeurope")[0].what, /^cores/);
    });

    it("ask for every pool at its maximum, in an upgrade, in all zones", () => {
        const site = { prefix: "mainstay-prod", location: "westeurope", zones: ["1", "2", "3"], tags: {} };
        const pool = { size: "Standard_D8ds_v5", osDiskGiB: 64, maxPods: 110 };
        const { needs, namespaces, existing } = aksNeeds(site, {
            systemPool: { ...pool, size: "Standard_D4ds_v5", minNodes: 3, maxNodes: 6 },
            userPools: [
                {
                    ...pool,
                    name: "general",
                    minNodesPerZone: 1,
                    maxNodesPerZone: 5,
                    labels: {},
                    taints: [],
                    spot: false,
                },
            ],
            upgrades: { maxSurge: "33%", drainTimeoutMinutes: 30, nodeSoakMinutes: 5 },
        });
        assert.deepEqual(
            needs.map(({ size, machines }) => [size, machines]),
            [
                ["Standard_D4ds_v5", 8],
                ["Standard_D8ds_v5", 21],
            ],
        );
        assert.deepEqual(namespaces, ["Microsoft.ContainerService"]);
        assert.deepEqual(
            existing.map(({ path }) => path.split("?")[0]),
            [
                "/resourceGroups/mainstay-prod-cluster/providers/Microsoft.ContainerService/managedClusters/mainstay-prod",
            ],
        );
        const pools = [{ vmSize: "Standard_D4ds_v5", count: 3 }];
        assert.deepEqual(existing[0].read({ properties: { agentPoolProfiles: pools } }), pools);
    });
});

describe("the control plane's machines", () => {
    const machines = (generations: Record<number, string>) => ({
        value: Object.entries(generations).map(([number, generation]) => ({
            name: `mainstay-prod-cp-${number}`,
            tags: { generation },
        })),
    });
    const judge = (generations: Record<string, number>, there: Record<number, string>, count = 3) =>
        replacedMachines("mainstay-prod", { machines: count, generations }).judge(machines(there));

    it("are replaced one in an update, and no more", () => {
        assert.deepEqual(judge({}, { 1: "1", 2: "1", 3: "1" }), []);
        assert.deepEqual(judge({ 2: 2 }, { 1: "1", 2: "1", 3: "1" }), []);
        const [lack, ...others] = judge({ 1: 2, 3: 5 }, { 1: "1", 2: "1", 3: "4" });
        assert.deepEqual(others, []);
        assert.match(lack.what, /^2 machines .* machine 1 \(generation 1 → 2\), machine 3 \(generation 4 → 5\)$/);
        assert.match(lack.mend, /npm run roll/);
    });

    it("may all be new: a first deployment, and two more of five", () => {
        assert.deepEqual(judge({ 1: 7, 2: 7 }, {}), []);
        assert.deepEqual(
            replacedMachines("mainstay-prod", { machines: 3, generations: { 1: 7, 2: 7 } }).judge(undefined),
            [],
        );
        assert.deepEqual(judge({}, { 1: "1", 2: "1", 3: "1" }, 5), []);
    });
});

describe("a private API", () => {
    const questions = (isPrivate: boolean) =>
        clusterNeeds(
            { prefix: "mainstay-prod", location: "westeurope", zones: ["1", "2", "3"], tags: {} },
            {
                cluster: {
                    api: { private: isPrivate },
                    systemPool: { size: "Standard_D4ds_v5", minNodes: 3, maxNodes: 6, osDiskGiB: 64, maxPods: 110 },
                    userPools: [],
                    upgrades: { maxSurge: "33%", drainTimeoutMinutes: 30, nodeSoakMinutes: 5 },
                },
                network: {
                    runners: { resourceGroupName: "mainstay-foundation", virtualNetworkName: "mainstay-runners" },
                },
            },
            undefined,
        ).questions;

    it("needs the network that deployments run in, and says so in one error with every way out", () => {
        const [question, ...others] = questions(true);
        assert.deepEqual(others, []);
        assert.match(question.path, /^\/resourceGroups\/mainstay-foundation\/.*\/virtualNetworks\/mainstay-runners\?/);
        assert.deepEqual(question.judge({ id: "x" }), []);
        const [lack] = question.judge(undefined);
        assert.match(lack.what, /out of reach/);
        for (const way of [/deploy foundation\//, /network\.runners/, /api\.private to false/])
            assert.match(lack.mend, way);
        assert.deepEqual(questions(false), []);
    });
});

/** A token that says whom it is for. */
const tokenFor = (audience: string) => `e30.${Buffer.from(JSON.stringify({ aud: audience })).toString("base64url")}.`;

describe("Resource Manager", () => {
    let server: Server;
    let endpoint: string;
    let answer: (request: IncomingMessage, response: ServerResponse) => void;
    const requests: IncomingMessage[] = [];

    before((done) => {
        server = createServer((request, response) => {
            requests.push(request);
            answer(request, response);
        });
        server.listen(0, "127.0.0.1", () => {
            endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
            done();
        });
    });
    beforeEach(() => {
        requests.length = 0;
    });
    after((done) => {
        server.close(done);
        server.closeAllConnections();
    });

    const json = (response: ServerResponse, body: unknown, status = 200, headers = {}) =>
        response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));

    it("is the one that the token was issued for, in every cloud", () => {
        assert.equal(endpointOf(tokenFor("https://management.azure.com/")), "https://management.azure.com");
        assert.equal(endpointOf(tokenFor("https://management.core.windows.net/")), "https://management.azure.com");
        assert.equal(
            endpointOf(tokenFor("https://management.core.usgovcloudapi.net")),
            "https://management.usgovcloudapi.net",
        );
        for (const bad of ["", "opaque", tokenFor("00000003-0000-0000-c000-000000000000")]) {
            assert.throws(() => endpointOf(bad), /which cloud/);
        }
    });

    it("is asked for every page of a list, and never led elsewhere with the token", async () => {
        answer = (request, response) =>
            request.url === "/things?page=2"
                ? json(response, { value: [3], nextLink: "http://localhost:1/things?page=3" })
                : json(response, { value: [1, 2], nextLink: `${endpoint}/things?page=2` });
        const token = tokenFor(endpoint);
        assert.deepEqual(await resourceManager(token).list("/things"), [1, 2, 3]);
        assert.equal(requests[0].headers.authorization, `Bearer ${token}`);
    });

    it("is asked again when it is busy", async () => {
        let asked = 0;
        answer = (_, response) =>
            ++asked === 1 ? json(response, {}, 429, { "retry-after": "0.05" }) : json(response, { value: ["ok"] });
        assert.deepEqual(await resourceManager(tokenFor(endpoint)).list("/x"), ["ok"]);
    });

    it("may say that there is no such resource, which is an answer; that there is no such list is none", async () => {
        answer = (_, response) => json(response, {}, 404);
        assert.equal(await resourceManager(tokenFor(endpoint)).get("/x"), undefined);
        await assert.rejects(resourceManager(tokenFor(endpoint)).list("/x"), /404/);
    });

    describe("in a preflight", () => {
        const args: PreflightArgs = {
            location: "westeurope",
            needs: [need],
            namespaces: ["Microsoft.ContainerService"],
            existing: [
                {
                    path: "/resourceGroups/g/machines?api-version=1",
                    read: ({ value }) => value.map((vmSize: string) => ({ vmSize, count: 8 })),
                },
            ],
            questions: [
                {
                    about: "a thing",
                    path: "/things/one?api-version=1",
                    judge: (thing) =>
                        thing === undefined ? [] : [{ what: "the thing is there", mend: "take it away" }],
                },
            ],
        };
        const fine: Record<string, unknown> = {
            "/providers": {
                value: [...NAMESPACES, "Microsoft.ContainerService"].map((namespace) => ({
                    namespace,
                    registrationState: "Registered",
                })),
            },
            skus: { value: [sku()] },
            usages: { value: [usage("standardDDSv5Family", 0, 100), usage("cores", 0, 100)] },
        };
        let state = "Registered";
        const answers = {
            "azure-native:authorization:getClientConfig": () => subscription,
            "azure-native:authorization:getClientToken": () => ({ token: tokenFor(endpoint) }),
            "azure-native:features:getSubscriptionFeatureRegistration": () => ({ properties: { state } }),
        };
        const serve = (bodies: Record<string, unknown>, status = 200) => {
            answer = ({ url = "" }, response) => {
                const [path] = url.split("?");
                const key = Object.keys(bodies).find((end) => path.endsWith(end));
                if (key) json(response, bodies[key], status);
                else json(response, {}, 404);
            };
        };
        const run = () =>
            record(async () => {
                await preflight(args);
                const site = { prefix: "p-s", location: "westeurope", zones: ["1", "2"], tags: {}, ...subscription };
                const ranges = { addressSpace: "10.0.0.0/16", podCidr: "10.244.0.0/16" };
                return new Network("network", { ...site, ...ranges, clusterKind: "aks" });
            }, answers);

        beforeEach(() => {
            state = "Registered";
        });

        it("lets a subscription through that has it all, after every question", async () => {
            serve(fine);
            const { recording } = await run();
            assert.ok(recording.resources.length > 0);
            const before = recording.calls.filter(({ after }) => after === 0).map(({ token }) => token);
            assert.deepEqual([...new Set(before)].sort(), Object.keys(answers).sort());
            assert.equal(requests.length, 5);
        });

        it("names all that is lacking at once, and nothing is registered", async () => {
            state = "NotRegistered";
            serve({
                "/providers": { value: [] },
                skus: { value: [sku({ locationInfo: [{ location: "westeurope", zones: ["1"] }] })] },
                usages: { value: [usage("cores", 0, 10)] },
                one: {},
            });
            await assert.rejects(run(), (error) => {
                assert.ok(error instanceof PreflightError);
                assert.equal(error.lacks.length, NAMESPACES.length + 1 + 1 + 1 + 1 + 1);
                assert.match(error.message, /the thing is there\n +mend +take it away/);
                assert.match(error.message, /EncryptionAtHost/);
                assert.match(error.message, /Microsoft\.ContainerService/);
                assert.match(error.message, /zone 2 and 3/);
                assert.match(error.message, /cores in westeurope/);
                assert.doesNotMatch(error.message, /e30\./);
                return true;
            });
        });

        it("counts machines that exist already only once", async () => {
            const usages = [usage("standardDDSv5Family", 32, 40), usage("cores", 32, 40)];
            serve({ ...fine, usages: { value: usages } });
            await assert.rejects(run(), /32 more cores/);
            serve({ ...fine, usages: { value: usages }, machines: { value: ["Standard_D4ds_v5"] } });
            await run();
        });

        it("goes on, with a warning, where Azure may not be asked", async () => {
            serve(fine, 403);
            const { recording } = await run();
            assert.ok(recording.resources.length > 0);
        });
    });
});

import assert from "node:assert/strict";
import { checkSettings } from "../../settings";
import { type Case, check, problemsOf, refuse } from "./badSettings";

/** Settings that are fine; every case below spoils one thing. */
function good(): any {
    return {
        owner: "platform@example.com",
        location: "westeurope",
        zones: ["1", "2", "3"],
        tags: { "cost-center": "4711" },
        network: { addressSpace: "10.64.0.0/16" },
        access: { groups: { administrators: ["5f2a1c8e-9b7d-4e36-8a10-6d3f0c4b2e91"] } },
        cluster: {
            kind: "aks",
            kubernetesVersion: "1.34",
            systemPool: { size: "Standard_D4ds_v5", minNodes: 3, maxNodes: 6 },
            userPools: [{ name: "general", size: "Standard_D8ds_v5", minNodesPerZone: 1, maxNodesPerZone: 5 }],
        },
    };
}

const pool = (raw: any) => raw.cluster.userPools[0];
const system = (raw: any) => raw.cluster.systemPool;
const opening = (more: object) => ({
    name: "relay",
    direction: "outbound",
    peer: "10.1.0.4",
    ports: ["25"],
    why: "mail",
    ...more,
});

const cases: Case[] = [
    // Missing, misspelt, of the wrong type
    {
        what: "no owner",
        spoil: (s) => delete s.owner,
        path: "mainstay:owner",
        mend: /add it, such as "platform@example.com"/,
        given: "nothing",
    },
    {
        what: "an empty owner",
        spoil: (s) => (s.owner = "  "),
        path: "mainstay:owner",
        mend: /set it to what is allowed/,
    },
    {
        what: "no location",
        spoil: (s) => delete s.location,
        path: "mainstay:location",
        mend: /az account list-locations/,
    },
    {
        what: "a location's display name",
        spoil: (s) => (s.location = "West Europe"),
        path: "mainstay:location",
        mend: /such as westeurope/,
        given: '"West Europe"',
    },
    {
        what: "an unknown key at the top",
        spoil: (s) => (s.netwrok = {}),
        path: "mainstay:netwrok",
        mend: /rename it to network/,
    },
    {
        what: "an unknown key like nothing known",
        spoil: (s) => (s.favouriteColour = "blue"),
        path: "mainstay:favouriteColour",
        mend: /^remove it$/,
    },
    {
        what: "an unknown key in the network",
        spoil: (s) => (s.network.adressSpace = "10.0.0.0/16"),
        path: "mainstay:network.adressSpace",
        mend: /rename it to addressSpace/,
    },
    {
        what: "an unknown key in the cluster",
        spoil: (s) => (s.cluster.upgrade = {}),
        path: "mainstay:cluster.upgrade",
        mend: /rename it to upgrades/,
    },
    {
        what: "an unknown key in a pool",
        spoil: (s) => (pool(s).maxNodes = 3),
        path: "mainstay:cluster.userPools[0].maxNodes",
        mend: /rename it to maxNodesPerZone/,
    },
    { what: "no network", spoil: (s) => delete s.network, path: "mainstay:network", mend: /addressSpace/ },
    {
        what: "the network as text",
        spoil: (s) => (s.network = "10.64.0.0/16"),
        path: "mainstay:network",
        mend: /such as \{"addressSpace"/,
    },
    { what: "no cluster", spoil: (s) => delete s.cluster, path: "mainstay:cluster", mend: /"kind":"selfManaged"/ },
    {
        what: "no kind of cluster",
        spoil: (s) => delete s.cluster.kind,
        path: "mainstay:cluster.kind",
        mend: /such as "selfManaged"/,
    },
    {
        what: "an unknown kind of cluster",
        spoil: (s) => (s.cluster.kind = "eks"),
        path: "mainstay:cluster.kind",
        mend: /such as "selfManaged"/,
    },
    {
        what: "zones without quotes",
        spoil: (s) => (s.zones = [1, "2", "3"]),
        path: "mainstay:zones[0]",
        mend: /in quotes/,
        given: "1",
    },
    { what: "one zone", spoil: (s) => (s.zones = ["1"]), path: "mainstay:zones", mend: /\["1","2","3"\]/ },
    { what: "a zone twice", spoil: (s) => (s.zones = ["1", "1", "2"]), path: "mainstay:zones", mend: /each zone once/ },
    {
        what: "a zone that no region has",
        spoil: (s) => (s.zones = ["1", "2", "4"]),
        path: "mainstay:zones[2]",
        mend: /in quotes/,
    },
    { what: "a tag that is a number", spoil: (s) => (s.tags.team = 7), path: "mainstay:tags.team", mend: /in quotes/ },
    {
        what: "a tag with a forbidden character",
        spoil: (s) => (s.tags["a/b"] = "x"),
        path: 'mainstay:tags["a/b"]',
        mend: /rename/,
    },
    {
        what: "a tag that the program sets",
        spoil: (s) => (s.tags.Owner = "me"),
        path: "mainstay:tags.Owner",
        mend: /set mainstay:owner/,
    },
    {
        what: "more tags than Azure takes",
        spoil: (s) => (s.tags = Object.fromEntries(Array.from({ length: 47 }, (_, i) => [`t${i}`, "x"]))),
        path: "mainstay:tags",
        mend: /remove some/,
    },

    // Addresses
    {
        what: "an address space that is no CIDR",
        spoil: (s) => (s.network.addressSpace = "10.64.0.0"),
        path: "mainstay:network.addressSpace",
        mend: /10\.64\.0\.0\/16/,
    },
    {
        what: "an address beyond 255",
        spoil: (s) => (s.network.addressSpace = "10.256.0.0/16"),
        path: "mainstay:network.addressSpace",
        mend: /10\.64\.0\.0\/16/,
    },
    {
        what: "a range with host bits",
        spoil: (s) => (s.network.addressSpace = "10.64.1.0/16"),
        path: "mainstay:network.addressSpace",
        mend: /set it to 10\.64\.0\.0\/16/,
    },
    {
        what: "too small an address space",
        spoil: (s) => (s.network.addressSpace = "10.64.0.0/24"),
        path: "mainstay:network.addressSpace",
        mend: /prefix of \/22/,
    },
    {
        what: "a public address space",
        spoil: (s) => (s.network.addressSpace = "20.64.0.0/16"),
        path: "mainstay:network.addressSpace",
        mend: /private range/,
    },
    {
        what: "pods inside the virtual network",
        spoil: (s) => (s.network.podCidr = "10.64.0.0/18"),
        path: "mainstay:network.podCidr",
        mend: /does not overlap 10\.64\.0\.0\/16/,
    },
    {
        what: "Services inside the virtual network",
        spoil: (s) => (s.network.serviceCidr = "10.64.128.0/20"),
        path: "mainstay:network.serviceCidr",
        mend: /does not overlap 10\.64\.0\.0\/16/,
    },
    {
        what: "Services inside the pods' range",
        spoil: (s) => (s.network.serviceCidr = "10.244.128.0/20"),
        path: "mainstay:network.serviceCidr",
        mend: /does not overlap 10\.244\.0\.0\/16/,
    },
    {
        what: "a range that AKS keeps",
        spoil: (s) => (s.network.podCidr = "172.30.0.0/15"),
        path: "mainstay:network.podCidr",
        mend: /172\.30\.0\.0\/16/,
    },
    {
        what: "a network next door that overlaps",
        spoil: (s) => (s.network.elsewhere = ["10.64.0.0/12"]),
        path: "mainstay:network.addressSpace",
        mend: /does not overlap 10\.64\.0\.0\/12/,
    },
    {
        what: "too wide a range of Services",
        spoil: (s) => (s.network.serviceCidr = "100.64.0.0/10"),
        path: "mainstay:network.serviceCidr",
        mend: /prefix of \/12/,
    },
    {
        what: "DNS outside the Services' range",
        spoil: (s) => (s.network.dnsServiceIP = "10.97.0.10"),
        path: "mainstay:network.dnsServiceIP",
        mend: /10\.96\.0\.10/,
    },
    {
        what: "DNS on the API's Service",
        spoil: (s) => (s.network.dnsServiceIP = "10.96.0.1"),
        path: "mainstay:network.dnsServiceIP",
        mend: /10\.96\.0\.10/,
    },
    {
        what: "an opening without a reason",
        spoil: (s) => (s.network.openings = [opening({ why: undefined })]),
        path: "mainstay:network.openings[0].why",
        mend: /add it/,
    },
    {
        what: "an opening's port as a number",
        spoil: (s) => (s.network.openings = [opening({ ports: [25] })]),
        path: "mainstay:network.openings[0].ports[0]",
        mend: /in quotes/,
    },
    {
        what: "an opening's ports the wrong way round",
        spoil: (s) => (s.network.openings = [opening({ ports: ["90-80"] })]),
        path: "mainstay:network.openings[0].ports[0]",
        mend: /mend the range/,
    },
    {
        what: "everything open to the internet",
        spoil: (s) => (s.network.openings = [opening({ direction: "inbound", peer: "Internet", ports: ["*"] })]),
        path: "mainstay:network.openings[0].ports",
        mend: /name the ports/,
    },
    {
        what: "two openings of one name",
        spoil: (s) => (s.network.openings = [opening({}), opening({})]),
        path: "mainstay:network.openings[1].name",
        mend: /rename it/,
    },

    // The API
    {
        what: "authorised ranges for a private API",
        spoil: (s) => (s.cluster.api = { private: true, authorizedRanges: ["203.0.113.0/24"] }),
        path: "mainstay:cluster.api.authorizedRanges",
        mend: /remove authorizedRanges, or set cluster\.api\.private to false/,
    },
    {
        what: "a public API for everybody",
        spoil: (s) => (s.cluster.api = { private: false }),
        path: "mainstay:cluster.api.authorizedRanges",
        mend: /name the ranges/,
    },
    {
        what: "the whole internet authorised",
        spoil: (s) => (s.cluster.api = { private: false, authorizedRanges: ["0.0.0.0/0"] }),
        path: "mainstay:cluster.api.authorizedRanges[0]",
        mend: /ranges that are yours/,
    },
    {
        what: "a private address authorised",
        spoil: (s) => (s.cluster.api = { private: false, authorizedRanges: ["10.1.0.0/16"] }),
        path: "mainstay:cluster.api.authorizedRanges[0]",
        mend: /public addresses/,
    },
    {
        what: "private as text",
        spoil: (s) => (s.cluster.api = { private: "yes" }),
        path: "mainstay:cluster.api.private",
        mend: /such as true/,
    },

    // The cluster
    {
        what: "a version that YAML made a number",
        spoil: (s) => (s.cluster.kubernetesVersion = 1.34),
        path: "mainstay:cluster.kubernetesVersion",
        mend: /in quotes: "1\.34"/,
        given: "1.34",
    },
    {
        what: "a patch version",
        spoil: (s) => (s.cluster.kubernetesVersion = "1.34.2"),
        path: "mainstay:cluster.kubernetesVersion",
        mend: /minor version only/,
    },
    {
        what: "a version of long ago",
        spoil: (s) => (s.cluster.kubernetesVersion = "1.21"),
        path: "mainstay:cluster.kubernetesVersion",
        mend: /"1\.34"/,
    },
    {
        what: "administrators where they used to stand",
        spoil: (s) => (s.cluster.adminGroups = ["5f2a1c8e-9b7d-4e36-8a10-6d3f0c4b2e91"]),
        path: "mainstay:cluster.adminGroups",
        mend: /move the list to mainstay:access\.groups\.administrators/,
        given: '["5f2a1c8e-9b7d-4e36-8a10-6d3f0c4b2e91"]',
    },
    {
        what: "no system pool",
        spoil: (s) => delete s.cluster.systemPool,
        path: "mainstay:cluster.systemPool",
        mend: /"size"/,
    },
    {
        what: "fewer system nodes than zones",
        spoil: (s) => (system(s).minNodes = 2),
        path: "mainstay:cluster.systemPool.minNodes",
        mend: /set it to 3/,
    },
    {
        what: "one system node",
        spoil: (s) => (system(s).minNodes = 1),
        path: "mainstay:cluster.systemPool.minNodes",
        mend: /such as 3/,
    },
    {
        what: "half a node",
        spoil: (s) => (system(s).minNodes = 3.5),
        path: "mainstay:cluster.systemPool.minNodes",
        mend: /such as 3/,
    },
    {
        what: "a system pool's maximum below its minimum",
        spoil: (s) => (system(s).maxNodes = 2),
        path: "mainstay:cluster.systemPool.maxNodes",
        mend: /raise it to 3/,
    },
    {
        what: "burstable system nodes",
        spoil: (s) => (system(s).size = "Standard_B4ms"),
        path: "mainstay:cluster.systemPool.size",
        mend: /Standard_D4ds_v5/,
    },
    {
        what: "a size without a local disk",
        spoil: (s) => (pool(s).size = "Standard_D8s_v5"),
        path: "mainstay:cluster.userPools[0].size",
        mend: /choose Standard_D8ds_v5/,
    },
    {
        what: "a size without its prefix",
        spoil: (s) => (pool(s).size = "D8ds_v5"),
        path: "mainstay:cluster.userPools[0].size",
        mend: /Standard_D8ds_v5/,
    },
    {
        what: "no user pools",
        spoil: (s) => (s.cluster.userPools = []),
        path: "mainstay:cluster.userPools",
        mend: /general/,
    },
    {
        what: "too long a pool name",
        spoil: (s) => (pool(s).name = "generalpurpose"),
        path: "mainstay:cluster.userPools[0].name",
        mend: /such as/,
    },
    {
        what: "a pool name in capitals",
        spoil: (s) => (pool(s).name = "General"),
        path: "mainstay:cluster.userPools[0].name",
        mend: /such as/,
    },
    {
        what: "two pools of one name",
        spoil: (s) => s.cluster.userPools.push({ ...pool(s) }),
        path: "mainstay:cluster.userPools[1].name",
        mend: /rename the pool/,
    },
    {
        what: "a user pool called system",
        spoil: (s) => (pool(s).name = "system"),
        path: "mainstay:cluster.userPools[0].name",
        mend: /rename the pool/,
    },
    {
        what: "a pool's maximum below its minimum",
        spoil: (s) => (pool(s).minNodesPerZone = 6),
        path: "mainstay:cluster.userPools[0].maxNodesPerZone",
        mend: /raise it to 6, or lower minNodesPerZone/,
    },
    {
        what: "a taint without an effect",
        spoil: (s) => (pool(s).taints = ["batch"]),
        path: "mainstay:cluster.userPools[0].taints[0]",
        mend: /NoSchedule/,
    },
    {
        what: "nowhere to run ordinary pods",
        spoil: (s) => (pool(s).taints = ["a=b:NoSchedule"]),
        path: "mainstay:cluster.userPools",
        mend: /pool without any/,
    },
    {
        what: "a label of Kubernetes' own",
        spoil: (s) => (pool(s).labels = { "kubernetes.azure.com/x": "y" }),
        path: 'mainstay:cluster.userPools[0].labels["kubernetes.azure.com/x"]',
        mend: /rename the label/,
    },
    {
        what: "more pods than a node's range holds",
        spoil: (s) => (pool(s).maxPods = 300),
        path: "mainstay:cluster.userPools[0].maxPods",
        mend: /such as 110/,
    },
    {
        what: "more nodes than the subnets hold",
        spoil: (s) => (
            (s.network.addressSpace = "10.64.0.0/22"),
            (s.network.podCidr = "10.128.0.0/12"),
            (pool(s).maxNodesPerZone = 100)
        ),
        path: "mainstay:cluster.userPools",
        mend: /widen mainstay:network\.addressSpace/,
    },
    {
        what: "more nodes than the pods' range holds",
        spoil: (s) => (pool(s).maxNodesPerZone = 90),
        path: "mainstay:network.podCidr",
        mend: /widen it to \/15/,
    },
    {
        what: "a maintenance window that is too short",
        spoil: (s) => (s.cluster.maintenance = { cluster: { hours: 2 } }),
        path: "mainstay:cluster.maintenance.cluster.hours",
        mend: /such as 6/,
    },
    {
        what: "a day in another language",
        spoil: (s) => (s.cluster.maintenance = { nodeImage: { day: "Sonntag" } }),
        path: "mainstay:cluster.maintenance.nodeImage.day",
        mend: /"Sunday"/,
    },
    {
        what: "a time that YAML made a number",
        spoil: (s) => (s.cluster.maintenance = { cluster: { start: 60 } }),
        path: "mainstay:cluster.maintenance.cluster.start",
        mend: /in quotes/,
    },
    {
        what: "windows that overlap over the turn of the week",
        spoil: (s) =>
            (s.cluster.maintenance = {
                cluster: { day: "Sunday", start: "22:00", hours: 8 },
                nodeImage: { day: "Monday", start: "02:00" },
            }),
        path: "mainstay:cluster.maintenance.nodeImage",
        mend: /another day/,
    },
    {
        what: "a surge of nothing",
        spoil: (s) => (s.cluster.upgrades = { maxSurge: "0%" }),
        path: "mainstay:cluster.upgrades.maxSurge",
        mend: /"33%"/,
    },
    {
        what: "too long a drain",
        spoil: (s) => (s.cluster.upgrades = { drainTimeoutMinutes: 2000 }),
        path: "mainstay:cluster.upgrades.drainTimeoutMinutes",
        mend: /such as 30/,
    },
    {
        what: "logs kept for a week",
        spoil: (s) => (s.cluster.auditLogs = { retentionDays: 7 }),
        path: "mainstay:cluster.auditLogs.retentionDays",
        mend: /such as 90/,
    },
];

describe("bad settings", () => {
    it("has good settings to spoil", () => {
        assert.deepEqual(problemsOf(good()), []);
    });

    refuse(good, cases);

    it("are all reported at once, wrong forms and broken rules together", () => {
        const raw = good();
        raw.owner = "";
        raw.locaton = "x";
        raw.network.podCidr = "10.64.0.0/18";
        raw.cluster.systemPool.minNodes = 2;
        raw.cluster.userPools[0].maxNodesPerZone = 0;
        raw.cluster.api = { private: true, authorizedRanges: ["203.0.113.0/24"] };
        assert.deepEqual(
            problemsOf(raw)
                .map(({ path }) => path)
                .sort(),
            [
                "mainstay:cluster.api.authorizedRanges",
                "mainstay:cluster.systemPool.minNodes",
                "mainstay:cluster.userPools[0].maxNodesPerZone",
                "mainstay:locaton",
                "mainstay:network.podCidr",
                "mainstay:owner",
            ],
        );
    });

    it("say path, given, allowed and mend in the message", () => {
        const raw = good();
        raw.cluster.systemPool.minNodes = 2;
        assert.throws(
            () => check(raw),
            (error: Error) => {
                assert.match(error.message, /^1 setting of stack prod cannot be used\. Nothing was deployed\./);
                assert.match(
                    error.message,
                    /mainstay:cluster\.systemPool\.minNodes\n\s+given\s+2\n\s+allowed\s+at least 3.*\n\s+mend\s+set it to 3/,
                );
                return true;
            },
        );
    });

    it("never show what was encrypted", () => {
        const raw = good();
        raw.owner = "";
        raw.location = "S3CRET PLACE";
        assert.throws(
            () => checkSettings(raw, { project: "mainstay", stack: "prod", secrets: ["mainstay:location"] }),
            (error: Error) => !error.message.includes("S3CRET") && error.message.includes("(a secret)"),
        );
    });

    it("refuse a stack whose name makes names that Azure does not take", () => {
        for (const stack of ["Prod", "a_b", "a".repeat(30)]) {
            assert.match(problemsOf(good(), { project: "mainstay", stack })[0].mend, /pulumi stack rename/);
        }
    });
});

import { z } from "zod";
import { cidr, guided, machineSize, text, wholeNumber, withSignposts } from "./guidance";

export const api = z
    .strictObject({
        private: guided(z.boolean(), "true or false", true)
            .default(true)
            .describe("Whether the API has an address in the virtual network only."),
        authorizedRanges: guided(z.array(cidr("203.0.113.0/24")).max(190), "a list of up to 190 public IPv4 ranges", [
            "203.0.113.0/24",
        ])
            .default([])
            .describe("Who may reach a public API. The cluster's own egress addresses are added."),
    })
    .prefault({})
    .describe("How the Kubernetes API is reached: private, or public for authorised ranges only.");

const osDiskGiB = wholeNumber(30, 2048, 64)
    .default(64)
    .describe("Ephemeral OS disk of a node, in GiB. It has to fit the size's cache or temporary disk.");
const maxPods = wholeNumber(30, 250, 110).default(110).describe("Pods a node.");

export const systemPool = guided(
    z.strictObject({
        size: machineSize("Standard_D4ds_v5").describe("Virtual machine size."),
        minNodes: wholeNumber(2, 1000, 3).default(3).describe("Fewest nodes over all zones."),
        maxNodes: wholeNumber(2, 1000, 6).default(6).describe("Most nodes over all zones."),
        osDiskGiB,
        maxPods,
    }),
    "the system pool's settings",
    { size: "Standard_D4ds_v5" },
).describe("The pool for the cluster's own pods: over all zones, tainted `CriticalAddonsOnly`.");

const label = text(
    /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/,
    "a label value: up to 63 letters, digits, - _ .",
    "batch",
    "put the value in quotes and leave out other characters",
);
const taint = text(
    /^[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9])?(=[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)?:(NoSchedule|PreferNoSchedule|NoExecute)$/,
    "key=value:effect, the effect one of NoSchedule, PreferNoSchedule, NoExecute",
    "workload=batch:NoSchedule",
);

export const userPool = z
    .strictObject({
        name: text(
            /^[a-z][a-z0-9]{0,10}$/,
            "1 to 11 lower-case letters and digits, beginning with a letter (the zone's digit is added, and AKS allows 12)",
            "general",
        ).describe("Name of the pool; `general` makes the pools `general1`, `general2`, `general3`, one a zone."),
        size: machineSize("Standard_D8ds_v5").describe("Virtual machine size."),
        minNodesPerZone: wholeNumber(0, 1000, 1).default(1).describe("Fewest nodes in each zone."),
        maxNodesPerZone: wholeNumber(1, 1000, 5).describe("Most nodes in each zone."),
        osDiskGiB,
        maxPods,
        labels: guided(z.record(z.string(), label), "labels and their values", { workload: "batch" })
            .default({})
            .describe("Labels of the nodes."),
        taints: guided(z.array(taint), "a list of taints", ["workload=batch:NoSchedule"])
            .default([])
            .describe("Taints of the nodes."),
        spot: guided(z.boolean(), "true or false", false)
            .default(false)
            .describe(
                "Machines that Azure sells cheaper and takes back at 30 seconds' notice. Tainted `kubernetes.azure.com/scalesetpriority=spot:NoSchedule`.",
            ),
    })
    .describe(
        "A kind of node for workloads: one pool in each zone, so that the autoscaler can add a node in the zone that needs it.",
    );

const day = guided(
    z.enum(["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]),
    "a day of the week in English, such as Sunday",
    "Sunday",
);

const window = (preset: { day: "Saturday" | "Sunday"; start: string; hours: number }, doc: string) =>
    guided(
        z.strictObject({
            day: day.default(preset.day).describe("Day of the week."),
            start: text(
                /^([01]\d|2[0-3]):[0-5]\d$/,
                "a time from 00:00 to 23:59, in quotes",
                preset.start,
                `write it in quotes: "${preset.start}"`,
            )
                .default(preset.start)
                .describe("Time of day, in the set offset."),
            hours: wholeNumber(4, 24, preset.hours)
                .default(preset.hours)
                .describe("Length in hours; AKS wants four at least."),
        }),
        "day, start and hours",
        preset,
    )
        .prefault({})
        .describe(doc);

export const maintenance = guided(
    z.strictObject({
        utcOffset: text(/^[+-](0\d|1[0-4]):[0-5]\d$/, "an offset from UTC such as +01:00, in quotes", "+00:00")
            .default("+00:00")
            .describe("Offset from UTC of both windows."),
        cluster: window(
            { day: "Saturday", start: "01:00", hours: 6 },
            "When AKS rolls out patch versions of Kubernetes.",
        ),
        nodeImage: window(
            { day: "Sunday", start: "01:00", hours: 6 },
            "When AKS rolls out node images; when self-managed nodes restart for patches of their system.",
        ),
    }),
    "the windows in which nodes may be taken down",
    {},
)
    .prefault({})
    .describe("When nodes may be taken down for upgrades that nobody asked for, once a week each.");

export const upgrades = guided(
    z.strictObject({
        maxSurge: text(
            /^([1-9]\d?|100|([1-9]\d?|100)%)$/,
            "a number of nodes from 1, or a percentage from 1% to 100%, in quotes",
            "33%",
            'write it in quotes: "33%" or "1"',
        )
            .default("33%")
            .describe("Nodes added during an upgrade, a pool."),
        drainTimeoutMinutes: wholeNumber(1, 1440, 30).default(30).describe("Minutes to wait for pods to leave a node."),
        nodeSoakMinutes: wholeNumber(0, 30, 5).default(5).describe("Minutes to wait after each node."),
    }),
    "surge, drain timeout and soak",
    {},
)
    .prefault({})
    .describe("How an upgrade goes through a pool.");

export const auditLogs = guided(
    z.strictObject({
        retentionDays: wholeNumber(30, 730, 90).default(90).describe("Days that the workspace keeps them."),
    }),
    "how audit logs are kept",
    { retentionDays: 90 },
)
    .prefault({})
    .describe(
        "The API server's audit log (on AKS the sign-in guard's and the autoscaler's too), in a Log Analytics workspace.",
    );

export const kubernetesVersion = text(
    /^1\.(3[3-9]|4\d)$/,
    'a minor version from "1.33" on, in quotes',
    "1.34",
    'name the minor version only, in quotes: "1.34"; the patch is Azure\'s (aks) or pinned here (selfManaged)',
)
    .default("1.34")
    .describe(
        "Minor version of Kubernetes. Raise it by one minor at a time. Patches are Azure's on AKS and pinned in components/controlPlane/boot/versions.ts otherwise.",
    );

export const userPools = guided(z.array(userPool).min(1), "a list of at least one pool", [
    { name: "general", size: "Standard_D8ds_v5", maxNodesPerZone: 5 },
]).describe("Pools for workloads.");

const registryId = text(
    new RegExp(
        "^/subscriptions/[0-9a-fA-F-]{36}/resourceGroups/[^/]+/providers/Microsoft.ContainerRegistry/registries/[a-zA-Z0-9]{5,50}$",
    ),
    "the resource ID of a container registry",
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/shared/providers/Microsoft.ContainerRegistry/registries/example",
    "give its ID: az acr show --name NAME --query id",
);

const registry = guided(
    z.strictObject({
        id: registryId.describe("Its resource ID."),
        credentialProvider: guided(
            z.strictObject({
                version: text(/^\d+\.\d+\.\d+$/, "a release of cloud-provider-azure, in quotes", "1.35.1").describe(
                    "Release of cloud-provider-azure that it is of.",
                ),
                sha256: text(
                    /^[0-9a-f]{64}$/,
                    "64 hexadecimal digits",
                    "0".repeat(64),
                    "sha256sum azure-acr-credential-provider-linux-amd64, of that release",
                ).describe("SHA-256 of its `azure-acr-credential-provider-linux-amd64`: nobody publishes one."),
            }),
            "version and sha256",
            { version: "1.35.1", sha256: "0".repeat(64) },
        )
            .optional()
            .describe("How kubelets sign in to it. Self-managed nodes need it, AKS brings its own."),
    }),
    "the registry's ID, and for self-managed nodes the credential provider",
    {
        id: "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/shared/providers/Microsoft.ContainerRegistry/registries/example",
    },
).describe("A private container registry that nodes pull from by their own identity.");

/**
 * What both kinds of cluster take, so that the kind is one line. What a kind takes beside it stands in a part of its own,
 * which the other kind leaves unread.
 */
export const cluster = withSignposts(
    guided(
        z.strictObject({
            kind: guided(z.enum(["selfManaged", "aks"]), '"selfManaged" or "aks"', "selfManaged").describe(
                "`selfManaged`: a control plane of machines, with `mainstay:controlPlane`. `aks`: Azure Kubernetes Service. It cannot change once the cluster is there (docs/clusters.md).",
            ),
            kubernetesVersion,
            api,
            systemPool,
            userPools,
            maintenance,
            upgrades,
            auditLogs,
            registry: registry.optional(),
        }),
        "settings of a cluster",
        { kind: "selfManaged" },
    ),
    {
        adminGroups: {
            allowed: "the administrators in mainstay:access, beside the platform's other groups",
            mend: "move the list to mainstay:access.groups.administrators",
        },
    },
).describe("The Kubernetes cluster.");

export type ClusterSettings = z.output<typeof cluster>;

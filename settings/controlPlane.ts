import { z } from "zod";
import { guid, guided, machineSize, text, wholeNumber } from "./guidance";

const generation = wholeNumber(1, 10_000, 2);

/** Which keys there are: the first is used, all are trusted. */
const generations = (doc: string) =>
    guided(
        z.array(generation).min(1).max(2),
        "one or two different whole numbers: the first is used, all are trusted",
        [1],
        "change one place at a time, as docs/control-plane.md says",
    )
        .default([1])
        .describe(doc);

const etcdDisk = guided(
    z.strictObject({
        sizeGiB: wholeNumber(16, 1024, 32).default(32).describe("Size in GiB."),
        iops: wholeNumber(3000, 80_000, 3000).default(3000).describe("Operations a second."),
        mebibytesPerSecond: wholeNumber(125, 1200, 125).default(125).describe("Throughput in MiB a second."),
    }),
    "size and speed of a Premium SSD v2",
    { sizeGiB: 32 },
)
    .prefault({})
    .describe("etcd's disk on each machine, a Premium SSD v2 of its own: it outlives the machine.");

const certificates = guided(
    z.strictObject({
        authorities: generations(
            "Authorities of Kubernetes, etcd and front proxy. Rotation in three updates: `[1, 2]`, `[2, 1]`, `[2]`.",
        ),
        administrator: wholeNumber(1, 10_000, 1)
            .default(1)
            .describe("The deployment's certificate. A higher number makes a new one."),
        serviceAccountKeys: generations(
            "Keys that service accounts' tokens are signed with. Rotation in three updates: `[1, 2]`, `[2, 1]`, and when every old token has expired `[2]`.",
        ),
        encryptionKeys: generations(
            "Keys that Secrets are encrypted with in etcd. Rotation in three updates: `[1, 2]`, `[2, 1]`, then `[2]`.",
        ),
    }),
    "which keys and certificates there are",
    {},
)
    .prefault({})
    .describe("Generations of keys and certificates. Changing one is how it is rotated (docs/control-plane.md).");

/** What a self-managed control plane takes beside the cluster's settings. */
export const controlPlane = guided(
    z.strictObject({
        machines: guided(
            z.union([z.literal(3), z.literal(5)]),
            "3 or 5: etcd needs an odd number, one machine more than half of it has to live, and more than 5 only slow it down",
            3,
        )
            .default(3)
            .describe("Machines that run the API server and etcd, placed evenly over the zones."),
        size: machineSize("Standard_D4ds_v5").default("Standard_D4ds_v5").describe("Virtual machine size."),
        etcdDisk,
        generations: guided(
            z.record(
                text(/^[1-5]$/, "a machine's number, in quotes", "1", 'write the number in quotes: "1"'),
                generation,
            ),
            'machines\' numbers and generations, such as {"2": 2}',
            { "2": 2 },
        )
            .default({})
            .describe(
                "How often each machine has been replaced, and 1 where it says nothing. A higher number replaces that machine: one at a time, best by `npm run roll`.",
            ),
        certificates,
        signIn: guided(
            z.strictObject({
                clientId: guid(
                    "the application ID of the registration that people sign in by, a GUID",
                    "give the application's ID: az ad app list --display-name NAME --query [].appId",
                ).describe(
                    "Application (client) ID of the app registration in Entra ID; its `groupMembershipClaims` is ApplicationGroup.",
                ),
            }),
            "the app registration that people sign in by",
            { clientId: "00000000-0000-0000-0000-000000000000" },
        ).describe("How people sign in to the API."),
        snapshots: guided(
            z.strictObject({
                retentionDays: wholeNumber(7, 365, 30)
                    .default(30)
                    .describe("Days that one snapshot a day is kept; those of the last 24 hours are all kept."),
            }),
            "how etcd snapshots are kept",
            { retentionDays: 30 },
        )
            .prefault({})
            .describe("etcd snapshots, every 15 minutes."),
        bootRun: wholeNumber(1, 10_000, 2)
            .default(1)
            .describe(
                "A higher number runs every machine's boot again, one after another, though nothing else changed.",
            ),
        allowTwoZones: guided(z.boolean(), "true or false", true)
            .default(false)
            .describe(
                "Accepts two zones: one of them holds most of the machines, and without it the cluster stands still.",
            ),
    }),
    "settings of a control plane",
    { signIn: { clientId: "00000000-0000-0000-0000-000000000000" } },
).describe("The self-managed control plane. Read where `mainstay:cluster.kind` is `selfManaged`.");

export type ControlPlaneSettings = z.output<typeof controlPlane>;

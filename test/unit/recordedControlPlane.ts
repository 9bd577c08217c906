import { ControlPlane, type ControlPlaneArgs } from "../../components/controlPlane";
import { Network } from "../../components/network";
import { record, type Recorded, subscription } from "./recordedProgram";

export const site = {
    prefix: "mainstay-prod",
    location: "westeurope",
    zones: ["1", "2", "3"],
    tags: { owner: "platform" },
    ...subscription,
};

export const args: Omit<ControlPlaneArgs, "network"> = {
    ...site,
    kubernetesVersion: "1.35",
    api: { private: true, authorizedRanges: [] },
    podCidr: "10.244.0.0/16",
    serviceCidr: "10.96.0.0/16",
    dnsServiceIP: "10.96.0.10",
    machines: 3,
    size: "Standard_D4ds_v5",
    etcdDisk: { sizeGiB: 32, iops: 4000, mebibytesPerSecond: 150 },
    generations: {},
    certificates: { authorities: [1], administrator: 1, encryptionKeys: [1], serviceAccountKeys: [1] },
    signIn: { clientId: "44444444-4444-4444-8444-444444444444" },
    snapshots: { retentionDays: 30 },
    auditLogs: { retentionDays: 90 },
    bootRun: 1,
};

/** A registry of another subscription. */
export const registryId =
    "/subscriptions/99999999-9999-4999-8999-999999999999/resourceGroups/shared/providers/Microsoft.ContainerRegistry/registries/Example";

/** Whatever can be otherwise. */
const others: Partial<typeof args> = {
    api: { private: false, authorizedRanges: ["198.51.100.0/24"] },
    machines: 5,
    generations: { "2": 7 },
    certificates: { authorities: [1, 2], administrator: 1, encryptionKeys: [2, 1], serviceAccountKeys: [1] },
    registry: { id: registryId, credentialProvider: { version: "1.35.1", sha256: "a".repeat(64) } },
};

function make(more: Partial<typeof args>) {
    const all = { ...args, ...more };
    return record(() => {
        const network = new Network("network", {
            ...all,
            clusterKind: "selfManaged",
            addressSpace: "10.64.0.0/16",
            privateApi: all.api.private,
            authorizedRanges: all.api.authorizedRanges,
        });
        return new ControlPlane("control-plane", { ...all, network });
    });
}

let usual: ReturnType<typeof make> | undefined;
let otherwise: ReturnType<typeof make> | undefined;

/** As it usually is. Built once for all tests. */
export const build = () => (usual ??= make({}));

/** With a public API, five machines, one of them replaced, other keys and a registry. Built once as well. */
export const buildOtherwise = async () => {
    await build();
    return (otherwise ??= make(others));
};

/** ID of something in the cluster's group, as Azure will have it. */
export function inGroup(path: string): string {
    return `/subscriptions/${subscription.subscriptionId}/resourceGroups/mainstay-prod-cluster/providers/${path}`;
}

/** A value that the engine was told to keep secret, or undefined where it was not. */
export function secretValue(value: any): string | undefined {
    return typeof value === "object" && value !== null && "value" in value ? value.value : undefined;
}

/** Everything that a resource waits for, and what that waits for. */
export function waitsFor(resources: Recorded[], name: string): Set<string> {
    const found = new Set<string>();
    const visit = (from: string) => {
        for (const next of resources.find((one) => one.name === from)?.dependsOn ?? []) {
            if (!found.has(next)) {
                found.add(next);
                visit(next);
            }
        }
    };
    visit(name);
    return found;
}

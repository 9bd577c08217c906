import { VirtualMachineExtension } from "@pulumi/azure-native/compute/virtualMachineExtension";
import * as pulumi from "@pulumi/pulumi";
import { SelfManagedCluster, type SelfManagedClusterArgs } from "../../components/cluster";
import type { ControlPlane } from "../../components/controlPlane";
import { createIdentity } from "../../components/identity";
import { Network } from "../../components/network";
import { idOf, record, subscription } from "./recordedProgram";

export const site = {
    prefix: "mainstay-prod",
    location: "westeurope",
    zones: ["1", "2", "3"],
    tags: { owner: "platform" },
    ...subscription,
};

type ClusterArgs = Omit<SelfManagedClusterArgs, "network" | "controlPlane">;

export const pool = {
    name: "general",
    size: "Standard_D8ds_v5",
    minNodesPerZone: 1,
    maxNodesPerZone: 5,
    osDiskGiB: 64,
    maxPods: 110,
    labels: {},
    taints: [],
    spot: false,
};

export const clusterArgs: ClusterArgs = {
    ...site,
    kubernetesVersion: "1.34",
    podCidr: "10.244.0.0/16",
    dnsServiceIP: "10.96.0.10",
    systemPool: { size: "Standard_D4ds_v5", minNodes: 3, maxNodes: 6, osDiskGiB: 64, maxPods: 110 },
    userPools: [pool],
    upgrades: { maxSurge: "33%", drainTimeoutMinutes: 30, nodeSoakMinutes: 5 },
    maintenance: {
        utcOffset: "+01:00",
        cluster: { day: "Saturday", start: "01:00", hours: 6 },
        nodeImage: { day: "Sunday", start: "02:00", hours: 5 },
    },
    signIn: { clientId: "44444444-4444-4444-8444-444444444444" },
};

/**
 * A self-managed cluster with its network, recorded, before a control plane that is only as much as a cluster sees of one:
 * the rehearsals have the real one, whose keys take their time. Built once as it usually is.
 */
export function selfManaged(more?: Partial<ClusterArgs>) {
    return more ? make(more) : (usual ??= make({}));
}

let usual: ReturnType<typeof make> | undefined;

function make(more: Partial<ClusterArgs>) {
    const all = { ...clusterArgs, ...more };
    return record(() => {
        const network = new Network("network", { ...all, clusterKind: "selfManaged", addressSpace: "10.64.0.0/16" });
        return new SelfManagedCluster("cluster", { ...all, network, controlPlane: standIn() });
    });
}

function standIn(): ControlPlane {
    const resourceGroupName = "mainstay-prod-cluster";
    const boots = [1, 2, 3].map((number) => {
        const vmName = `mainstay-prod-cp-${number}`;
        return new VirtualMachineExtension(`control-plane-boot-${number}`, {
            resourceGroupName,
            vmName,
            vmExtensionName: "boot",
        });
    });
    const joinVault = { url: "https://join1234.vault.azure.net", id: idOf("control-plane-join"), secret: "discovery" };
    const seen: Partial<ControlPlane> = {
        endpoint: "https://api.mainstay-prod.internal:6443",
        administratorKubeconfig: pulumi.secret("kubeconfig"),
        authorityBundle: pulumi.output("-----BEGIN CERTIFICATE-----"),
        oidcIssuerUrl: pulumi.output("https://issuer1234.z6.web.core.windows.net"),
        machines: [1, 2, 3].map((number) => ({ name: `mainstay-prod-cp-${number}` })) as ControlPlane["machines"],
        ready: boots,
        joinVault,
        trust: "authorities=1",
        workerIdentity: createIdentity(
            "control-plane-worker",
            site,
            {
                resourceName: "mainstay-prod-worker",
                resourceGroupName,
                describes: "workers",
                grants: [{ role: "Key Vault Secrets User", scope: joinVault.id, on: "join" }],
            },
            {},
        ),
        sshPublicKey: pulumi.output("ssh-ed25519 AAAA"),
        resourceGroupName,
    };
    return seen as ControlPlane;
}

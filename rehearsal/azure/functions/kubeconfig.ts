import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { simulatedKey } from "../guid";
import { textAt } from "../rules/rule";
import type { CloudResource } from "../state/cloud";
import type { Account } from "../subscription";

/** The application that AKS has in every Entra tenant: what a kubelogin asks a token for (Microsoft Learn, kubelogin). */
const AKS_SERVER_APPLICATION = "6dae42f8-4368-4678-94ff-3960e28e3630";
/** The one that people sign in with. */
const AKS_CLIENT_APPLICATION = "80faf920-1908-4b52-b5ef-a8e7bedfc67a";

interface ApiServer {
    server: string;
    certificateAuthority?: string;
    adminToken?: string;
}

/** A kubeconfig as AKS gives it to users, in base64: with Entra ID, a sign-in plugin and no secret. */
export function userKubeconfig(cluster: CloudResource, account: Account): string {
    if (cluster.inputs.aadProfile === undefined) return adminKubeconfig(cluster);
    const name = `clusterUser_${textAt(cluster.inputs, "resourceGroupName")}_${cluster.name}`;
    const tenant = textAt(cluster.inputs, "aadProfile", "tenantID") ?? account.tenantId;
    return kubeconfig(cluster, name, {
        exec: {
            apiVersion: "client.authentication.k8s.io/v1beta1",
            command: "kubelogin",
            args: [
                "get-token",
                "--environment",
                "AzurePublicCloud",
                "--server-id",
                AKS_SERVER_APPLICATION,
                "--client-id",
                AKS_CLIENT_APPLICATION,
                "--tenant-id",
                tenant,
                "--login",
                "devicecode",
            ],
            env: null,
            installHint: "kubelogin is not installed: https://aka.ms/aks/kubelogin",
            provideClusterInfo: false,
        },
    });
}

/** A kubeconfig of the local administrator, in base64. */
export function adminKubeconfig(cluster: CloudResource): string {
    const name = `clusterAdmin_${textAt(cluster.inputs, "resourceGroupName")}_${cluster.name}`;
    return kubeconfig(cluster, name, { token: apiServer()?.adminToken ?? simulatedKey(48, cluster.id, "admin") });
}

function kubeconfig(cluster: CloudResource, user: string, credentials: object): string {
    const real = apiServer();
    const host = textAt(cluster.outputs, "fqdn") ?? textAt(cluster.outputs, "privateFQDN") ?? "";
    const authority = real?.certificateAuthority;
    const text = stringify({
        apiVersion: "v1",
        kind: "Config",
        preferences: {},
        clusters: [
            {
                name: cluster.name,
                cluster: {
                    ...(authority ? { "certificate-authority-data": readFileSync(authority).toString("base64") } : {}),
                    server: real?.server ?? `https://${host}:443`,
                },
            },
        ],
        contexts: [{ name: cluster.name, context: { cluster: cluster.name, user } }],
        "current-context": cluster.name,
        users: [{ name: user, user: credentials }],
    });
    return Buffer.from(text).toString("base64");
}

/** The API server that stands for every cluster of the rehearsal, once it runs. */
function apiServer(): ApiServer | undefined {
    const run = process.env.MAINSTAY_REHEARSAL;
    const path = run && join(run, "cluster", "api-server.json");
    return path && existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as ApiServer) : undefined;
}

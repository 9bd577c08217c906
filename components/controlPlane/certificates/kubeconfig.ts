import { stringify } from "yaml";

/** Where a cluster is, and how it is known. */
export interface ClusterAddress {
    /** Name of the cluster. */
    cluster: string;
    /** `https://host:port` */
    server: string;
    /** Certificates of its authorities, PEM. */
    authority: string;
}

/** Holds a certificate and its key: a secret. */
export function certificateKubeconfig(address: ClusterAddress, user: { certificate: string; key: string }): string {
    return kubeconfig(address, "administrator", {
        "client-certificate-data": base64(user.certificate),
        "client-key-data": base64(user.key),
    });
}

/** Holds no credential: kubelogin signs in whoever uses it, and no more than that is needed to use it. */
export function peopleKubeconfig(address: ClusterAddress & { clientId: string; tenantId: string }): string {
    return kubeconfig(address, "person", {
        exec: {
            apiVersion: "client.authentication.k8s.io/v1beta1",
            command: "kubelogin",
            args: [
                "get-token",
                ...["--environment", "AzurePublicCloud"],
                ...["--server-id", address.clientId],
                ...["--client-id", address.clientId],
                ...["--tenant-id", address.tenantId],
            ],
            interactiveMode: "IfAvailable",
            provideClusterInfo: false,
            installHint: "kubelogin is not installed: see https://azure.github.io/kubelogin/install.html",
        },
    });
}

function kubeconfig({ cluster, server, authority }: ClusterAddress, who: string, user: object): string {
    const name = `${cluster}-${who}`;
    return stringify(
        {
            apiVersion: "v1",
            kind: "Config",
            clusters: [{ name: cluster, cluster: { server, "certificate-authority-data": base64(authority) } }],
            users: [{ name, user }],
            contexts: [{ name, context: { cluster, user: name } }],
            "current-context": name,
        },
        { lineWidth: 0 },
    );
}

function base64(text: string): string {
    return Buffer.from(text).toString("base64");
}

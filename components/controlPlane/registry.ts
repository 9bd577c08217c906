import type { Download } from "./boot";

/** A private registry of Azure that nodes pull from. */
export interface Registry {
    /** Resource ID. */
    id: string;
    /** The kubelet's way to a token for it: a release of cloud-provider-azure, whose checksums nobody publishes. */
    credentialProvider: {
        /** Such as `1.35.1`. */
        version: string;
        /** SHA-256 of its program for Linux on amd64. */
        sha256: string;
    };
}

/** Where a registry of Azure answers, by its ID. */
export function registryHost({ id }: Pick<Registry, "id">): string {
    return `${id.split("/").at(-1)}.azurecr.io`.toLowerCase();
}

/** What machines download so that their kubelets can sign in to the registry. */
export function credentialProvider({ credentialProvider: { version, sha256 } }: Registry): Download {
    return {
        name: "credential-provider",
        version,
        url: `https://github.com/kubernetes-sigs/cloud-provider-azure/releases/download/v${version}/azure-acr-credential-provider-linux-{architecture}`,
        // Of the other architecture nobody has said one: a machine of it refuses the download.
        sha256: { amd64: sha256, arm64: "0".repeat(64) },
    };
}

import { documents } from "./document";
import type { Flags } from "./flags";
import { apiServerFolder, bundleFolder, credentialProvider } from "./paths";

const CONFIGURATION = "credential-provider.yaml";
const AZURE = "credential-provider-azure.json";

/** Has the kubelet fetch short-lived credentials for the private registry, with the machine's identity. */
export function imageCredentialFlags(registry: string | undefined): Flags {
    if (!registry) return {};
    return {
        // Boot's copy: it starts the kubelet anew when that changes.
        "image-credential-provider-config": `${apiServerFolder}/${CONFIGURATION}`,
        "image-credential-provider-bin-dir": credentialProvider.folder,
    };
}

export function imageCredentialFiles(registry: string | undefined, tenantId: string): Record<string, string> {
    if (!registry) return {};
    return {
        [CONFIGURATION]: documents({
            apiVersion: "kubelet.config.k8s.io/v1",
            kind: "CredentialProviderConfig",
            providers: [
                {
                    name: credentialProvider.program,
                    apiVersion: "credentialprovider.kubelet.k8s.io/v1",
                    matchImages: [registry],
                    defaultCacheDuration: "10m",
                    args: [`${bundleFolder}/${AZURE}`],
                },
            ],
        }),
        // A machine has one identity, so there is none to name.
        [AZURE]: JSON.stringify({ cloud: "AzurePublicCloud", tenantId, useManagedIdentityExtension: true }) + "\n",
    };
}

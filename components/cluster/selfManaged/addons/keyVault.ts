import type { Release } from "@pulumi/kubernetes/helm/v3/release";
import type * as pulumi from "@pulumi/pulumi";
import { charts, createRelease } from "./charts";
import { everywhere } from "./placement";

/** Secrets of Key Vault as files in pods, by the pod's own identity; renewed every two minutes, as on AKS. */
export function createKeyVaultDriver(name: string, opts: pulumi.CustomResourceOptions): Release {
    const critical = { priorityClassName: "system-node-critical" };
    return createRelease(
        name,
        charts.keyVault,
        {
            linux: { ...everywhere, ...critical },
            "secrets-store-csi-driver": {
                enableSecretRotation: true,
                rotationPollInterval: "2m",
                linux: { ...everywhere, ...critical },
            },
        },
        opts,
    );
}

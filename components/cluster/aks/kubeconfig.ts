/**
 * The kubeconfig for the deployment itself: signs in as Azure's command line does, unless the environment says otherwise.
 *
 * AKS writes `--login devicecode` into a kubeconfig, which waits for somebody to type a code: fine for people, and a
 * deployment that hangs in CI. kubelogin lets AAD_LOGIN_METHOD (spn, workloadidentity, msi…) win over the argument.
 */
export function signInWithoutPrompt(kubeconfig: string): string {
    return kubeconfig.replace(/(["']?--login["']?\s*[,-]?\s*["']?)devicecode\b/g, "$1azurecli");
}

/** The first kubeconfig of AKS's answer. */
export function decodeKubeconfig(kubeconfigs: readonly { value: string }[]): string {
    if (kubeconfigs.length === 0) {
        throw new Error(
            "Azure gave no kubeconfig: the deployment's identity needs the role Azure Kubernetes Service Cluster User Role on the cluster",
        );
    }
    return Buffer.from(kubeconfigs[0].value, "base64").toString("utf8");
}

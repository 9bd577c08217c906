/** The keys and certificates of a control plane, and the kubeconfigs made of them. */
export {
    type Certificates,
    type CertificatesArgs,
    createCertificates,
    secretFiles,
    type SecretName,
} from "./certificates";
export { type ClusterAddress, peopleKubeconfig } from "./kubeconfig";
export { keyId, keySet } from "./serviceAccounts";

/** What the control plane's programs are told: files for kubeadm, the API server and kubelets, as text out of plain values. */
export { encryptionConfiguration, type EncryptionKey } from "./encryption";
export { controlPlaneFiles, workerFiles } from "./files";
export { discoveryDocument, jwksUri } from "./issuer";
export { forbiddenNodeLabels } from "./nodeLabels";
export { apiServerFolder, auditLogFolder, credentialProvider, discoveryFile, signingCertificate } from "./paths";
export type { ClusterPlan, Machine, WorkerPool } from "./plan";

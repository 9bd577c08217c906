/** Three storage accounts: the issuer's public documents, the lock and mark of initialisation, etcd's snapshots. */
export { type ControlPlaneStorage, createStorage, type StorageArgs } from "./storage";

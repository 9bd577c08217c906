/** What the owners of the interfaces that a rehearsal meets have published: ARM's schemas, CRDs, charts' values. */
export { type Contracts, ensureContracts } from "./ensure";
export { contractsFolder, type ContractsFolder } from "./folder";

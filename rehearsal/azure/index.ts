/**
 * The simulated Azure, seen from outside: its faults, its state and its account. The provider itself is a process of the
 * engine (`main.ts`). docs/simulated-azure.md says what it judges and what not.
 */
export { type Faults, mergeFaults, parseFault, writeFaults } from "./faults/faults";
export { Cloud, type CloudResource } from "./state/cloud";
export { SimulatedAzure } from "./provider";

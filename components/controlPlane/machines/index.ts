/** Control-plane machines: address and etcd disk that outlive a machine, the machine, and how its boot ended. */
export { machineImage } from "./image";
export {
    createMachine,
    type EtcdDiskArgs,
    type Machine,
    type MachineArgs,
    machineId,
    type MachinePlan,
} from "./machine";

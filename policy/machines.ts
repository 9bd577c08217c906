import type { Unwrap } from "@pulumi/pulumi";
import type { VirtualMachineArgs } from "@pulumi/azure-native/compute/virtualMachine";
import type { Judged, Tagged } from "./kinds";
import type { Judge } from "./rule";

/** A machine has two shapes: a resource of its own, or what a scale set makes its machines by. */
export const machineKinds: ("azure-native:compute:VirtualMachine" | "azure-native:compute:VirtualMachineScaleSet")[] = [
    "azure-native:compute:VirtualMachine",
    "azure-native:compute:VirtualMachineScaleSet",
];

export type MachineHolder = Judged<(typeof machineKinds)[number]>;

export type Machine = Pick<
    Unwrap<VirtualMachineArgs>,
    "diagnosticsProfile" | "osProfile" | "securityProfile" | "userData"
>;

export function isMachineHolder(resource: { kind: string }): resource is MachineHolder {
    return (machineKinds as string[]).includes(resource.kind);
}

/** The machine with the path of its properties. A scale set that states no machine is left out of the evidence. */
export function machineOf(
    holder: MachineHolder,
    judge: Pick<Judge, "notConcerned">,
): { machine: Machine; path: string } {
    if (holder.kind === "azure-native:compute:VirtualMachine") return { machine: holder.props, path: "" };
    const machine = holder.props.virtualMachineProfile;
    if (!machine) return judge.notConcerned("It makes no machines by itself");
    return { machine: machine as Machine, path: "virtualMachineProfile." };
}

/**
 * The tag by which a program says what a machine is to Kubernetes: `mainstay-role: control-plane` or `worker`. Azure does not
 * know, and a name proves nothing.
 */
export const ROLE_TAG = "mainstay-role";

/** Tags of the cluster autoscaler for Azure, on the scale sets that it may grow. */
export const AUTOSCALED_TAG = "cluster-autoscaler-enabled";

export function isTaggedControlPlane({ tags }: Tagged): boolean {
    return tagOf(tags, ROLE_TAG) === "control-plane";
}

/** A scale set of a cluster's nodes: tagged as one, or as what the autoscaler may grow. */
export function isWorkers({ tags }: Tagged): boolean {
    return tagOf(tags, ROLE_TAG) === "worker" || tagOf(tags, AUTOSCALED_TAG) !== undefined;
}

/** Azure compares names of tags without case. */
export function tagOf(tags: Record<string, string> | undefined, name: string): string | undefined {
    const found = Object.keys(tags ?? {}).find((key) => key.toLowerCase() === name.toLowerCase());
    return found === undefined ? undefined : tags?.[found];
}

import { belongsTo } from "./belonging";
import type { Kind } from "./kinds";
import { isTaggedControlPlane } from "./machines";
import { some } from "./reading";
import type { Member, StackJudge } from "./rule";

export type ControlPlaneMachine = Member<"azure-native:compute:VirtualMachine">;

/** What {@link controlPlanesOf} reads: for a rule's `reads`. */
export const controlPlaneReads = [
    "azure-native:network:LoadBalancer",
    "azure-native:network:NetworkInterface",
] as const satisfies Kind[];

export const API_PORT = 6443;

/**
 * The self-managed control planes of a stack: the machines that carry the tag `mainstay-role: control-plane` or stand behind a
 * load balancer of port 6443. Those of one resource group are one control plane. A stack without any is not concerned.
 */
export function controlPlanesOf(stack: StackJudge): ControlPlaneMachine[][] {
    const balancers = stack.all("azure-native:network:LoadBalancer").filter(balancesApi);
    const planes = new Map<string, ControlPlaneMachine[]>();
    for (const machine of stack.all("azure-native:compute:VirtualMachine")) {
        if (!isTaggedControlPlane(machine.props) && !isBehind(balancers, machine, stack)) continue;
        const group = groupOf(machine);
        planes.set(group, [...(planes.get(group) ?? []), machine]);
    }
    if (planes.size === 0) stack.notConcerned("It has no machine of a control plane");
    // The engine's order differs from run to run.
    return [...planes.values()].map((machines) => machines.sort((a, b) => (a.name < b.name ? -1 : 1)));
}

export function cardsOf(machine: ControlPlaneMachine, stack: StackJudge) {
    return stack
        .all("azure-native:network:NetworkInterface")
        .filter((card) => belongsTo(card, machine, "networkProfile"));
}

export function balancesApi({ props }: Pick<Member<"azure-native:network:LoadBalancer">, "props">): boolean {
    return some(
        props.loadBalancingRules,
        ({ frontendPort, backendPort }) => frontendPort === API_PORT || backendPort === API_PORT,
    );
}

function isBehind(
    balancers: Member<"azure-native:network:LoadBalancer">[],
    machine: ControlPlaneMachine,
    stack: StackJudge,
): boolean {
    if (balancers.length === 0) return false;
    return cardsOf(machine, stack).some((card) =>
        balancers.some((balancer) => belongsTo(balancer, card, "ipConfigurations")),
    );
}

/** In a preview the group's name may be unknown; what it is made from is not. */
function groupOf({ resource, props }: ControlPlaneMachine): string {
    const madeFrom = resource.propertyDependencies.resourceGroupName ?? [];
    const group = madeFrom.find(({ type }) => type === "azure-native:resources:ResourceGroup");
    return group?.urn ?? props.resourceGroupName?.toLowerCase() ?? "";
}

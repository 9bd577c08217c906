import { celList, type Rule } from "../policy";

/** Taints of nodes that keep the cluster going. */
const RESERVED = ["node-role.kubernetes.io/control-plane", "CriticalAddonsOnly"];

const TOLERATES = `!has(t.key) || t.key == '' || t.key in ${celList(RESERVED)}`;

/** Nobody's pods push the platform's out of the way, or sit beside the control plane. */
export const placementRules: Rule[] = [
    {
        expression: "!variables.pod.?priorityClassName.orValue('').startsWith('system-')",
        message:
            "variables.where + ' has the priority class ' + variables.pod.priorityClassName + ', which evicts pods of the platform. " +
            "Leave priorityClassName out, or use a class that does not begin with system-'",
    },
    {
        expression: `!variables.pod.?tolerations.orValue([]).exists(t, ${TOLERATES})`,
        message:
            "variables.where + ' tolerates the taints of nodes that keep the cluster going. " +
            `Name other taints in tolerations, each by its key; reserved: ${RESERVED.join(", ")}'`,
    },
    {
        // The scheduler sets it later, in a request of its own that is not judged here.
        expression: "oldObject != null || variables.pod.?nodeName.orValue('') == ''",
        message:
            "variables.where + ' names its node, ' + variables.pod.nodeName + ', and would pass by the scheduler and the taints of nodes. " +
            "Leave nodeName out; nodeSelector and affinity say where pods may go'",
    },
];

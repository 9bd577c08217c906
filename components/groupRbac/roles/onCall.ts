import type { Role } from "../role";
import { debuggerRole } from "./debugger";

/** In tenants' namespaces, on top of what operators may. Members should be eligible by Entra PIM and active for hours. */
export const onCall: Role = {
    name: "mainstay:on-call",
    binding: "mainstay:on-call",
    describes: "Debugs and steadies a team's work in the night: logs, shells, restarts, scale, rollback.",
    rules: [
        { why: "What the programs say.", resources: ["pods/log"], verbs: ["get"] },
        ...debuggerRole.rules,
        { why: "Restarts a single pod.", resources: ["pods"], verbs: ["delete"] },
        {
            why: "`kubectl rollout restart` and `rollout undo`: both patch the pod template.",
            resources: ["deployments.apps", "statefulsets.apps", "daemonsets.apps"],
            verbs: ["patch"],
        },
        {
            why: "More of them, or fewer.",
            resources: ["deployments.apps/scale", "statefulsets.apps/scale"],
            verbs: ["get", "update", "patch"],
        },
        {
            why: "The limits of an autoscaler that is in the way.",
            resources: ["horizontalpodautoscalers.autoscaling"],
            verbs: ["patch"],
        },
    ],
};

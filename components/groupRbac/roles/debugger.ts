import type { Role } from "../role";

/** Bound to developers where the tenant's `exec` says so. kubectl asks by GET since it speaks WebSocket; 1.35 asks for create as well. */
export const debuggerRole: Role = {
    name: "mainstay:debugger",
    binding: "mainstay:debuggers",
    describes: "Goes into running pods: whoever does sees what the pod sees, its Secrets and its data among that.",
    rules: [
        {
            why: "A shell in a container, its terminal, its ports.",
            resources: ["pods/exec", "pods/attach", "pods/portforward"],
            verbs: ["get", "create"],
        },
        {
            why: "A container beside the others (`kubectl debug`), within the namespace's Pod Security.",
            resources: ["pods/ephemeralcontainers"],
            verbs: ["patch"],
        },
    ],
};

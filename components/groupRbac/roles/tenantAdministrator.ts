import type { Role } from "../role";
import { debuggerRole } from "./debugger";
import { developer } from "./developer";

/** Has the last word on a team's data, not on its limits: no roles, quotas or network policies, and no reading of Secrets. */
export const tenantAdministrator: Role = {
    name: "mainstay:tenant-administrator",
    binding: "mainstay:tenant-administrators",
    describes: "Does all that developers and debuggers do, and deletes data.",
    rules: [
        ...developer.rules,
        ...debuggerRole.rules,
        {
            why: "Volumes and snapshots that are no longer needed.",
            resources: ["persistentvolumeclaims", "volumesnapshots.snapshot.storage.k8s.io"],
            verbs: ["delete"],
        },
    ],
};

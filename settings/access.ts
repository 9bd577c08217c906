import { z } from "zod";
import { groups, groupsAtLeastOne, peopleByName } from "./groups";
import { guided, withSignposts } from "./guidance";

/** Roles of the platform's own people. What each may do stands in docs/access.md. */
export const platformGroups = withSignposts(
    guided(
        z.strictObject({
            administrators: groupsAtLeastOne("May do everything in the cluster. There are no local accounts."),
            operators: groups("Run the platform: nodes and the platform's namespaces, restarts and logs; no Secrets."),
            onCall: groups(
                "What operators may, and debugging in tenants' namespaces. Make people eligible by Entra PIM, not members for good.",
            ),
            auditors: groups(
                "Read the configuration of the whole cluster, roles and policies among it; neither Secrets nor logs.",
            ),
        }),
        "groups by their role: administrators, operators, onCall, auditors",
        { administrators: ["00000000-0000-0000-0000-000000000000"] },
    ),
    peopleByName,
).describe("Groups of Entra ID by what their members do on the platform (object IDs).");

export const access = withSignposts(
    guided(
        z.strictObject({ groups: platformGroups }),
        "who may do what on the platform, by group",
        { groups: { administrators: ["00000000-0000-0000-0000-000000000000"] } },
        "add it: groups.administrators, with at least one group's object ID, is all that has no default",
    ),
    peopleByName,
).describe("Who may do what on the platform.");

export type AccessSettings = z.output<typeof access>;

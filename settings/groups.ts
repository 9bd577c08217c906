import { z } from "zod";
import { guid, guided } from "./guidance";

const finding = "az ad group show --group NAME --query id";

const group = guid(
    "groups only, by object ID: a GUID, not a name, not a person's address",
    `give the group's object ID: ${finding}; a person is given access by membership in a group`,
);

/** A list of groups of Entra ID. AKS takes 20 for its administrators; nobody overlooks more. */
export function groups(doc: string) {
    return guided(
        z.array(group).max(20),
        "groups only, by object ID: a list of up to 20",
        ["00000000-0000-0000-0000-000000000000"],
        `list groups' object IDs: ${finding}`,
    )
        .default([])
        .describe(doc);
}

/** The same, of a role that somebody must have. */
export function groupsAtLeastOne(doc: string) {
    return guided(
        z.array(group).min(1).max(20),
        "groups only, by object ID: a list of one to 20",
        ["00000000-0000-0000-0000-000000000000"],
        `give at least one group's object ID: ${finding}`,
    ).describe(doc);
}

const people = {
    allowed: "groups only, by object ID: nobody is given access by name or address",
    mend: `remove it; make the person a member of a group in Entra ID, and list the group: ${finding}`,
};

/** Keys by which people try to name people. */
export const peopleByName = { user: people, users: people, members: people, people };

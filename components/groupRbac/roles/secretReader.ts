import { READ, type Role } from "../role";

/** A role of its own, for whoever has to see what is confidential; it includes nothing else. */
export const secretReader: Role = {
    name: "mainstay:secret-reader",
    binding: "mainstay:secret-readers",
    describes: "Reads a team's Secrets, and nothing else.",
    rules: [{ why: "What no other role shows.", resources: ["secrets"], verbs: READ }],
};

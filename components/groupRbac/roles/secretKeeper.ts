import type { Role } from "../role";

/** For groups that deliver Secrets and may read them, too: only to them the answers to these tell nothing new. */
export const secretKeeper: Role = {
    name: "mainstay:secret-keeper",
    binding: "mainstay:secret-keepers",
    describes:
        "Changes Secrets in place and deletes them; given to groups that are both secretReaders and developers or administrators.",
    rules: [
        {
            why: "`kubectl apply`, and the end of a Secret. The answers hold the Secret, so this goes with reading.",
            resources: ["secrets"],
            verbs: ["patch", "delete"],
        },
    ],
};

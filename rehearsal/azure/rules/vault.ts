import type { CheckFailure } from "../../provider/provider";
import { sameId } from "../arm/id";
import { at, type Candidate, refuse, type Rule, textAt } from "./rule";

export const vault: Rule = function* (candidate) {
    const { inputs, current } = candidate;
    const days = at(inputs, "properties", "softDeleteRetentionInDays");
    if (typeof days === "number" && (days < 7 || days > 90)) {
        yield refuse(
            "properties.softDeleteRetentionInDays",
            `\`properties.softDeleteRetentionInDays\` must be from 7 to 90, but ${days} was given.`,
            "BadRequest",
        );
    }
    const before = at(current?.inputs, "properties", "softDeleteRetentionInDays") ?? 90;
    if (current && typeof days === "number" && days !== before) {
        yield refuse(
            "properties.softDeleteRetentionInDays",
            `The property \`properties.softDeleteRetentionInDays\` has been set already and it can't be modified: it is ${String(before)}.`,
            "BadRequest",
        );
    }
    if (at(inputs, "properties", "enableSoftDelete") === false) {
        yield refuse(
            "properties.enableSoftDelete",
            "`properties.enableSoftDelete` cannot be set to false: every vault has soft delete, and for good.",
            "BadRequest",
        );
    }
    yield* purgeProtection(candidate);
    const rbac = at(inputs, "properties", "enableRbacAuthorization");
    if (rbac === undefined || rbac === false) {
        const policies = at(inputs, "properties", "accessPolicies");
        if (policies === undefined && at(inputs, "properties", "createMode") !== "recover") {
            yield refuse(
                "properties.accessPolicies",
                "The parameter `properties.accessPolicies` is not specified: without enableRbacAuthorization a vault needs a list of them, which may be empty.",
                "BadRequest",
            );
        }
    }
    yield* nameInDeletedState(candidate);
};

function* purgeProtection({ inputs, current }: Candidate): Generator<CheckFailure> {
    const given = at(inputs, "properties", "enablePurgeProtection");
    if (given === false) {
        yield refuse(
            "properties.enablePurgeProtection",
            "`properties.enablePurgeProtection` cannot be set to false: leave it out, or set it to true for good. Enabling the purge protection for a vault is an irreversible action.",
            "BadRequest",
        );
    }
    if (current && at(current.inputs, "properties", "enablePurgeProtection") === true && given !== true) {
        yield refuse(
            "properties.enablePurgeProtection",
            "`properties.enablePurgeProtection` cannot be taken back once it is on.",
            "BadRequest",
        );
    }
}

/** A deleted vault keeps its name until it is purged, which purge protection forbids until its days are over. */
function* nameInDeletedState({ inputs, id, name, current, deletedVault }: Candidate): Generator<CheckFailure> {
    if (current || !name) return;
    const deleted = deletedVault(name);
    const recover = at(inputs, "properties", "createMode") === "recover";
    if (!deleted && recover) {
        // Plausible words.
        yield refuse(
            "properties.createMode",
            `\`properties.createMode\` is recover, but there is no vault '${name}' in deleted state.`,
            "VaultNotFound",
        );
    }
    if (!deleted || (recover && id !== undefined && sameId(deleted.id, id))) return;
    const protectedToo = at(deleted.inputs, "properties", "enablePurgeProtection") === true;
    yield refuse(
        "vaultName",
        `\`vaultName\`: A vault with the same name already exists in deleted state. You need to either recover or purge existing key vault: set properties.createMode to "recover"${protectedToo ? ", since it has purge protection" : ""}. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft delete.`,
        "ConflictError",
    );
}

const SECRET_BYTES = 25_600;

/** A secret's value fits, and its name is not that of a deleted one. */
export const secret: Rule = function* ({ inputs, id, name, current, deleted }) {
    const value = textAt(inputs, "properties", "value");
    if (value !== undefined && Buffer.byteLength(value) > SECRET_BYTES) {
        yield refuse(
            "properties.value",
            `\`properties.value\` has ${Buffer.byteLength(value)} bytes: the maximum length of a secret is ${SECRET_BYTES}.`,
            "BadParameter",
        );
    }
    if (at(inputs, "properties", "value") === undefined && !current) {
        yield refuse("properties.value", "`properties.value` is missing: a secret is made with one.", "BadRequest");
    }
    const type = textAt(inputs, "properties", "contentType");
    if (type !== undefined && type.length > 255) {
        yield refuse("properties.contentType", "`properties.contentType` may have 255 characters.", "BadParameter");
    }
    if (!current && id && deleted(id)) {
        yield refuse(
            "secretName",
            `Secret ${name} (\`secretName\`) is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged.`,
            "ObjectIsDeletedButRecoverable",
        );
    }
};

import type { CheckFailure } from "../../provider/provider";
import type { Properties } from "../../provider/values";
import { zonesOf } from "./regions";
import { at, type Candidate, objectsAt, refuse, type Rule, textAt, textsAt } from "./rule";
import { within } from "./limits";

/** SKUs by kind of account (Microsoft Learn, "Storage account overview"). */
const SKUS: Record<string, RegExp> = {
    StorageV2: /^(Standard_(LRS|ZRS|GRS|RAGRS|GZRS|RAGZRS)|Premium_LRS)$/,
    BlockBlobStorage: /^Premium_(LRS|ZRS)$/,
    FileStorage: /^(Premium_(LRS|ZRS)|(Standard|Premium)V2_\w+)$/,
    BlobStorage: /^Standard_(LRS|GRS|RAGRS)$/,
    Storage: /^(Standard_(LRS|GRS|RAGRS)|Premium_LRS)$/,
};

export const storageAccount: Rule = function* ({ inputs, current, region }) {
    const kind = textAt(inputs, "kind");
    const sku = textAt(inputs, "sku", "name");
    if (kind && sku && SKUS[kind] && !SKUS[kind].test(sku)) {
        yield refuse(
            "sku.name",
            `Values for request parameters are invalid: \`sku.name\` ${sku} cannot be had for an account of kind ${kind}.`,
            "InvalidValuesForRequestParameters",
        );
    }
    if (sku && /ZRS$/.test(sku) && region && (zonesOf(region) ?? ["unknown"]).length === 0) {
        yield refuse(
            "sku.name",
            `The specified redundancy configuration \`sku.name\` '${sku}' is not available in the requested region '${region}'.`,
            "RedundancyConfigurationNotAvailableInRegion",
        );
    }
    const before = textAt(current?.inputs, "sku", "name");
    const zonal = (name: string): boolean => /ZRS$/.test(name);
    if (before && sku && zonal(before) !== zonal(sku)) {
        yield refuse(
            "sku.name",
            `Storage account type cannot be changed from ${before} to ${sku} (\`sku.name\`) by an update: zone redundancy is a conversion of its own, asked for at Azure.`,
            "StorageAccountTypeConversionNotAllowed",
        );
    }
    const kindBefore = textAt(current?.inputs, "kind");
    if (kindBefore && kind && kind !== kindBefore && kind !== "StorageV2") {
        yield refuse("kind", `\`kind\` cannot change from ${kindBefore} to ${kind}.`, "AccountPropertyCannotBeUpdated");
    }
    if (kind === "BlobStorage" && inputs.accessTier === undefined) {
        yield refuse(
            "accessTier",
            "`accessTier` is required for an account of kind BlobStorage.",
            "AccessTierRequired",
        );
    }
};

/** The account that a blob service, container, policy or website belongs to. */
function accountOf({ inputs, cloud, subscription }: Candidate): { id: string; inputs: Properties } | undefined {
    const [group, name] = [textAt(inputs, "resourceGroupName"), textAt(inputs, "accountName")];
    if (!group || !name) return undefined;
    const id = `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Storage/storageAccounts/${name}`;
    const account = cloud.inputs(id);
    return account && { id, inputs: account };
}

export const container: Rule = function* (candidate) {
    const { inputs, id, name, current, cloud } = candidate;
    const owner = accountOf(candidate);
    const account = owner?.inputs;
    if (name === "$web" && !current && owner && cloud.has(`${owner.id}/staticWebsite`)) {
        // azure-native's own words: the website brought its container along.
        yield refuse("containerName", `\`containerName\`: cannot create already existing resource '${id}'`);
    }
    const access = textAt(inputs, "publicAccess");
    // Azure takes false where nothing is said, since API version 2023-01-01.
    if (access && access !== "None" && account && account.allowBlobPublicAccess !== true) {
        yield refuse(
            "publicAccess",
            `Public access is not permitted on this storage account: \`publicAccess\` is ${access}, the account's allowBlobPublicAccess is not true.`,
            "PublicAccessNotPermitted",
        );
    }
};

/** azure-native uploads blobs with the account's key, whatever else may sign in. */
export const blob: Rule = function* (candidate) {
    if (accountOf(candidate)?.inputs.allowSharedKeyAccess === false) {
        yield refuse(
            "accountName",
            "`accountName`: Key based authentication is not permitted on this storage account, and azure-native writes blobs with the account's key.",
            "KeyBasedAuthenticationNotPermitted",
        );
    }
};

/** azure-native sets the website up as whoever deploys, not with a key. */
export const staticWebsite: Rule = function* (candidate) {
    const account = accountOf(candidate)?.inputs;
    const kind = textAt(account, "kind");
    if (kind && kind !== "StorageV2" && kind !== "BlockBlobStorage") {
        yield refuse(
            "accountName",
            `\`accountName\` is an account of kind ${kind}: a static website needs StorageV2 or BlockBlobStorage.`,
            "FeatureNotSupportedForAccount",
        );
    }
    const index = textAt(candidate.inputs, "indexDocument");
    if (index !== undefined && (index.includes("/") || index.length < 3 || index.length > 255)) {
        yield refuse(
            "indexDocument",
            `\`indexDocument\` must be 3 to 255 characters without a slash, but ${JSON.stringify(index)} was given.`,
            "InvalidXmlNodeValue",
        );
    }
};

/** How many days a container's blobs and the container itself can be had back. */
export const blobService: Rule = function* ({ inputs, name }) {
    if (name !== undefined && name !== "default")
        yield refuse("blobServicesName", '`blobServicesName` must be "default".', "InvalidResourceName");
    for (const key of ["deleteRetentionPolicy", "containerDeleteRetentionPolicy"]) {
        const policy = inputs[key];
        if (typeof policy !== "object" || policy === null || Array.isArray(policy)) continue;
        yield* within(policy, "days", 1, 365, `${key}.`);
        if (policy.enabled === true && policy.days === undefined)
            yield refuse(`${key}.days`, `\`${key}.days\` is missing: the policy is enabled.`, "InvalidXmlDocument");
    }
    const restore = at(inputs, "restorePolicy", "enabled") === true;
    const needed = ["isVersioningEnabled", "changeFeed"].filter((key) =>
        key === "changeFeed" ? at(inputs, key, "enabled") !== true : inputs[key] !== true,
    );
    if (restore && needed.length > 0)
        yield refuse(
            "restorePolicy.enabled",
            `\`restorePolicy.enabled\` needs ${needed.join(" and ")} to be on.`,
            "ConflictFeatureEnabled",
        );
};

/** A lifecycle policy: rules of different names, each with an action that the account can carry out. */
export const managementPolicy: Rule = function* (candidate) {
    const { inputs, name } = candidate;
    if (name !== undefined && name !== "default")
        yield refuse("managementPolicyName", '`managementPolicyName` must be "default".', "InvalidResourceName");
    const sku = textAt(accountOf(candidate)?.inputs, "sku", "name");
    const seen = new Set<string>();
    for (const [index, rule] of objectsAt(inputs, "policy", "rules").entries()) {
        const path = `policy.rules[${index}]`;
        const own = textAt(rule, "name");
        if (own && seen.has(own))
            yield refuse(
                `${path}.name`,
                `\`${path}.name\` ${JSON.stringify(own)} is there twice.`,
                "InvalidRequestPropertyValue",
            );
        if (own) seen.add(own);
        yield* actions(rule, path, sku);
    }
};

function* actions(rule: Properties, path: string, sku: string | undefined): Generator<CheckFailure> {
    const actions = at(rule, "definition", "actions");
    if (typeof actions !== "object" || actions === null) return;
    const kinds = ["baseBlob", "snapshot", "version"].filter((kind) => at(actions, kind) !== undefined);
    if (kinds.length === 0) {
        yield refuse(
            `${path}.definition.actions`,
            `\`${path}.definition.actions\` is empty: a rule does something to base blobs, snapshots or versions.`,
            "InvalidRequestPropertyValue",
        );
    }
    for (const kind of kinds) {
        if (sku && /ZRS$/.test(sku) && at(actions, kind, "tierToArchive") !== undefined) {
            // Plausible code: the archive tier is for LRS, GRS and RA-GRS alone.
            yield refuse(
                `${path}.definition.actions.${kind}.tierToArchive`,
                `\`${path}.definition.actions.${kind}.tierToArchive\` is not supported for an account of SKU ${sku}.`,
                "FeatureNotSupportedForAccount",
            );
        }
    }
    if (
        textsAt(rule, "definition", "filters", "blobTypes").length === 0 &&
        at(rule, "definition", "filters") !== undefined
    ) {
        const types = at(rule, "definition", "filters", "blobTypes");
        if (!Array.isArray(types) && typeof types !== "symbol")
            yield refuse(
                `${path}.definition.filters.blobTypes`,
                `\`${path}.definition.filters.blobTypes\` is missing: blockBlob, appendBlob, or both.`,
                "InvalidRequestPropertyValue",
            );
    }
}

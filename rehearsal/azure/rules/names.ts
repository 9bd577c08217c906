import { refuse, type Rule } from "./rule";

interface NameRule {
    pattern: RegExp;
    says: string;
    /** The name is one in all of Azure (or in the region), not in a resource group. */
    globally?: true;
}

const word = (least: number, most: number, extra = "._-"): NameRule => ({
    pattern: new RegExp(`^[A-Za-z0-9](?:[A-Za-z0-9${extra.replace(/[-.]/g, "\\$&")}]{0,${most - 2}}[A-Za-z0-9_])?$`),
    says: `${least} to ${most} letters, digits and ${[...extra].join(" ")}, beginning with a letter or digit and ending with one or with _`,
});

/** Azure's naming rules (Microsoft Learn, "Naming rules and restrictions for Azure resources") where schemas leave them out. */
const NAME_RULES: Record<string, NameRule> = {
    "microsoft.resources/resourcegroups": {
        pattern: /^[-\w.()]{0,89}[-\w()]$/,
        says: "1 to 90 letters, digits, and _ - . ( ), not ending with a period",
    },
    "microsoft.storage/storageaccounts": {
        pattern: /^[a-z0-9]{3,24}$/,
        says: "3 to 24 lower-case letters and digits",
        globally: true,
    },
    "microsoft.storage/storageaccounts/blobservices/containers": {
        pattern: /^(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$|^\$(web|root|logs)$/,
        says: "3 to 63 lower-case letters, digits and single dashes, neither first nor last a dash",
    },
    "microsoft.keyvault/vaults": {
        pattern: /^(?!.*--)[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]$/,
        says: "3 to 24 letters, digits and single dashes, beginning with a letter and ending with a letter or digit",
        globally: true,
    },
    "microsoft.keyvault/vaults/secrets": {
        pattern: /^[A-Za-z0-9-]{1,127}$/,
        says: "1 to 127 letters, digits and dashes",
    },
    "microsoft.keyvault/vaults/keys": { pattern: /^[A-Za-z0-9-]{1,127}$/, says: "1 to 127 letters, digits and dashes" },
    "microsoft.containerregistry/registries": {
        pattern: /^[A-Za-z0-9]{5,50}$/,
        says: "5 to 50 letters and digits",
        globally: true,
    },
    "microsoft.managedidentity/userassignedidentities": {
        pattern: /^[A-Za-z0-9][\w-]{2,127}$/,
        says: "3 to 128 letters, digits, _ and -, beginning with a letter or digit",
    },
    "microsoft.managedidentity/userassignedidentities/federatedidentitycredentials": {
        pattern: /^[A-Za-z0-9][\w-]{2,119}$/,
        says: "3 to 120 letters, digits, _ and -, beginning with a letter or digit",
    },
    "microsoft.network/virtualnetworks": { ...word(2, 64), pattern: /^[A-Za-z0-9][\w.-]{0,62}[A-Za-z0-9_]$/ },
    "microsoft.network/virtualnetworks/subnets": word(1, 80),
    "microsoft.network/networksecuritygroups": word(1, 80),
    "microsoft.network/networksecuritygroups/securityrules": word(1, 80),
    "microsoft.network/natgateways": word(1, 80),
    "microsoft.network/publicipaddresses": word(1, 80),
    "microsoft.network/publicipprefixes": word(1, 80),
    "microsoft.network/loadbalancers": word(1, 80),
    "microsoft.network/networkinterfaces": word(1, 80),
    "microsoft.network/privateendpoints": word(2, 64),
    "microsoft.network/routetables": word(1, 80),
    "microsoft.network/privatednszones": {
        pattern:
            /^(?=.{1,63}$)[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)+$/,
        says: "a DNS name of at least two labels, 63 characters at most",
    },
    "microsoft.network/privatednszones/virtualnetworklinks": word(1, 80),
    "microsoft.compute/virtualmachines": {
        pattern: /^[A-Za-z0-9]([A-Za-z0-9-]{0,62}[A-Za-z0-9])?$/,
        says: "1 to 64 letters, digits and dashes",
    },
    "microsoft.compute/virtualmachinescalesets": {
        pattern: /^[A-Za-z0-9]([A-Za-z0-9-]{0,62}[A-Za-z0-9])?$/,
        says: "1 to 64 letters, digits and dashes",
    },
    "microsoft.compute/disks": word(1, 80),
    "microsoft.compute/virtualmachines/extensions": word(1, 64),
    "microsoft.compute/virtualmachinescalesets/extensions": word(1, 64),
    "microsoft.insights/datacollectionendpoints": {
        pattern: /^[A-Za-z0-9][A-Za-z0-9-]{1,42}[A-Za-z0-9]$/,
        says: "3 to 44 letters, digits and dashes, neither first nor last a dash",
    },
    "microsoft.operationalinsights/workspaces": {
        pattern: /^[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]$/,
        says: "4 to 63 letters, digits and dashes, neither first nor last a dash",
    },
    "microsoft.dataprotection/backupvaults": {
        pattern: /^[A-Za-z][A-Za-z0-9-]{1,49}$/,
        says: "2 to 50 letters, digits and dashes, beginning with a letter",
    },
    "microsoft.authorization/roledefinitions": {
        pattern: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
        says: "a GUID",
    },
    "microsoft.authorization/roleassignments": {
        pattern: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
        says: "a GUID",
    },
};

/** A name has the length and characters that Azure asks for, and is free where it has to be the only one. */
export const names: Rule = function* ({ armType, id, name, type, current, cloud }) {
    const rule = NAME_RULES[armType];
    const property = type.nameParameter;
    if (!rule || name === undefined || !property) return;
    if (!rule.pattern.test(name)) {
        yield refuse(
            property,
            `\`${property}\` must be ${rule.says}, but ${JSON.stringify(name)} was given.`,
            "InvalidResourceName",
        );
    }
    if (!rule.globally || current) return;
    const other = cloud.list(armType).find((resource) => resource.name.toLowerCase() === name.toLowerCase());
    // The very same ID is a creation of what exists, which is refused in other words.
    if (other && other.id.toLowerCase() !== id?.toLowerCase()) {
        yield refuse(
            property,
            `The name ${JSON.stringify(name)} is taken by ${other.id}: there can be only one in all of Azure.`,
            "NameAlreadyTaken",
        );
    }
};

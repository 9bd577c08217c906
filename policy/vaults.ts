import { belongsTo } from "./belonging";
import { checklist } from "./checklist";
import { shown } from "./finding";
import { resourceRule, stackRule } from "./rule";

const item = checklist.everyDeployment;
const VAULT = "azure-native:keyvault:Vault";

const vaultsByRoles = resourceRule({
    name: "vaults-by-roles",
    item,
    title: "Roles say who may read a key vault",
    severity: "high",
    why: "With access policies whoever may change the vault gives the secrets to anybody, and they open all of it at once.",
    mend: "Set properties.enableRbacAuthorization: true, and assign a role on the vault or on one secret.",
    kinds: [VAULT],
    check({ props }, judge) {
        const given = props.properties?.enableRbacAuthorization;
        if (given === true) return;
        judge.refuse({ at: "properties.enableRbacAuthorization", given: shown(given), allowed: "true" });
    },
});

const vaultsPurgeProtected = resourceRule({
    name: "vaults-purge-protected",
    item,
    title: "What is deleted from a key vault can be brought back",
    severity: "high",
    why: "A key that is gone for good takes with it whatever it encrypts: a cluster's secrets, its snapshots, its state.",
    mend: "Set properties.enablePurgeProtection: true; soft delete is on by itself.",
    kinds: [VAULT],
    check({ props }, judge) {
        const { enablePurgeProtection, enableSoftDelete } = props.properties ?? {};
        if (enablePurgeProtection !== true) {
            judge.refuse({
                at: "properties.enablePurgeProtection",
                given: shown(enablePurgeProtection),
                allowed: "true",
            });
        }
        if (enableSoftDelete === false) {
            judge.refuse({ at: "properties.enableSoftDelete", given: "false", allowed: "true, which is the default" });
        }
    },
});

const secretVaultsPrivate = stackRule({
    name: "secret-vaults-private",
    item,
    title: "A vault with secrets for machines is not reached from the internet",
    severity: "high",
    why: "A token that was stolen from a machine opens it from anywhere, where the network could have been the second lock.",
    mend: 'Set properties.publicNetworkAccess: "Disabled" and give it a private endpoint; write its secrets through Resource Manager.',
    kind: VAULT,
    reads: ["azure-native:keyvault:Secret"],
    check(stack) {
        const secrets = stack.all("azure-native:keyvault:Secret");
        const vaults = stack
            .all(VAULT)
            .filter((vault) => secrets.some((secret) => belongsTo(vault, secret, "vaultName", "vaultName")));
        if (vaults.length === 0) stack.notConcerned("No vault here is given a secret");
        for (const vault of vaults) {
            const { publicNetworkAccess, networkAcls } = vault.props.properties ?? {};
            if (publicNetworkAccess?.toLowerCase() === "disabled" || networkAcls?.defaultAction === "Deny") continue;
            stack.refuse(vault, {
                at: "properties.publicNetworkAccess",
                given: shown(publicNetworkAccess),
                allowed: "Disabled, or networkAcls.defaultAction Deny",
            });
        }
    },
});

const privateEndpointsOnly = stackRule({
    name: "private-endpoints-only",
    item,
    title: "What has a private endpoint is reached by it only",
    severity: "high",
    why: "A private door beside an open front door keeps nobody out, and looks as if it did.",
    mend: 'Set publicNetworkAccess: "Disabled", or leave the private endpoint out where the public is meant to come in.',
    kind: "azure-native:network:PrivateEndpoint",
    reads: [VAULT, "azure-native:storage:StorageAccount"],
    check(stack) {
        const endpoints = stack.all("azure-native:network:PrivateEndpoint");
        const isBehindOne = (owner: Parameters<typeof belongsTo>[0]) =>
            endpoints.some((endpoint) => belongsTo(owner, endpoint, "privateLinkServiceConnections"));
        for (const vault of stack.all(VAULT).filter(isBehindOne)) {
            const given = vault.props.properties?.publicNetworkAccess;
            if (given?.toLowerCase() === "disabled" || vault.props.properties?.networkAcls?.defaultAction === "Deny")
                continue;
            stack.refuse(vault, { at: "properties.publicNetworkAccess", given: shown(given), allowed: "Disabled" });
        }
        for (const account of stack.all("azure-native:storage:StorageAccount").filter(isBehindOne)) {
            const given = account.props.publicNetworkAccess;
            if (given === "Disabled" || account.props.networkRuleSet?.defaultAction === "Deny") continue;
            stack.refuse(account, { at: "publicNetworkAccess", given: shown(given), allowed: "Disabled" });
        }
    },
});

export const vaults = [vaultsByRoles, vaultsPurgeProtected, secretVaultsPrivate, privateEndpointsOnly];

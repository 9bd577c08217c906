import { keyVaultChart, workloadIdentityChart } from "./charts";
import { checklist } from "./checklist";
import { shown } from "./finding";
import { isMachineHolder, machineKinds, machineOf } from "./machines";
import { eachPool, poolKinds } from "./nodePools";
import { allOf } from "./reading";
import { resourceRule } from "./rule";

const item = checklist.everyDeployment;

const workloadIdentity = resourceRule({
    name: "workload-identity",
    item,
    title: "Workloads have identities of their own, without secrets",
    severity: "high",
    why: "Without it a workload that calls Azure holds a password, or shares the node's identity with all its neighbours.",
    mend: "Set oidcIssuerProfile.enabled and securityProfile.workloadIdentity.enabled, both true.",
    kinds: ["azure-native:containerservice:ManagedCluster"],
    check({ props }, judge) {
        allOf(
            () => {
                const given = props.oidcIssuerProfile?.enabled;
                if (given !== true)
                    judge.refuse({ at: "oidcIssuerProfile.enabled", given: shown(given), allowed: "true" });
            },
            () => {
                const given = props.securityProfile?.workloadIdentity?.enabled;
                if (given === true) return;
                judge.refuse({
                    at: "securityProfile.workloadIdentity.enabled",
                    given: shown(given),
                    allowed: "true",
                });
            },
        );
    },
});

const keyVaultRotation = resourceRule({
    name: "key-vault-rotation",
    item,
    title: "Secrets come from Key Vault and are read again when they change",
    severity: "medium",
    why: "Without rotation a changed password reaches a pod when somebody remembers to restart it.",
    mend: 'Set addonProfiles.azureKeyvaultSecretsProvider: { enabled: true, config: { enableSecretRotation: "true" } }.',
    kinds: ["azure-native:containerservice:ManagedCluster"],
    check({ props }, judge) {
        const addon = secretsProvider(props.addonProfiles);
        allOf(
            () => {
                if (addon?.enabled === true) return;
                judge.refuse({
                    at: "addonProfiles.azureKeyvaultSecretsProvider.enabled",
                    given: shown(addon?.enabled),
                    allowed: "true",
                });
            },
            () => {
                const given = addon?.config?.enableSecretRotation;
                if (given === "true") return;
                judge.refuse({
                    at: "addonProfiles.azureKeyvaultSecretsProvider.config.enableSecretRotation",
                    given: shown(given),
                    allowed: '"true"',
                });
            },
        );
    },
});

/** Azure takes an add-on's name in any case. */
function secretsProvider<T>(addons: Record<string, T> | undefined): T | undefined {
    const name = Object.keys(addons ?? {}).find((name) => name.toLowerCase() === "azurekeyvaultsecretsprovider");
    return name === undefined ? undefined : addons?.[name];
}

const hostEncryption = resourceRule({
    name: "host-encryption",
    item,
    title: "Nodes' disks and caches are encrypted on their host",
    severity: "medium",
    why: "Otherwise what pods write to temporary disks and caches lies in the clear on Azure's machines.",
    mend: "Set enableEncryptionAtHost: true, of a machine securityProfile.encryptionAtHost (once a subscription: register the feature Microsoft.Compute/EncryptionAtHost).",
    kinds: [...poolKinds, ...machineKinds],
    check(holder, judge) {
        if (isMachineHolder(holder)) {
            const { machine, path } = machineOf(holder, judge);
            const given = machine.securityProfile?.encryptionAtHost;
            if (given === true) return;
            judge.refuse({ at: `${path}securityProfile.encryptionAtHost`, given: shown(given), allowed: "true" });
            return;
        }
        eachPool(holder, (pool, path) => {
            const given = pool.enableEncryptionAtHost;
            if (given !== true) {
                judge.refuse({ at: `${path}enableEncryptionAtHost`, given: shown(given), allowed: "true" });
            }
        });
    },
});

export const secrets = [workloadIdentity, workloadIdentityChart, keyVaultRotation, keyVaultChart, hostEncryption];

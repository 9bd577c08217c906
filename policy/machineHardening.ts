import { checklist } from "./checklist";
import { shown } from "./finding";
import { machineKinds, machineOf } from "./machines";
import { allOf, refers } from "./reading";
import { resourceRule } from "./rule";

const item = checklist.everyDeployment;

const machinesWithoutPasswords = resourceRule({
    name: "machines-without-passwords",
    item,
    title: "Nobody signs in to a machine with a password",
    severity: "critical",
    why: "A password is guessed, shared and found in templates; on a control plane it opens every key of the cluster.",
    mend: "Set osProfile.linuxConfiguration.disablePasswordAuthentication: true with a public key, and leave adminPassword out.",
    kinds: machineKinds,
    check(holder, judge) {
        const { machine, path } = machineOf(holder, judge);
        // A machine made of a whole disk has no profile: whatever is on the disk decides.
        const system = machine.osProfile;
        if (!system) return judge.notConcerned("It has no profile of an operating system");
        allOf(
            () => {
                if (!refers(system, "adminPassword")) return;
                judge.refuse({ at: `${path}osProfile.adminPassword`, given: "a password", allowed: "nothing" });
            },
            () => {
                const given = system.linuxConfiguration?.disablePasswordAuthentication;
                if (given === true) return;
                judge.refuse({
                    at: `${path}osProfile.linuxConfiguration.disablePasswordAuthentication`,
                    given: shown(given),
                    allowed: "true",
                });
            },
        );
    },
});

const machinesTrustedLaunch = resourceRule({
    name: "machines-trusted-launch",
    item,
    title: "Machines start nothing that is not signed",
    severity: "high",
    why: "Without secure boot and a TPM of its own, what gets into a machine's boot chain stays there unseen.",
    mend: 'Set securityProfile: { securityType: "TrustedLaunch", uefiSettings: { secureBootEnabled: true, vTpmEnabled: true } }; the image is one of generation 2.',
    kinds: machineKinds,
    check(holder, judge) {
        const { machine, path } = machineOf(holder, judge);
        const security = machine.securityProfile;
        allOf(
            () => {
                const given = security?.securityType;
                if (given === "TrustedLaunch" || given === "ConfidentialVM") return;
                judge.refuse({
                    at: `${path}securityProfile.securityType`,
                    given: shown(given),
                    allowed: "TrustedLaunch, or ConfidentialVM",
                });
            },
            ...(["secureBootEnabled", "vTpmEnabled"] as const).map((property) => () => {
                const given = security?.uefiSettings?.[property];
                if (given === true) return;
                judge.refuse({
                    at: `${path}securityProfile.uefiSettings.${property}`,
                    given: shown(given),
                    allowed: "true",
                });
            }),
        );
    },
});

const machinesBootDiagnostics = resourceRule({
    name: "machines-boot-diagnostics",
    item,
    title: "A machine's console is kept",
    severity: "medium",
    why: "What failed before a machine could be reached is written there, and nowhere else.",
    mend: "Set diagnosticsProfile: { bootDiagnostics: { enabled: true } }; Azure brings the storage.",
    kinds: machineKinds,
    check(holder, judge) {
        const { machine, path } = machineOf(holder, judge);
        const given = machine.diagnosticsProfile?.bootDiagnostics?.enabled;
        if (given === true) return;
        judge.refuse({
            at: `${path}diagnosticsProfile.bootDiagnostics.enabled`,
            given: shown(given),
            allowed: "true",
        });
    },
});

export const machineHardening = [machinesWithoutPasswords, machinesTrustedLaunch, machinesBootDiagnostics];

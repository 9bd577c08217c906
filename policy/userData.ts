import { checklist } from "./checklist";
import { leaksIn } from "./leaks";
import { machineKinds, machineOf } from "./machines";
import { filesOf, type PackedFile } from "./packedFiles";
import { allOf, each } from "./reading";
import { resourceRule, type Judge } from "./rule";

const userDataWithoutSecrets = resourceRule({
    name: "user-data-without-secrets",
    item: checklist.everyDeployment,
    title: "No secret is in what a machine is given at its start",
    severity: "critical",
    why: "Every process and pod on the machine can ask for its user data, whoever reads the resource in Azure sees it, and it stays in the state.",
    mend: "Put the secret into a Key Vault, let the machine read it there by its own identity, and change it: it is known.",
    kinds: [...machineKinds, "azure-native:compute:VirtualMachineExtension"],
    check(holder, judge) {
        if (holder.kind === "azure-native:compute:VirtualMachineExtension") {
            const settings = holder.props.settings;
            if (settings === undefined) judge.notConcerned("It has no settings in the clear");
            eachText(settings, "settings", (text, at) => refuseLeaks([{ path: "", text }], at, judge));
            return;
        }
        const { machine, path } = machineOf(holder, judge);
        allOf(
            () => refuseLeaks(filesOf(machine.userData), `${path}userData`, judge),
            () => refuseLeaks(filesOf(machine.osProfile?.customData), `${path}osProfile.customData`, judge),
        );
    },
});

/** Every text with the name that it stands under, which tells a password from other words. */
function eachText(value: unknown, at: string, visit: (text: string, at: string) => void): void {
    if (typeof value !== "object" || value === null) return visit(`${at.split(".").at(-1)}: ${String(value)}`, at);
    each(Object.keys(value), (key) => eachText((value as Record<string, unknown>)[key], `${at}.${key}`, visit));
}

function refuseLeaks(files: PackedFile[], at: string, judge: Judge): void {
    for (const { path, text } of files) {
        for (const given of leaksIn(text)) {
            judge.refuse({
                at: path ? `${path} in ${at}` : at,
                given: `what looks like ${given}`,
                allowed: "no secret",
            });
        }
    }
}

export const userData = [userDataWithoutSecrets];

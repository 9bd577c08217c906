import type { CheckFailure } from "../../provider/provider";
import type { Properties, Value } from "../../provider/values";
import { machineProfile } from "./machineProfile";
import { machineSize } from "./nodePool";
import { encodedData, operatingSystem } from "./operatingSystem";
import { at, objectsAt, refuse, type Rule, textAt } from "./rule";
import { within } from "./limits";

const PROFILE = "virtualMachineProfile";
const HEALTH = /^ApplicationHealth(Linux|Windows)$/i;

/** Codes are Azure's where the words are; limits of counts and times are from Microsoft Learn, their codes plausible. */
export const scaleSet: Rule = function* ({ inputs, current }) {
    const sizeName = textAt(inputs, "sku", "name");
    const size = sizeName ? yield* machineSize(sizeName, "sku.name", "InvalidParameter") : undefined;
    const profile = inputs[PROFILE];
    const flexible = inputs.orchestrationMode === "Flexible";
    yield* machineProfile(profile, `${PROFILE}.`, sizeName, size);
    yield* operatingSystem(at(profile, "osProfile"), `${PROFILE}.osProfile`);
    yield* encodedData(at(profile, "userData"), `${PROFILE}.userData`);
    if (!flexible) {
        if (inputs.upgradePolicy === undefined) {
            yield refuse(
                "upgradePolicy",
                "`upgradePolicy` is missing: a scale set in Uniform mode needs its mode.",
                "InvalidParameter",
            );
        }
        for (const key of ["osProfile", "storageProfile", "networkProfile"]) {
            if (typeof profile !== "symbol" && at(profile, key) === undefined)
                yield refuse(
                    `${PROFILE}.${key}`,
                    `Required parameter \`${PROFILE}.${key}\` is missing (null).`,
                    "InvalidParameter",
                );
        }
    }
    yield* computerNames(profile);
    yield* capacity(inputs, flexible);
    yield* upgrades(inputs, profile);
    yield* network(profile, flexible);
    if (current?.inputs.singlePlacementGroup === false && inputs.singlePlacementGroup === true) {
        yield refuse(
            "singlePlacementGroup",
            "Virtual Machine Scale Set `singlePlacementGroup` property cannot be updated from false to true.",
            "OperationNotAllowed",
        );
    }
};

function* computerNames(profile: Value | undefined): Generator<CheckFailure> {
    const prefix = textAt(profile, "osProfile", "computerNamePrefix");
    if (prefix !== undefined && !/^[A-Za-z0-9]([A-Za-z0-9-]{0,57})$/.test(prefix)) {
        const path = `${PROFILE}.osProfile.computerNamePrefix`;
        yield refuse(
            path,
            `\`${path}\` must be 1 to 58 letters, digits and dashes, beginning with a letter or digit, but ${JSON.stringify(prefix)} was given.`,
            "InvalidParameter",
        );
    }
}

function* capacity(inputs: Properties, flexible: boolean): Generator<CheckFailure> {
    const count = at(inputs, "sku", "capacity");
    if (typeof count !== "number") return;
    // A Uniform set is one placement group unless it says otherwise; Azure says otherwise itself where there are zones.
    const single = inputs.singlePlacementGroup === true || (inputs.singlePlacementGroup === undefined && !flexible);
    const most = single ? 100 : 1000;
    if (count < 0 || count > most) {
        yield refuse(
            "sku.capacity",
            `\`sku.capacity\` must be from 0 to ${most}, but ${count} was given.${single ? " Set singlePlacementGroup to false for up to 1000." : ""}`,
            "InvalidParameter",
        );
    }
}

function* upgrades(inputs: Properties, profile: Value | undefined): Generator<CheckFailure> {
    if (typeof profile === "symbol") return;
    const probe = at(profile, "networkProfile", "healthProbe") !== undefined;
    const extensions = at(profile, "extensionProfile");
    const application = objectsAt(extensions, "extensions").some((one) => HEALTH.test(textAt(one, "type") ?? ""));
    const unknown = typeof extensions === "symbol";
    const automatic = at(inputs, "upgradePolicy", "automaticOSUpgradePolicy", "enableAutomaticOSUpgrade") === true;
    const rolling = at(inputs, "upgradePolicy", "mode") === "Rolling";
    const repairs = at(inputs, "automaticRepairsPolicy", "enabled") === true;
    const asking: [boolean, string, string][] = [
        [rolling, "upgradePolicy.mode", "Rolling Upgrade mode is not supported"],
        [
            automatic,
            "upgradePolicy.automaticOSUpgradePolicy.enableAutomaticOSUpgrade",
            "Automatic OS Upgrade is not supported",
        ],
        [repairs, "automaticRepairsPolicy.enabled", "Automatic repairs is not supported"],
    ];
    for (const [asked, path, what] of asking) {
        if (asked && !probe && !application && !unknown) {
            yield refuse(
                path,
                `${what} for this Virtual Machine Scale Set because a health probe or health extension was not specified (\`${path}\`).`,
                "BadRequest",
            );
        }
        if (asked && probe && application) {
            yield refuse(
                path,
                `${what} for this Virtual Machine Scale Set because both a health probe and a health extension were provided (\`${path}\`). Remove the health probe or health extension.`,
                "BadRequest",
            );
        }
    }
    const policy = at(inputs, "upgradePolicy", "rollingUpgradePolicy");
    const base = "upgradePolicy.rollingUpgradePolicy.";
    if (typeof policy === "object" && policy !== null && !Array.isArray(policy)) {
        yield* within(policy, "maxBatchInstancePercent", 5, 100, base);
        yield* within(policy, "maxUnhealthyInstancePercent", 5, 100, base);
        yield* within(policy, "maxUnhealthyUpgradedInstancePercent", 0, 100, base);
        const batch = policy.maxBatchInstancePercent;
        const unhealthy = policy.maxUnhealthyInstancePercent;
        if (typeof batch === "number" && typeof unhealthy === "number" && unhealthy < batch) {
            yield refuse(
                `${base}maxUnhealthyInstancePercent`,
                `\`${base}maxUnhealthyInstancePercent\` ${unhealthy} must not be less than maxBatchInstancePercent ${batch}.`,
                "InvalidParameter",
            );
        }
        if (policy.maxSurge === true && inputs.overprovision !== false && inputs.orchestrationMode !== "Flexible") {
            yield refuse(
                `${base}maxSurge`,
                `\`${base}maxSurge\` needs overprovision to be false: Azure overprovisions where nothing is said.`,
                "InvalidParameter",
            );
        }
    }
    const grace = /^PT(\d+)M$/.exec(textAt(inputs, "automaticRepairsPolicy", "gracePeriod") ?? "");
    if (grace && (Number(grace[1]) < 10 || Number(grace[1]) > 90)) {
        yield refuse(
            "automaticRepairsPolicy.gracePeriod",
            `\`automaticRepairsPolicy.gracePeriod\` must be from PT10M to PT90M, but ${grace[0]} was given.`,
            "InvalidParameter",
        );
    }
}

function* network(profile: Value | undefined, flexible: boolean): Generator<CheckFailure> {
    const configurations = objectsAt(profile, "networkProfile", "networkInterfaceConfigurations");
    const base = `${PROFILE}.networkProfile`;
    const primary = configurations.filter((one) => one.primary === true || typeof one.primary === "symbol");
    if (configurations.length > 1 && primary.length !== 1) {
        yield refuse(
            `${base}.networkInterfaceConfigurations`,
            `\`${base}.networkInterfaceConfigurations\`: one of several must be primary.`,
            "VirtualMachineMustHaveOneNetworkInterfaceAsPrimary",
        );
    }
    if (flexible && configurations.length > 0 && at(profile, "networkProfile", "networkApiVersion") === undefined) {
        yield refuse(
            `${base}.networkApiVersion`,
            `\`${base}.networkApiVersion\` is missing: a scale set in Flexible mode needs 2020-11-01 or later.`,
            "InvalidParameter",
        );
    }
}

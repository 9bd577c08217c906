import type { CheckFailure } from "../../provider/provider";
import type { Properties } from "../../provider/values";
import { nearest } from "../../nearest";
import { within } from "./limits";
import { isOffered, minorOf, offeredMinors } from "./kubernetesVersions";
import { type Candidate, objectsAt, refuse, textAt, textsAt } from "./rule";
import { sizeOf, SIZES } from "./sizes";

/**
 * What holds for every node pool, inline in its cluster or on its own.
 *
 * @param base - `agentPoolProfiles[0].` or empty
 * @param exists - the pool is there already
 */
export function* nodePool(pool: Properties, base: string, exists: boolean): Generator<CheckFailure> {
    yield* name(pool, base);
    yield* count(pool, base, exists);
    yield* size(pool, base);
    yield* taintsAndLabels(pool, base);
    yield* upgrades(pool, base);
    yield* kubernetesVersion(pool.orchestratorVersion, `${base}orchestratorVersion`);
    if (pool.osType === "Windows" && pool.mode === "System") {
        yield refuse(`${base}osType`, `\`${base}osType\` of a system pool must be Linux.`, "InvalidParameter");
    }
    if (pool.scaleSetPriority === "Spot" && pool.mode === "System") {
        yield refuse(
            `${base}scaleSetPriority`,
            `\`${base}scaleSetPriority\`: a system pool cannot be Spot.`,
            "InvalidParameter",
        );
    }
    yield* within(pool, "maxPods", 10, 250, base);
}

function* name(pool: Properties, base: string): Generator<CheckFailure> {
    const given = textAt(pool, "name") ?? textAt(pool, "agentPoolName");
    if (given && pool.osType === "Windows" && given.length > 6) {
        const key = base ? `${base}name` : "agentPoolName";
        yield refuse(
            key,
            `\`${key}\` of a Windows pool may have 6 characters, but ${JSON.stringify(given)} has ${given.length}.`,
            "InvalidParameter",
        );
    }
}

function* count(pool: Properties, base: string, exists: boolean): Generator<CheckFailure> {
    const isSystem = pool.mode === "System";
    const { minCount, maxCount, count } = pool;
    yield* within(pool, "count", isSystem ? 1 : 0, 1000, base);
    if (pool.enableAutoScaling === true) {
        for (const key of ["minCount", "maxCount"]) {
            if (pool[key] === undefined)
                yield refuse(
                    `${base}${key}`,
                    `\`${base}${key}\` is missing: with enableAutoScaling both minCount and maxCount are needed.`,
                    "InvalidParameter",
                );
        }
        yield* within(pool, "minCount", isSystem ? 1 : 0, 1000, base);
        yield* within(pool, "maxCount", 1, 1000, base);
        if (typeof minCount === "number" && typeof maxCount === "number" && minCount > maxCount) {
            yield refuse(
                `${base}minCount`,
                `\`${base}minCount\` ${minCount} is more than maxCount ${maxCount}.`,
                "InvalidParameter",
            );
        } else if (
            // Only of a new pool: later the autoscaler brings the count into the range (Azure/AKS#1758).
            !exists &&
            typeof count === "number" &&
            ((typeof minCount === "number" && count < minCount) || (typeof maxCount === "number" && count > maxCount))
        ) {
            yield refuse(
                `${base}count`,
                `\`${base}count\` ${count} must be within minCount ${String(minCount)} and maxCount ${String(maxCount)}.`,
                "InvalidParameter",
            );
        }
    } else if (pool.enableAutoScaling === undefined || pool.enableAutoScaling === false) {
        for (const key of ["minCount", "maxCount"]) {
            if (typeof pool[key] === "number")
                yield refuse(
                    `${base}${key}`,
                    `\`${base}${key}\` cannot be given without enableAutoScaling.`,
                    "InvalidParameter",
                );
        }
    }
}

function* size(pool: Properties, base: string): Generator<CheckFailure> {
    // Without one AKS picks a size itself.
    const given = textAt(pool, "vmSize");
    if (!given) return;
    const known = yield* machineSize(given, `${base}vmSize`, "VMSizeNotSupported");
    if (!known) return;
    if (pool.mode === "System" && (known.cores < 2 || known.memoryGiB < 4)) {
        yield refuse(
            `${base}vmSize`,
            `\`${base}vmSize\` ${given} is too small for a system pool: two cores and 4 GiB are the least.`,
            "SystemPoolSkuTooLow",
        );
    }
    const wanted = typeof pool.osDiskSizeGB === "number" ? pool.osDiskSizeGB : 128;
    if (pool.osDiskType === "Ephemeral" && known.temporaryDiskGiB < wanted) {
        yield refuse(
            `${base}osDiskType`,
            `\`${base}osDiskType\` Ephemeral needs ${wanted} GiB on the machine itself; ${given} has ${known.temporaryDiskGiB}.`,
            "VMTempDiskSizeTooSmall",
        );
    }
}

/** A size that the simulation's table has. */
export function* machineSize(
    given: string,
    path: string,
    code: string,
): Generator<CheckFailure, ReturnType<typeof sizeOf>> {
    const known = sizeOf(given);
    if (!known) {
        const meant = nearest(
            given,
            SIZES.map((one) => one.name),
        );
        yield refuse(
            path,
            `\`${path}\` ${JSON.stringify(given)} is not a size that this simulation's table has (rehearsal/azure/rules/sizes.ts).${meant ? ` Did you mean "${meant}"?` : ""}`,
            code,
        );
    }
    return known;
}

function* taintsAndLabels(pool: Properties, base: string): Generator<CheckFailure> {
    for (const [index, taint] of textsAt(pool, "nodeTaints").entries()) {
        if (!/^[^=:\s]+(=[^=:\s]*)?:(NoSchedule|PreferNoSchedule|NoExecute)$/.test(taint)) {
            const path = `${base}nodeTaints[${index}]`;
            yield refuse(
                path,
                `\`${path}\` must be key=value:NoSchedule, :PreferNoSchedule or :NoExecute, but ${JSON.stringify(taint)} was given.`,
                "InvalidTaint",
            );
        }
    }
    const labels = pool.nodeLabels;
    if (typeof labels !== "object" || labels === null || Array.isArray(labels)) return;
    for (const [key, value] of Object.entries(labels)) {
        const path = `${base}nodeLabels["${key}"]`;
        if (
            /^(kubernetes\.azure\.com|[\w.-]*kubernetes\.io|[\w.-]*k8s\.io)\//.test(key) &&
            !/^node\.kubernetes\.io\//.test(key)
        ) {
            yield refuse(
                path,
                `\`${path}\`: AKS keeps labels of kubernetes.azure.com, kubernetes.io and k8s.io for itself.`,
                "LabelNotAllowed",
            );
        }
        if (typeof value === "string" && !/^([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?$/.test(value)) {
            yield refuse(
                path,
                `\`${path}\` must be a label value of 63 characters at most, but ${JSON.stringify(value)} was given.`,
                "InvalidLabelValue",
            );
        }
    }
}

function* upgrades(pool: Properties, base: string): Generator<CheckFailure> {
    const surge = textAt(pool, "upgradeSettings", "maxSurge");
    if (surge !== undefined && !/^([1-9]\d*|([1-9]\d?|100)%)$/.test(surge)) {
        const path = `${base}upgradeSettings.maxSurge`;
        yield refuse(
            path,
            `\`${path}\` must be a number such as "1" or a share such as "33%", but ${JSON.stringify(surge)} was given.`,
            "InvalidParameter",
        );
    }
    const settings = pool.upgradeSettings;
    if (typeof settings !== "object" || settings === null || Array.isArray(settings)) return;
    yield* within(settings, "drainTimeoutInMinutes", 1, 1440, `${base}upgradeSettings.`);
    yield* within(settings, "nodeSoakDurationInMinutes", 0, 30, `${base}upgradeSettings.`);
}

/** A version that AKS offers. */
export function* kubernetesVersion(value: unknown, path: string): Generator<CheckFailure> {
    if (typeof value === "string" && !isOffered(value)) {
        yield refuse(
            path,
            `\`${path}\` ${JSON.stringify(value)} is not offered: minors ${offeredMinors().join(", ")} are, by this simulation's table (rehearsal/azure/rules/kubernetesVersions.ts).`,
            "K8sVersionNotSupported",
        );
    }
}

/** Minor steps go one up at a time, never down. */
export function* versionStep(before: string | undefined, after: unknown, path: string): Generator<CheckFailure> {
    if (!before || typeof after !== "string") return;
    const [from, to] = [minorOf(before), minorOf(after)].map((minor) => Number(minor.split(".")[1]));
    if (to < from)
        yield refuse(
            path,
            `\`${path}\`: downgrading from ${before} to ${after} is not allowed.`,
            "NotAllAgentPoolOrchestratorVersionSpecifiedAndUnchanged",
        );
    if (to > from + 1)
        yield refuse(
            path,
            `\`${path}\`: upgrading from ${before} to ${after} skips a minor version; one step at a time.`,
            "OperationNotAllowed",
        );
}

/** Everything about an AgentPool that its cluster has a say in. */
export function* poolOfCluster(candidate: Candidate, cluster: Properties): Generator<CheckFailure> {
    const { inputs, current } = candidate;
    const clusterVersion = textAt(cluster, "kubernetesVersion");
    const own = textAt(inputs, "orchestratorVersion");
    if (clusterVersion && own && Number(minorOf(own).split(".")[1]) > Number(minorOf(clusterVersion).split(".")[1])) {
        yield refuse(
            "orchestratorVersion",
            `\`orchestratorVersion\` ${own} is newer than the cluster's ${clusterVersion}: the control plane goes first.`,
            "NodePoolMcVersionIncompatible",
        );
    }
    yield* versionStep(textAt(current?.inputs, "orchestratorVersion"), own, "orchestratorVersion");
    const subnet = textAt(inputs, "vnetSubnetID");
    const network = (id: string | undefined): string | undefined => id?.toLowerCase().split("/subnets/")[0];
    const others = objectsAt(cluster, "agentPoolProfiles").map((pool) => network(textAt(pool, "vnetSubnetID")));
    if (subnet && others.some((other) => other !== undefined && other !== network(subnet))) {
        yield refuse(
            "vnetSubnetID",
            "`vnetSubnetID` is in another virtual network than the cluster's other pools: all pools of a cluster share one.",
            "InvalidParameter",
        );
    }
    if (!subnet && inputs.vnetSubnetID === undefined && others.some((other) => other !== undefined)) {
        yield refuse(
            "vnetSubnetID",
            "`vnetSubnetID` is missing: the cluster's other pools have a subnet of their own network.",
            "AgentPoolMissingSubnet",
        );
    }
}

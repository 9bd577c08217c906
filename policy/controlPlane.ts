import { UnknownValueError } from "@pulumi/policy";
import { belongsTo } from "./belonging";
import { checklist } from "./checklist";
import { cardsOf, controlPlaneReads, controlPlanesOf, type ControlPlaneMachine } from "./controlPlanes";
import { shown } from "./finding";
import { tagOf } from "./machines";
import { resourceRule, stackRule, type Member, type StackJudge } from "./rule";
import { minimumZones } from "./minimumZones";

const item = checklist.controlPlane;
const VIRTUAL_MACHINE = "azure-native:compute:VirtualMachine";

const standardTier = resourceRule({
    name: "standard-tier",
    item,
    title: "A cluster's control plane is of the Standard or Premium tier",
    severity: "high",
    why: "The Free tier has no agreed availability and few replicas of the API server; Standard spreads them over the zones.",
    mend: 'Set sku: { name: "Base", tier: "Standard" }.',
    kinds: ["azure-native:containerservice:ManagedCluster"],
    check({ props }, judge) {
        const allowed = ["Standard", "Premium"];
        const tier = props.sku?.tier;
        if (allowed.includes(tier ?? "")) return;
        judge.refuse({ at: "sku.tier", given: shown(tier), allowed: allowed.join(" or ") });
    },
});

const controlPlaneMachines = stackRule({
    name: "control-plane-machines",
    item,
    title: "A self-managed control plane has an odd number of machines, three or more",
    severity: "critical",
    why: "etcd needs a majority: of two or one machine none may be lost, and a fourth adds one that can fail and no majority.",
    mend: "Make three machines, or five.",
    kind: VIRTUAL_MACHINE,
    reads: [...controlPlaneReads],
    check(stack) {
        for (const machines of controlPlanesOf(stack)) {
            if (machines.length >= 3 && machines.length % 2 === 1) continue;
            stack.refuse(machines[0], {
                at: "machines of its control plane",
                given: shown(machines.length),
                allowed: "an odd number, three or more",
            });
        }
    },
});

const controlPlaneAcrossZones = stackRule({
    name: "control-plane-across-zones",
    item,
    title: "A self-managed control plane is spread evenly over the zones",
    severity: "critical",
    why: "A zone that holds more machines than its share takes etcd's majority with it.",
    mend: "Give each machine one zone, in turn: 1, 2, 3, 1, 2.",
    config: minimumZones,
    kind: VIRTUAL_MACHINE,
    reads: [...controlPlaneReads],
    check(stack) {
        const { minimumZones } = stack.config<{ minimumZones: number }>();
        for (const machines of controlPlanesOf(stack)) {
            const nowhere = machines.filter(({ props }) => props.zones?.length !== 1);
            for (const machine of nowhere) {
                stack.refuse(machine, { at: "zones", given: shown(machine.props.zones), allowed: "one zone" });
            }
            if (nowhere.length > 0) continue;
            const byZone = new Map<string, number>();
            for (const { props } of machines) byZone.set(props.zones![0], (byZone.get(props.zones![0]) ?? 0) + 1);
            const counts = [...byZone.values()];
            const wanted = Math.min(minimumZones, machines.length);
            if (byZone.size >= wanted && Math.max(...counts) - Math.min(...counts) <= 1) continue;
            stack.refuse(machines[0], {
                at: "zones of its control plane's machines",
                given: [...byZone]
                    .map(([zone, count]) => `${count} in zone ${zone}`)
                    .sort()
                    .join(", "),
                allowed: `${wanted} zones, and never two more in one than in another`,
            });
        }
    },
});

const controlPlaneOneAtATime = stackRule({
    name: "control-plane-one-at-a-time",
    item,
    title: "No update replaces more than one machine of a control plane",
    severity: "critical",
    why: "What is replaced is no member of etcd for a while: with two of three at once its majority is gone, and with it the cluster.",
    mend: "Let one machine's generation grow in an update, and the next one's when that one has joined again.",
    kind: VIRTUAL_MACHINE,
    reads: [...controlPlaneReads, "azure-native:compute:Disk"],
    check(stack) {
        for (const machines of controlPlanesOf(stack)) {
            const replaced = machines.filter((machine) => isReplaced(machine, stack));
            if (replaced.length <= 1) continue;
            for (const machine of replaced) {
                stack.refuse(machine, {
                    at: "tags.generation",
                    given: `one of ${replaced.length} machines that this update replaces`,
                    allowed: "one machine in an update",
                });
            }
        }
    },
});

/**
 * Policies see no earlier state, and a preview shows it all the same: the name that azure-native gives out of a resource is known where that
 * resource stays, and unknown where it is to be made (pulumi-azure-native, provider.go: of an update's preview `name` and
 * `location` are stable). So a machine that is to be made while its own disk or network interface is there already is made
 * in another's place; its tag `generation` says that this is meant. Without the tag it may be what a first deployment that
 * broke off has left to make.
 */
function isReplaced(machine: ControlPlaneMachine, stack: StackJudge): boolean {
    if (isThere(machine) || !(Number(tagOf(machine.props.tags, "generation")) > 1)) return false;
    const disks = stack.all("azure-native:compute:Disk").filter((disk) => belongsTo(disk, machine, "storageProfile"));
    return [...disks, ...cardsOf(machine, stack)].some(isThere);
}

/** Of outputs, not of inputs: those are always known. */
function isThere({ resource }: Pick<Member<typeof VIRTUAL_MACHINE>, "resource">): boolean {
    try {
        return typeof resource.props.name === "string";
    } catch (error) {
        if (error instanceof UnknownValueError) return false;
        throw error;
    }
}

const etcdDisk = stackRule({
    name: "etcd-disk",
    item,
    title: "etcd has a fast disk of its own",
    severity: "high",
    why: "etcd waits for its disk at every write: behind a log or an image download on the same disk it loses its leader. A host cache may lose what was confirmed.",
    mend: "Attach a data disk of a Premium or Ultra kind to each machine, with caching None.",
    kind: VIRTUAL_MACHINE,
    reads: [...controlPlaneReads, "azure-native:compute:Disk"],
    check(stack) {
        const allDisks = stack.all("azure-native:compute:Disk");
        for (const machine of controlPlanesOf(stack).flat()) {
            const attached = machine.props.storageProfile?.dataDisks ?? [];
            const made = allDisks.filter((disk) => belongsTo(disk, machine, "storageProfile"));
            const kinds = [
                ...attached.map((disk) => disk.managedDisk?.storageAccountType),
                ...made.map((disk) => disk.props.sku?.name),
            ].filter((kind) => kind !== undefined);
            if (attached.length === 0) {
                stack.refuse(machine, { at: "storageProfile.dataDisks", given: "no disk", allowed: "one for etcd" });
                continue;
            }
            if (!attached.some(({ caching }) => caching === "None")) {
                stack.refuse(machine, {
                    at: "storageProfile.dataDisks[0].caching",
                    given: shown(attached[0].caching),
                    allowed: "None",
                });
            }
            // A disk that was made elsewhere, and is only attached here, is of a kind that nobody here knows.
            if (kinds.length > 0 && !kinds.some((kind) => /^(Premium|Ultra)/.test(kind))) {
                stack.refuse(machine, {
                    at: "its data disks' sku.name",
                    given: shown(kinds),
                    allowed: "PremiumV2_LRS, Premium_LRS, Premium_ZRS or UltraSSD_LRS",
                });
            }
        }
    },
});

export const controlPlane = [
    standardTier,
    controlPlaneMachines,
    controlPlaneAcrossZones,
    controlPlaneOneAtATime,
    etcdDisk,
];

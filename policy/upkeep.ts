import { belongsTo } from "./belonging";
import { rebootsChart } from "./charts";
import { checklist } from "./checklist";
import { shown } from "./finding";
import { refers } from "./reading";
import { resourceRule, stackRule } from "./rule";
import { scaleSetsRepaired, scaleSetsRolling } from "./scaleSets";

const item = checklist.everyDeployment;

const nodeUpgradeChannel = resourceRule({
    name: "node-upgrade-channel",
    item,
    title: "Nodes get the operating system's security fixes by themselves",
    severity: "high",
    why: "Nodes that nobody patches keep each published flaw until somebody finds the time.",
    mend: 'Set autoUpgradeProfile.nodeOSUpgradeChannel: "NodeImage" (or "SecurityPatch").',
    kinds: ["azure-native:containerservice:ManagedCluster"],
    check({ props }, judge) {
        const allowed = ["NodeImage", "SecurityPatch"];
        const given = props.autoUpgradeProfile?.nodeOSUpgradeChannel;
        if (allowed.includes(given ?? "")) return;
        judge.refuse({
            at: "autoUpgradeProfile.nodeOSUpgradeChannel",
            given: shown(given),
            allowed: allowed.join(" or "),
        });
    },
});

const maintenanceWindows = stackRule({
    name: "maintenance-windows",
    item,
    title: "Azure changes a cluster in its maintenance windows only",
    severity: "high",
    why: "Without a window Azure upgrades nodes when it likes, in the middle of the day as well.",
    mend: "Add a MaintenanceConfiguration of that name with a maintenanceWindow.",
    kind: "azure-native:containerservice:ManagedCluster",
    reads: ["azure-native:containerservice:MaintenanceConfiguration"],
    check(stack) {
        const windows = stack.all("azure-native:containerservice:MaintenanceConfiguration");
        for (const cluster of stack.all("azure-native:containerservice:ManagedCluster")) {
            const own = windows
                .filter((window) => belongsTo(cluster, window, "resourceName", "resourceName"))
                .filter((window) => refers(window.props, "maintenanceWindow"))
                .map(({ props }) => props.configName ?? (props as { name?: string }).name);
            const needed = ["aksManagedNodeOSUpgradeSchedule"];
            const channel = cluster.props.autoUpgradeProfile?.upgradeChannel;
            if (channel !== undefined && channel !== "none") needed.push("aksManagedAutoUpgradeSchedule");
            for (const name of needed.filter((name) => !own.includes(name))) {
                stack.refuse(cluster, { at: "its maintenance configurations", given: "none such", allowed: name });
            }
        }
    },
});

const imageCleaner = resourceRule({
    name: "image-cleaner",
    item,
    title: "Nodes drop images that nothing uses",
    severity: "low",
    enforcement: "advisory",
    why: "Old images fill the nodes' disks and keep flawed versions at hand.",
    mend: "Set securityProfile.imageCleaner: { enabled: true, intervalHours: 168 }.",
    kinds: ["azure-native:containerservice:ManagedCluster"],
    check({ props }, judge) {
        const given = props.securityProfile?.imageCleaner?.enabled;
        if (given === true) return;
        judge.refuse({ at: "securityProfile.imageCleaner.enabled", given: shown(given), allowed: "true" });
    },
});

export const upkeep = [
    nodeUpgradeChannel,
    rebootsChart,
    maintenanceWindows,
    imageCleaner,
    scaleSetsRepaired,
    scaleSetsRolling,
];

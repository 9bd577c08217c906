import { MaintenanceConfiguration } from "@pulumi/azure-native/containerservice/maintenanceConfiguration";
import type * as pulumi from "@pulumi/pulumi";

/** A window that comes every week. */
export interface Window {
    day: "Monday" | "Tuesday" | "Wednesday" | "Thursday" | "Friday" | "Saturday" | "Sunday";
    /** `HH:MM` in the set offset. */
    start: string;
    hours: number;
}

/** When AKS may upgrade by itself. */
export interface MaintenanceArgs {
    /** Such as `+01:00`. */
    utcOffset: string;
    /** Patch versions of Kubernetes. */
    cluster: Window;
    /** Node images. */
    nodeImage: Window;
}

/** Upgrade channels without windows upgrade whenever they please. AKS knows these two by their names. */
export function createMaintenanceWindows(
    name: string,
    args: MaintenanceArgs,
    target: { resourceGroupName: pulumi.Input<string>; clusterName: pulumi.Input<string> },
    opts: pulumi.CustomResourceOptions,
): void {
    const window = (suffix: string, configName: string, { day, start, hours }: Window) =>
        new MaintenanceConfiguration(
            `${name}-${suffix}`,
            {
                configName,
                resourceName: target.clusterName,
                resourceGroupName: target.resourceGroupName,
                maintenanceWindow: {
                    schedule: { weekly: { dayOfWeek: day, intervalWeeks: 1 } },
                    startTime: start,
                    durationHours: hours,
                    utcOffset: args.utcOffset,
                },
            },
            opts,
        );
    window("cluster-window", "aksManagedAutoUpgradeSchedule", args.cluster);
    window("node-image-window", "aksManagedNodeOSUpgradeSchedule", args.nodeImage);
}

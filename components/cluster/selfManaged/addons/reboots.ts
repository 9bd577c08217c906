import type { Release } from "@pulumi/kubernetes/helm/v3/release";
import type * as pulumi from "@pulumi/pulumi";
import type { Window } from "../../aks/maintenance";
import { charts, createRelease } from "./charts";
import { everywhere } from "./placement";

/**
 * Machines patch themselves, and restart for it one after another, drained, in the maintenance window: workers and control
 * plane alike, so that etcd never misses two.
 */
export function createReboots(
    name: string,
    args: { window: Window; utcOffset: string; drainTimeoutMinutes: number },
    opts: pulumi.CustomResourceOptions,
): Release {
    return createRelease(
        name,
        charts.reboots,
        {
            configuration: {
                ...rebootTimes(args.window, args.utcOffset),
                period: "5m",
                concurrency: 1,
                // A node that cannot be drained is let be, and tried again.
                drainTimeout: `${args.drainTimeoutMinutes}m`,
                forceReboot: false,
                // A node that did not come back holds up the others for this window, not for ever.
                lockTtl: `${args.window.hours}h`,
                lockReleaseDelay: "5m",
            },
            priorityClassName: "system-node-critical",
            ...everywhere,
        },
        opts,
    );
}

const DAYS = ["su", "mo", "tu", "we", "th", "fr", "sa"];
const DAY_NAMES = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MINUTES_OF_DAY = 24 * 60;

/**
 * The window as kured's settings, in UTC. kured asks for the day and for the time apart, so a window over midnight would be
 * open on two days at both ends: of such a one the longer part is taken.
 */
export function rebootTimes({ day, start, hours }: Window, utcOffset: string) {
    const [, sign, offsetHours, offsetMinutes] = /^([+-])(\d\d):(\d\d)$/.exec(utcOffset) ?? [];
    const offset = (sign === "-" ? -1 : 1) * (Number(offsetHours) * 60 + Number(offsetMinutes));
    const [startHours, startMinutes] = start.split(":").map(Number);
    const week = 7 * MINUTES_OF_DAY;
    const begin = (DAY_NAMES.indexOf(day) * MINUTES_OF_DAY + startHours * 60 + startMinutes - offset + week) % week;
    const end = begin + hours * 60;
    const midnight = (Math.floor(begin / MINUTES_OF_DAY) + 1) * MINUTES_OF_DAY;
    // The last minute of a day is 23:59: kured knows no 24:00.
    const before = { from: begin, to: Math.min(end, midnight - 1) };
    const after = { from: midnight, to: end };
    const { from, to } = after.to - after.from > before.to - before.from ? after : before;
    return {
        rebootDays: [DAYS[Math.floor(from / MINUTES_OF_DAY) % 7]],
        startTime: clock(from),
        endTime: clock(Math.min(to, (Math.floor(from / MINUTES_OF_DAY) + 1) * MINUTES_OF_DAY - 1)),
        timeZone: "UTC",
    };
}

function clock(minutes: number): string {
    const two = (number: number) => String(number).padStart(2, "0");
    return `${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}`;
}

import type { maintenance } from "../cluster";
import type { Problem } from "../problem";
import { type Part, problem } from "./part";

const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const HOURS_A_WEEK = 24 * 7;

/** The two windows do not overlap, over the turn of the week either. */
export function windowRules(given: Part<typeof maintenance>): Problem[] {
    if (!given) return [];
    const { cluster, nodeImage } = given;
    const start = (window: typeof cluster) => {
        const [hours, minutes] = window.start.split(":").map(Number);
        return DAYS.indexOf(window.day) * 24 + hours + minutes / 60;
    };
    const gap = (start(nodeImage) - start(cluster) + HOURS_A_WEEK) % HOURS_A_WEEK;
    const apart = gap >= cluster.hours && HOURS_A_WEEK - gap >= nodeImage.hours;
    if (apart) return [];
    return [
        problem(
            ["cluster", "maintenance", "nodeImage"],
            `${nodeImage.day} ${nodeImage.start}, ${nodeImage.hours} hours`,
            `a window apart from maintenance.cluster (${cluster.day} ${cluster.start}, ${cluster.hours} hours): the two upgrades wait for each other`,
            "move it to another day",
        ),
    ];
}

import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

const mounted = "/sys/fs/cgroup";
const hierarchies = ["cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids", "systemd"];

/** Path of a machine's control groups in every hierarchy; the region's folder names them, so that its end finds them. */
export function groupOf(machine: string): string {
    return `/${basename(process.env.MAINSTAY_REGION!)}/${machine}`;
}

/** Makes a machine's control groups, empty of what an earlier life left: the kubelet would wait for its pods' groups to go. */
export function makeGroups(machine: string): void {
    for (const hierarchy of present()) {
        const group = join(mounted, hierarchy, groupOf(machine));
        removeBelow(join(group, "kubepods"));
        mkdirSync(join(group, "system"), { recursive: true });
        if (hierarchy === "cpuset") allowAllProcessors(hierarchy, machine);
    }
}

/** A shell's words that move the shell into a machine's groups. */
export function enterGroups(machine: string): string {
    return present()
        .map((hierarchy) => `echo $$ >${join(mounted, hierarchy, groupOf(machine), "system", "cgroup.procs")}`)
        .join("; ");
}

function present(): string[] {
    return hierarchies.filter((hierarchy) => existsSync(join(mounted, hierarchy, "cgroup.procs")));
}

/** A new group of this hierarchy may use nothing until it is told what. */
function allowAllProcessors(hierarchy: string, machine: string): void {
    const [region, name] = groupOf(machine).slice(1).split("/");
    for (const file of ["cpuset.cpus", "cpuset.mems"]) {
        const all = readFileSync(join(mounted, hierarchy, file), "utf8");
        for (const group of [region, `${region}/${name}`, `${region}/${name}/system`])
            writeFileSync(join(mounted, hierarchy, group, file), all);
    }
}

function removeBelow(group: string): void {
    if (!existsSync(group)) return;
    for (const entry of readdirSync(group, { withFileTypes: true }))
        if (entry.isDirectory()) removeBelow(join(group, entry.name));
    rmdirSync(group);
}

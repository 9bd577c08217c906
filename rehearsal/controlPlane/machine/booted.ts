import { objectsAt, textAt } from "../../azure/rules/rule";
import type { Cloud, CloudResource } from "../../azure/state/cloud";
import { readJson, writeJson, type Layout } from "../folder";

/** A machine that booted, and what of it would still be there if its data were. */
export interface BootedMachine {
    id: string;
    name: string;
    /** ID and time of creation of the machine and of its data disks. */
    pieces: [string, string][];
}

/** The file `machine/booted.json`. */
export interface Booted {
    cluster: string;
    /** What the running API server was started with. */
    fingerprint: string;
    /** Port on which its API server listens, as its machines say. */
    apiPort: number;
    machines: BootedMachine[];
}

export function readBooted(place: Layout): Booted | undefined {
    return readJson<Booted>(place.booted);
}

export function writeBooted(place: Layout, booted: Booted): void {
    writeJson(place.booted, booted);
}

export function bootedMachine(cloud: Cloud, machine: CloudResource, name: string): BootedMachine {
    const disks = objectsAt(machine.inputs, "storageProfile", "dataDisks").flatMap((disk) => {
        const id = textAt(disk, "managedDisk", "id");
        const found = id === undefined ? undefined : cloud.get(id);
        return found ? [found] : [];
    });
    return {
        id: machine.id,
        name,
        pieces: [machine, ...disks].map(({ id, createdAt }): [string, string] => [id, createdAt]),
    };
}

/** Whether anything of a cluster is left: once all its machines and their disks have gone, so has its data. */
export function isLeft(cloud: Cloud, { machines }: Booted): boolean {
    return machines.some(({ pieces }) => pieces.some(([id, createdAt]) => cloud.get(id)?.createdAt === createdAt));
}

/** Those that still exist as they booted: a replaced one has to boot again. */
export function standing(cloud: Cloud, booted: Booted | undefined): BootedMachine[] {
    return (booted?.machines ?? []).filter(({ id, pieces }) => cloud.get(id)?.createdAt === pieces[0][1]);
}

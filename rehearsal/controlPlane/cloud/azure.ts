import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { NodePool } from "./nodes";

/** What the cluster's side of the cloud has to know of the simulated Azure. Its files: docs/simulated-azure.md. */
export interface Azure {
    pools: NodePool[];
    /** Groups whose members AKS lets do everything. */
    adminGroups: string[];
    hasManagedCluster: boolean;
}

interface Resource {
    id: string;
    inputs: Record<string, any>;
    outputs?: Record<string, any>;
}

const clusters = "microsoft.containerservice.managedclusters~";
const agentPools = "microsoft.containerservice.managedclusters.agentpools~";
const machines = "microsoft.compute.virtualmachines~";
const scaleSets = "microsoft.compute.virtualmachinescalesets~";

/** Changes whenever the folder's clusters, pools or machines do, or one of the other files; cheap. */
export function versionOf(azureFolder: string, ...others: string[]): string {
    return [...filesOf(azureFolder, [clusters, agentPools, machines, scaleSets]), ...others]
        .map((path) => {
            try {
                const { mtimeMs, size, ino } = statSync(path);
                return `${path} ${mtimeMs} ${size} ${ino}`;
            } catch {
                return "";
            }
        })
        .join("\n");
}

export function readAzure(azureFolder: string): Azure {
    const files = filesOf(azureFolder, [clusters, agentPools]).flatMap((path) => {
        const resource = readResource(path);
        return resource ? [{ path, resource }] : [];
    });
    const managed = files.filter(({ path }) => path.includes(clusters)).map(({ resource }) => resource);
    const own = files.filter(({ path }) => path.includes(agentPools)).map(({ resource }) => resource);
    const pools = new Map<string, NodePool>();
    for (const cluster of managed) {
        if (powerState(cluster.inputs) === "Stopped") continue;
        for (const pool of cluster.inputs.agentPoolProfiles ?? []) addPool(cluster, pool);
        for (const pool of own)
            if (lower(pool.id).startsWith(`${lower(cluster.id)}/agentpools/`))
                addPool(cluster, { ...pool.inputs, name: pool.id.slice(pool.id.lastIndexOf("/") + 1) });
    }
    return {
        pools: [...pools.values()],
        adminGroups: managed.flatMap(({ inputs }) => inputs.aadProfile?.adminGroupObjectIDs ?? []),
        hasManagedCluster: managed.length > 0,
    };

    function addPool(cluster: Resource, pool: Record<string, any>): void {
        if (powerState(pool) === "Stopped") return;
        pools.set(`${lower(cluster.id)}/${pool.name}`, {
            ...(pool as NodePool),
            clusterId: cluster.id,
            location: regionName(cluster.inputs.location ?? cluster.outputs?.location ?? "westeurope"),
            nodeResourceGroup: cluster.inputs.nodeResourceGroup ?? cluster.outputs?.nodeResourceGroup,
            kubernetesVersion: pool.orchestratorVersion ?? cluster.inputs.kubernetesVersion,
        });
    }
}

function powerState(properties: Record<string, any>): string | undefined {
    return properties.powerState?.code;
}

function lower(text: string): string {
    return text.toLowerCase();
}

/** `West Europe` → `westeurope` */
export function regionName(location: string): string {
    return location.toLowerCase().replaceAll(" ", "");
}

function filesOf(azureFolder: string, kinds: string[]): string[] {
    const resources = join(azureFolder, "resources");
    try {
        return readdirSync(resources)
            .filter((name) => kinds.some((kind) => name.startsWith(kind)))
            .map((name) => join(resources, name));
    } catch {
        return [];
    }
}

function readResource(path: string): Resource | undefined {
    try {
        return JSON.parse(readFileSync(path, "utf8")) as Resource;
    } catch {
        return undefined; // gone since the folder was listed
    }
}

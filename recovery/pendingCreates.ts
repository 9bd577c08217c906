import { type Inputs, resourceId } from "./resourceIds";

/** The parts of `pulumi stack export` that recovery reads. */
export interface Deployment {
    resources?: ResourceState[];
    pending_operations?: { type: string; resource: ResourceState }[];
}

export interface ResourceState {
    urn: string;
    type: string;
    /** False for a component, which is nothing but an entry in the state. */
    custom?: boolean;
    id?: string;
    /** An old one that its replacement has made superfluous. */
    delete?: boolean;
    inputs?: Inputs;
    outputs?: Inputs;
}

export interface Resolution {
    /** The same deployment without pending creates. */
    deployment: Deployment;
    /** Put into the state with the ID that they have if they exist; the refresh that follows drops those that do not. */
    adopted: { urn: string; id: string }[];
    /** Exist nowhere outside the state, so that the next `up` makes them anew. */
    cleared: string[];
    /** Nobody but the user can say whether these exist, and under which ID. */
    undecided: { urn: string; type: string }[];
}

/** What the state does not tell. */
export interface Facts {
    /** Where the very first resource group was being made. @default that of the resources in the state */
    subscriptionId?: string;
    /** By URN: the ID of a creation that got through; empty for one that did not. */
    ids?: Record<string, string>;
}

/**
 * Decides what becomes of the creations that a crash cut off. Each pending operation holds the whole resource but its
 * ID, parents and dependencies included, and all that it depends on had been made before it: so it may stand last.
 */
export function resolvePendingCreates(deployment: Deployment, facts: Facts = {}): Resolution {
    const operations = deployment.pending_operations ?? [];
    let resources = [...(deployment.resources ?? [])];
    const subscriptionId = facts.subscriptionId ?? subscriptionOf(resources);
    const resolution: Omit<Resolution, "deployment"> = { adopted: [], cleared: [], undecided: [] };

    for (const { type: operation, resource } of operations) {
        if (operation !== "creating") continue;
        const { urn, type } = resource;
        if (resource.custom === false) {
            if (!resources.some((other) => other.urn === urn)) resources.push(resource);
            continue;
        }
        const id = facts.ids?.[urn] ?? resourceId(type, resource.inputs ?? {}, subscriptionId);
        if (id === undefined) {
            resolution.undecided.push({ urn, type });
        } else if (!id || resources.some((other) => other.urn === urn && other.id === id)) {
            resolution.cleared.push(urn);
        } else {
            // A replacement was being made: the one that it replaces goes, as it would have.
            resources = resources.map((other) => (other.urn === urn ? { ...other, delete: true } : other));
            resources.push({ ...resource, id, outputs: resource.outputs ?? {} });
            resolution.adopted.push({ urn, id });
        }
    }
    const pending = operations.filter(({ type }) => type !== "creating");
    return { ...resolution, deployment: { ...deployment, resources, pending_operations: pending } };
}

function subscriptionOf(resources: ResourceState[]): string | undefined {
    for (const { id } of resources) {
        const subscription = /^\/subscriptions\/([^/]+)/.exec(id ?? "")?.[1];
        if (subscription) return subscription;
    }
    return undefined;
}

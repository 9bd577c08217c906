import type { Kind } from "./kinds";
import type { Named } from "./kubernetesKinds";
import { groupedBy } from "./grouping";
import { ifKnown } from "./reading";
import type { Member, StackJudge } from "./rule";

const NAMESPACE = "kubernetes:core/v1:Namespace";

/** An object of the stack. */
export type Placed = { props: Named; resource: Member<Kind>["resource"] };

/**
 * Sorts objects by the namespace that they are in; objects of which a preview does not know that are apart. Objects refer to a
 * namespace of the same program by its name, or by the resource that makes it, whose name may be unknown.
 */
export function byNamespace<T extends Placed>(
    stack: StackJudge,
    objects: readonly T[],
): { in(namespace: Placed): readonly T[]; besides(object: Placed): readonly T[]; unplaced: readonly T[] } {
    const place = placeIn(stack);
    const placed = groupedBy(objects, place);
    return {
        in: ({ resource }) => placed.get(resource.urn) ?? [],
        besides: (object) => placed.get(place(object) ?? namespaceOf(object)) ?? [],
        unplaced: placed.get(undefined) ?? [],
    };
}

/** The name of an object's namespace, as it was written; of one that is not placed that is unknown. */
export function namespaceOf({ props }: Pick<Placed, "props">): string {
    return props.metadata?.namespace ?? "default";
}

/** What tells namespaces apart: the URN of one that the stack makes, else cluster and name. */
function placeIn(stack: StackJudge): (object: Placed) => string | undefined {
    const namespaces = stack.all(NAMESPACE);
    const urns = new Set(namespaces.map(({ resource }) => resource.urn));
    const byName = new Map<string | undefined, string>();
    for (const namespace of namespaces) {
        const name = ifKnown(() => namespace.props.metadata?.name);
        if (name !== undefined) byName.set(onCluster(namespace, name), namespace.resource.urn);
    }
    return (object) => {
        const name = ifKnown(() => namespaceOf(object));
        const named = name === undefined ? undefined : onCluster(object, name);
        const made = byName.get(named);
        if (made !== undefined) return made;
        const madeFrom = object.resource.propertyDependencies.metadata?.filter(({ urn }) => urns.has(urn)) ?? [];
        return madeFrom.length === 1 ? madeFrom[0].urn : named;
    };
}

/** A program may fill two clusters: each has a provider of its own. */
function onCluster({ resource }: Placed, name: string): string {
    return `${resource.provider?.urn ?? ""} ${name}`;
}

import type { Kind } from "./kinds";
import type { Member } from "./rule";

/**
 * Whether `part` names `owner` in one of its properties. In a preview the name is mostly unknown, so first what the
 * property was made from is asked; the name itself settles it where it was written out in both.
 */
export function belongsTo(owner: Member<Kind>, part: Member<Kind>, property: string, ownersName?: string): boolean {
    const madeFrom = part.resource.propertyDependencies[property] ?? [];
    if (madeFrom.some((resource) => resource.urn === owner.resource.urn)) return true;
    if (ownersName === undefined || madeFrom.some((resource) => resource.type === owner.kind)) return false;

    const [name, wanted] = [valueOf(part, property), valueOf(owner, ownersName)];
    return name !== undefined && name === wanted;
}

function valueOf(member: Member<Kind>, property: string): unknown {
    return (member.props as Record<string, unknown>)[property];
}

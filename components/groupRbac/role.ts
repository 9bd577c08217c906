/** What a role allows, and what for. */
export interface RoleRule {
    /** Part of docs/access.md. */
    why: string;
    /** As kubectl writes them: `pods/log`, `deployments.apps`, `deployments.apps/scale`. */
    resources: string[];
    verbs: readonly Verb[];
}

/** A ClusterRole of the platform's. Kubernetes' own `view` and `edit` grow with every chart that aggregates to them: not used. */
export interface Role {
    name: string;
    /** The binding of this role, wherever there is one: what a binding refers to cannot be changed, so the two go together. */
    binding: string;
    /** Part of docs/access.md, and an annotation. */
    describes: string;
    rules: RoleRule[];
}

export type Verb = "get" | "list" | "watch" | "create" | "update" | "patch" | "delete";

export const READ: readonly Verb[] = ["get", "list", "watch"];
/** Without `deletecollection`: kubectl never asks for it, and one request would empty a namespace. */
export const WRITE: readonly Verb[] = ["create", "update", "patch", "delete"];

/** A rule as Kubernetes has it. */
export interface PolicyRule {
    apiGroups: string[];
    resources: string[];
    verbs: string[];
}

/** `deployments.apps/scale` → group `apps`, resource `deployments/scale`. */
export function splitResource(name: string): { apiGroup: string; resource: string } {
    const [kind, subresource] = name.split("/");
    const [plural, ...group] = kind.split(".");
    return { apiGroup: group.join("."), resource: subresource ? `${plural}/${subresource}` : plural };
}

/** Every rule of a role, one for each API group: Kubernetes multiplies the groups of a rule with its resources. */
export function policyRules({ rules }: Role): PolicyRule[] {
    return rules.flatMap(({ resources, verbs }) => {
        const byGroup = new Map<string, string[]>();
        for (const { apiGroup, resource } of resources.map(splitResource))
            byGroup.set(apiGroup, [...(byGroup.get(apiGroup) ?? []), resource]);
        return [...byGroup].map(([apiGroup, resources]) => ({ apiGroups: [apiGroup], resources, verbs: [...verbs] }));
    });
}

import type { Impersonation } from "./impersonation";
import type { Person } from "./people";

/** What the API server itself says that somebody may do in a namespace, all of it: `verb resource`. */
export async function rightsOf(as: Impersonation, person: Person, namespace: string): Promise<Set<string>> {
    const { code, body, message } = await as.request(
        person,
        "POST",
        "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
        { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectRulesReview", spec: { namespace } },
    );
    if (code !== 201 || body.status.incomplete || body.status.evaluationError)
        throw new Error(
            `the server does not say what ${person.name} may do: ${code} ${message} ${body.status?.evaluationError}`,
        );
    const rights = new Set<string>();
    for (const { verbs, apiGroups, resources, resourceNames } of body.status.resourceRules)
        for (const verb of verbs)
            for (const group of apiGroups)
                for (const resource of resources)
                    rights.add(`${verb} ${kubectlName(resource, group)}${resourceNames ? ` ${resourceNames}` : ""}`);
    return rights;
}

function kubectlName(resource: string, group: string): string {
    return group ? resource.replace(/^[^/]+/, (plural) => `${plural}.${group}`) : resource;
}

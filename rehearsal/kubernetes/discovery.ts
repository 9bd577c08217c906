import { ApiError, type KubernetesClient } from "./client";
import { isBuiltInGroup, type Kind } from "./kinds";

/** Where objects of a kind are found. */
export interface Resource {
    plural: string;
    namespaced: boolean;
}

/** What the API server serves, asked for once and again where something is missing. */
export class Discovery {
    private readonly known = new Map<string, Promise<Resource>>();

    constructor(private readonly client: KubernetesClient) {}

    /** `undefined` where the server knows no such kind. */
    async find(kind: Kind): Promise<Resource | undefined> {
        const key = `${kind.apiVersion}/${kind.kind}`;
        const known = this.known.get(key);
        if (known) return known;
        const list = await this.client.find(groupPath(kind));
        for (const entry of list?.resources ?? []) {
            if (entry.name.includes("/")) continue; // a subresource
            const resource = { plural: entry.name, namespaced: entry.namespaced };
            this.known.set(`${kind.apiVersion}/${entry.kind}`, Promise.resolve(resource));
        }
        return this.known.get(key);
    }

    /** @throws with what there is instead, as far as that helps */
    async resource(kind: Kind): Promise<Resource> {
        const found = await this.find(kind);
        if (found) return found;
        const groups = (await this.client.get("/apis")).groups as { name: string; versions: { version: string }[] }[];
        const versions = groups.find(({ name }) => name === kind.group)?.versions.map(({ version }) => version);
        const instead = versions
            ? `; the versions of ${kind.group} that it serves: ${versions.join(", ")}`
            : isBuiltInGroup(kind.group)
              ? ""
              : `; its CustomResourceDefinition has to exist first (dependsOn)`;
        throw new ApiError(404, {
            reason: "NotFound",
            message: `the API server knows no kind ${kind.kind} in ${kind.apiVersion}${instead}`,
        });
    }

    forget(): void {
        this.known.clear();
    }
}

export function groupPath(kind: Kind): string {
    return kind.group === "" ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
}

export function objectPath(kind: Kind, resource: Resource, name: string, namespace: string | undefined): string {
    const within = resource.namespaced ? `/namespaces/${encodeURIComponent(namespace ?? "default")}` : "";
    return `${groupPath(kind)}${within}/${resource.plural}/${encodeURIComponent(name)}`;
}

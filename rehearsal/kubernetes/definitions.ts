import { setTimeout as sleep } from "node:timers/promises";
import type { KubernetesClient } from "./client";
import { contractDefinition } from "./contracts";
import type { Discovery, Resource } from "./discovery";
import { isBuiltInGroup, type Kind } from "./kinds";
import { at, type KubernetesObject } from "./objects";

/** Marks, as field manager, definitions that the rehearsal put there because the program's charts would have. */
export const scaffolding = "mainstay-rehearsal";

const openAnnotation = "rehearsal.mainstay/definition";
const definitionsPath = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/** Definitions of custom kinds that charts bring in production, where a rehearsal renders no charts. */
export class Definitions {
    private readonly underWay = new Map<string, Promise<void>>();
    /** Kinds that something judges, by group and kind: asked once. */
    private readonly judged = new Set<string>();

    constructor(
        private readonly client: KubernetesClient,
        private readonly discovery: Discovery,
    ) {}

    /** Finds a kind; one that the server does not know gets its definition first. */
    async resource(kind: Kind): Promise<Resource> {
        const found = await this.discovery.find(kind);
        if (found || isBuiltInGroup(kind.group)) return found ?? this.discovery.resource(kind);
        const key = `${kind.apiVersion}/${kind.kind}`;
        let defining = this.underWay.get(key);
        if (!defining) {
            defining = this.define(kind);
            defining.catch(() => this.underWay.delete(key));
            this.underWay.set(key, defining);
        }
        await defining;
        return this.discovery.resource(kind);
    }

    /** Whether the kind's definition is the rehearsal's own: then nothing acts on objects of the kind. */
    async isOwn(kind: Kind, { plural }: Resource): Promise<boolean> {
        if (isBuiltInGroup(kind.group)) return false;
        const live = await this.client.findMetadata(`${definitionsPath}/${plural}.${kind.group}`);
        return live !== undefined && isScaffolding(live);
    }

    /** Whether objects of the kind are judged by no more than an open definition. */
    async isOpen(kind: Kind): Promise<boolean> {
        const key = `${kind.group}/${kind.kind}`;
        if (this.judged.has(key)) return false;
        const resource = await this.discovery.find(kind);
        if (!resource) return !contractDefinition(kind.group, kind.kind);
        const live = await this.client.findMetadata(`${definitionsPath}/${resource.plural}.${kind.group}`);
        const isOpen = at(live, "metadata", "annotations", openAnnotation) === "open";
        if (!isOpen) this.judged.add(key);
        return isOpen;
    }

    private async define(kind: Kind): Promise<void> {
        const contract = contractDefinition(kind.group, kind.kind);
        const name = contract?.name ?? `${pluralOf(kind.kind)}.${kind.group}`;
        const path = `${definitionsPath}/${name}`;
        const live = await this.client.find(path);
        // A program's own definition that lacks this version stays as it is: the server's refusal is the right answer.
        if (live && !isScaffolding(live)) return;
        const definition = contract?.yaml ?? openDefinition(kind, name, live);
        await this.client.apply(path, definition, scaffolding, { force: "true" });
        await this.waitUntilServed(kind);
    }

    /** Discovery lists a kind once its definition is established. */
    private async waitUntilServed(kind: Kind): Promise<void> {
        for (let waited = 0; waited < 20_000; waited += 50) {
            if (await this.discovery.find(kind)) return;
            await sleep(50);
        }
        throw new Error(`the definition of ${kind.kind} (${kind.apiVersion}) was not served within 20 s`);
    }
}

/** Whether a definition is one that {@link Definitions} made, which a program's own may take over. */
export function isScaffolding(definition: KubernetesObject): boolean {
    const managers: any[] = at(definition, "metadata", "managedFields") ?? [];
    const appliers = managers.filter(({ operation }) => operation === "Apply");
    return appliers.length > 0 && appliers.every(({ manager }) => manager === scaffolding);
}

/** Kinds called `Cluster…` live in no namespace, by custom; nothing else tells. */
export function openKindIsNamespaced(kind: string): boolean {
    return !/^Cluster|Clusterwide/.test(kind);
}

/** A definition that lets everything through. A further version of a kind is added to those that it has. */
function openDefinition({ group, version, kind }: Kind, name: string, live: KubernetesObject | undefined): unknown {
    const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
    const others: string[] = (at(live, "spec", "versions") ?? []).map((entry: any) => entry.name);
    const versions = [...new Set([...others, version])];
    return {
        apiVersion: "apiextensions.k8s.io/v1",
        kind: "CustomResourceDefinition",
        metadata: {
            name,
            annotations: {
                [openAnnotation]: "open",
                // Asked of definitions under *.k8s.io; this one is nobody's but the rehearsal's.
                "api-approved.kubernetes.io": "unapproved, rehearsal only",
            },
        },
        spec: {
            group,
            scope: openKindIsNamespaced(kind) ? "Namespaced" : "Cluster",
            names: { kind, plural: name.slice(0, name.indexOf(".")), singular: kind.toLowerCase() },
            versions: versions.map((each, index) => ({ name: each, served: true, storage: index === 0, schema })),
        },
    };
}

function pluralOf(kind: string): string {
    const lower = kind.toLowerCase();
    if (/(s|x|z|ch|sh)$/.test(lower)) return `${lower}es`;
    return /[^aeiou]y$/.test(lower) ? `${lower.slice(0, -1)}ies` : `${lower}s`;
}

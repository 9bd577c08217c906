import { setTimeout as sleep } from "node:timers/promises";
import { ApiError, type KubernetesClient } from "../../../rehearsal/kubernetes/client";

const FIELD_MANAGER = "connectivity";

/** Where the API server keeps the kinds that matter here. */
const collections: Record<string, (namespace: string | undefined) => string> = {
    CustomResourceDefinition: () => "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    Namespace: () => "/api/v1/namespaces",
    Pod: (namespace) => `/api/v1/${inNamespace(namespace)}pods`,
    Node: () => "/api/v1/nodes",
    EndpointSlice: (namespace) => `/apis/discovery.k8s.io/v1/${inNamespace(namespace)}endpointslices`,
    NetworkPolicy: (namespace) => `/apis/networking.k8s.io/v1/${inNamespace(namespace)}networkpolicies`,
    CiliumNetworkPolicy: (namespace) => `/apis/cilium.io/v2/${inNamespace(namespace)}ciliumnetworkpolicies`,
    CiliumNode: () => "/apis/cilium.io/v2/ciliumnodes",
    CiliumClusterwideNetworkPolicy: () => "/apis/cilium.io/v2/ciliumclusterwidenetworkpolicies",
};

function inNamespace(namespace: string | undefined): string {
    return namespace ? `namespaces/${namespace}/` : "";
}

/** Applies an object; the API server refuses fields that it does not know. */
export async function apply(client: KubernetesClient, object: any): Promise<void> {
    const path = `${collections[object.kind](object.metadata.namespace)}/${object.metadata.name}`;
    await client.apply(path, object, FIELD_MANAGER, { fieldValidation: "Strict", force: "true" });
}

/** Applies definitions, and waits until their kinds can be used. */
export async function define(client: KubernetesClient, definitions: any[]): Promise<void> {
    for (const definition of definitions) await apply(client, definition);
    for (const { spec } of definitions) {
        await eventually(() => client.get(`/apis/${spec.group}/${spec.versions[0].name}/${spec.names.plural}`));
    }
}

/** A pod of labels, such as Pod Security's `restricted` takes, on a node if one is named. Nobody runs it. */
export async function applyPod(
    client: KubernetesClient,
    namespace: string,
    name: string,
    labels: Record<string, string>,
    nodeName?: string,
): Promise<void> {
    const pod = {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name, namespace, labels },
        spec: {
            ...(nodeName && { nodeName }),
            automountServiceAccountToken: false,
            securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
            containers: [
                {
                    name: "example",
                    image: "mcr.microsoft.com/example:1",
                    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
                },
            ],
        },
    };
    // A new namespace has its service account a moment later.
    await eventually(() => apply(client, pod));
}

/** All objects of the kinds that the engines judge, as the API server holds them. */
export async function readBack(client: KubernetesClient): Promise<any[]> {
    const kinds: [kind: string, apiVersion: string][] = [
        ["Namespace", "v1"],
        ["Pod", "v1"],
        ["NetworkPolicy", "networking.k8s.io/v1"],
        ["CiliumNetworkPolicy", "cilium.io/v2"],
        ["CiliumClusterwideNetworkPolicy", "cilium.io/v2"],
    ];
    const lists = await Promise.all(
        kinds.map(async ([kind, apiVersion]) => {
            const { items } = await client.get(collections[kind](undefined));
            // Lists leave out of their items what is the same for all.
            return items.map((item: object) => ({ ...item, kind, apiVersion }));
        }),
    );
    return lists.flat();
}

/** A namespace without its service account; a kind that is not served; one whose storage is being made. */
const notYet = [403, 404, 429];

async function eventually<T>(act: () => Promise<T>): Promise<T> {
    const overdue = Date.now() + 30_000;
    for (;;) {
        try {
            return await act();
        } catch (error) {
            if (!(error instanceof ApiError) || !notYet.includes(error.code) || Date.now() > overdue) throw error;
            await sleep(100);
        }
    }
}

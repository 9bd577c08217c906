import { at, type KubernetesObject } from "../objects";
import { notReady, ready, type Look, type Verdict } from "./verdict";

/** A Service is ready when traffic to it goes somewhere and, of type LoadBalancer, when it has an address. */
export async function service(object: KubernetesObject, look: Look): Promise<Verdict> {
    const { type = "ClusterIP", clusterIP, selector } = object.spec ?? {};
    if (type === "LoadBalancer" && !hasIngressAddress(object)) return notReady("it has no load balancer's address yet");
    const targetsNothing = type === "ExternalName" || clusterIP === "None" || Object.keys(selector ?? {}).length === 0;
    if (targetsNothing) return ready;
    const { name, namespace } = object.metadata;
    if (await hasReadyEndpoint(namespace, name, look)) return ready;
    return notReady("no ready pod matches its selector");
}

/** An Ingress is ready when its controller gave it an address and each Service behind it exists and has pods. */
export async function ingress(object: KubernetesObject, look: Look): Promise<Verdict> {
    const { namespace } = object.metadata;
    const rules: any[] = at(object, "spec", "rules") ?? [];
    const backends = [
        at(object, "spec", "defaultBackend"),
        ...rules.flatMap((rule) => (at(rule, "http", "paths") ?? []).map((path: any) => path.backend)),
    ];
    for (const name of new Set(backends.map((backend) => at(backend, "service", "name")).filter(Boolean))) {
        const behind = await look.get(`/api/v1/namespaces/${namespace}/services/${name}`);
        if (!behind) return notReady(`the Service ${name} behind it does not exist`);
        const external = at(behind, "spec", "type") === "ExternalName";
        if (!external && !(await hasReadyEndpoint(namespace, name, look)))
            return notReady(`the Service ${name} behind it has no ready pods`);
    }
    return hasIngressAddress(object) ? ready : notReady("no ingress controller has given it an address");
}

function hasIngressAddress(object: KubernetesObject): boolean {
    return (at(object, "status", "loadBalancer", "ingress") ?? []).length > 0;
}

async function hasReadyEndpoint(namespace: string, service: string, look: Look): Promise<boolean> {
    const slices = await look.get(`/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`, {
        labelSelector: `kubernetes.io/service-name=${service}`,
    });
    const endpoints: any[] = (slices?.items ?? []).flatMap((slice: any) => slice.endpoints ?? []);
    return endpoints.some((endpoint) => endpoint.conditions?.ready !== false);
}

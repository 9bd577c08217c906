import { createHash } from "node:crypto";
import type { KubernetesClient } from "../../kubernetes/client";

const internalAnnotation = "service.beta.kubernetes.io/azure-load-balancer-internal";
const addressAnnotation = "service.beta.kubernetes.io/azure-load-balancer-ipv4";

/** Gives Services of type LoadBalancer, and Ingresses of any class, the address that Azure would: simulated, nothing answers there. */
export async function giveAddresses(client: KubernetesClient): Promise<void> {
    const [services, ingresses] = await Promise.all([
        client.get("/api/v1/services", { fieldSelector: "spec.type=LoadBalancer", resourceVersion: "0" }),
        client.get("/apis/networking.k8s.io/v1/ingresses", { resourceVersion: "0" }),
    ]);
    const waiting = [
        ...services.items
            .filter((service: any) => !service.spec.loadBalancerClass)
            .map((service: any) => ({
                object: service,
                path: `/api/v1/namespaces/${service.metadata.namespace}/services`,
            })),
        ...ingresses.items
            .filter((ingress: any) => ingress.spec.ingressClassName)
            .map((ingress: any) => ({
                object: ingress,
                path: `/apis/networking.k8s.io/v1/namespaces/${ingress.metadata.namespace}/ingresses`,
            })),
    ].filter(({ object }) => !object.status?.loadBalancer?.ingress?.length);
    for (const { object, path } of waiting) {
        await client.request("PATCH", `${path}/${object.metadata.name}/status`, {
            contentType: "application/merge-patch+json",
            body: { status: { loadBalancer: { ingress: [{ ip: loadBalancerAddress(object) }] } } },
        });
    }
}

/** The one asked for; else one of a range that is nobody's, or of the private one that internal balancers get. */
export function loadBalancerAddress({ metadata, spec }: any): string {
    const asked = metadata.annotations?.[addressAnnotation] ?? spec.loadBalancerIP;
    if (asked) return asked;
    const [first, second] = createHash("sha256").update(metadata.uid).digest();
    const internal = metadata.annotations?.[internalAnnotation] === "true";
    return internal ? `10.239.${first}.${second}` : `198.18.${first}.${second}`;
}
